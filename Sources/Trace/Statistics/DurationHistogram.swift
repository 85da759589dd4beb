import Wire

/// Counts durations by size: 32 steps to a doubling, so a quantile is exact to 3 %.
package struct DurationHistogram: Sendable, Equatable {
    package private(set) var count: UInt64 = 0
    package private(set) var totalNanoseconds: Int64 = 0
    package private(set) var maximumNanoseconds: Int64 = 0
    private var buckets: [UInt32] = []

    package init() {}

    init(buckets: ArraySlice<UInt32>, totalNanoseconds: Int64, maximumNanoseconds: Int64) {
        self.buckets = Array(buckets)
        self.totalNanoseconds = totalNanoseconds
        self.maximumNanoseconds = maximumNanoseconds
        count = buckets.reduce(0) { $0 + UInt64($1) }
    }

    package mutating func add(_ nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        let index = Self.bucket(UInt64(value))
        if index >= buckets.count {
            buckets.append(contentsOf: repeatElement(0, count: index + 1 - buckets.count))
        }
        buckets[index] &+= 1
        count += 1
        totalNanoseconds &+= value
        if value > maximumNanoseconds { maximumNanoseconds = value }
    }

    package mutating func merge(_ other: DurationHistogram) {
        if other.buckets.count > buckets.count {
            buckets.append(
                contentsOf: repeatElement(0, count: other.buckets.count - buckets.count))
        }
        for index in other.buckets.indices { buckets[index] &+= other.buckets[index] }
        count += other.count
        totalNanoseconds &+= other.totalNanoseconds
        maximumNanoseconds = max(maximumNanoseconds, other.maximumNanoseconds)
    }

    package var meanNanoseconds: Int64 { count == 0 ? 0 : totalNanoseconds / Int64(count) }

    /// The duration that `share` (0 to 1) of all do not exceed.
    package func quantile(_ share: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let wanted = max(1, UInt64((share * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, number) in buckets.enumerated() {
            seen += UInt64(number)
            if seen >= wanted { return min(Self.upper(index), maximumNanoseconds) }
        }
        return maximumNanoseconds
    }

    /// Buckets that there are.
    static let bucketCount = 60 * 32

    static func bucket(_ value: UInt64) -> Int {
        guard value >= 64 else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        return (octave - 5) * 32 + Int(truncatingIfNeeded: value >> UInt64(octave - 5))
    }

    /// The largest duration of a bucket.
    private static func upper(_ index: Int) -> Int64 {
        guard index >= 64 else { return Int64(index) }
        let octave = index / 32 - 1 + 5
        let mantissa = UInt64(index % 32 + 32)
        let next = (mantissa + 1) << UInt64(octave - 5)
        return Int64(truncatingIfNeeded: next &- 1)
    }
}

/// Durations by function: of calls as the program saw them, of operations as the device did. All
/// buckets are in one array, since two are counted for every call.
struct FunctionTimes {
    private var buckets: [UInt32] = []
    private var totals: [Int64] = []
    private var maxima: [Int64] = []

    @inline(__always)
    mutating func add(_ function: Int, _ duration: Nanoseconds, isOperation: Bool) {
        let row = function * 2 + (isOperation ? 1 : 0)
        if row >= totals.count { grow(to: function) }
        let value = max(0, duration)
        buckets[row * DurationHistogram.bucketCount + DurationHistogram.bucket(UInt64(value))] &+= 1
        totals[row] &+= value
        if value > maxima[row] { maxima[row] = value }
    }

    func calls(_ function: Int) -> DurationHistogram { histogram(function * 2) }

    func operations(_ function: Int) -> DurationHistogram { histogram(function * 2 + 1) }

    mutating func merge(_ other: FunctionTimes) {
        if other.totals.count > totals.count { grow(to: other.totals.count / 2 - 1) }
        for index in other.buckets.indices { buckets[index] &+= other.buckets[index] }
        for row in other.totals.indices {
            totals[row] &+= other.totals[row]
            maxima[row] = max(maxima[row], other.maxima[row])
        }
    }

    private func histogram(_ row: Int) -> DurationHistogram {
        guard row < totals.count else { return DurationHistogram() }
        let start = row * DurationHistogram.bucketCount
        return DurationHistogram(
            buckets: buckets[start..<start + DurationHistogram.bucketCount],
            totalNanoseconds: totals[row], maximumNanoseconds: maxima[row])
    }

    private mutating func grow(to function: Int) {
        let rows = (function + 1) * 2
        let missing = rows - totals.count
        totals.append(contentsOf: repeatElement(0, count: missing))
        maxima.append(contentsOf: repeatElement(0, count: missing))
        buckets.append(
            contentsOf: repeatElement(0, count: missing * DurationHistogram.bucketCount))
    }
}
