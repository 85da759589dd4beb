package import Wire

/// Counts durations by size: 32 steps to a doubling, so a quantile is exact to 3 %.
package struct DurationHistogram: Sendable, Equatable {
    package private(set) var count: UInt64 = 0
    package private(set) var totalNanoseconds: Nanoseconds = 0
    package private(set) var maximumNanoseconds: Nanoseconds = 0
    private var buckets: [UInt32] = []

    package init() {}

    package mutating func add(_ nanoseconds: Nanoseconds) {
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

    package var meanNanoseconds: Nanoseconds {
        count == 0 ? 0 : totalNanoseconds / Nanoseconds(count)
    }

    /// The duration that `share` (0 to 1) of all do not exceed.
    package func quantile(_ share: Double) -> Nanoseconds {
        guard count > 0 else { return 0 }
        let wanted = max(1, UInt64((share * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, number) in buckets.enumerated() {
            seen += UInt64(number)
            if seen >= wanted { return min(Self.upper(index), maximumNanoseconds) }
        }
        return maximumNanoseconds
    }

    private static func bucket(_ value: UInt64) -> Int {
        guard value >= 64 else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        return (octave - 5) * 32 + Int(truncatingIfNeeded: value >> UInt64(octave - 5))
    }

    /// The largest duration of a bucket.
    private static func upper(_ index: Int) -> Nanoseconds {
        guard index >= 64 else { return Nanoseconds(index) }
        let octave = index / 32 - 1 + 5
        let mantissa = UInt64(index % 32 + 32)
        let next = (mantissa + 1) << UInt64(octave - 5)
        return Nanoseconds(truncatingIfNeeded: next - 1)
    }
}

/// Durations by function: of calls as the program saw them, of operations as the device did.
struct FunctionTimes {
    private(set) var calls: [DurationHistogram] = []
    private(set) var operations: [DurationHistogram] = []

    mutating func add(_ function: Int, _ duration: Nanoseconds, isOperation: Bool) {
        while calls.count <= function {
            calls.append(DurationHistogram())
            operations.append(DurationHistogram())
        }
        if isOperation { operations[function].add(duration) } else { calls[function].add(duration) }
    }

    mutating func merge(_ other: FunctionTimes) {
        while calls.count < other.calls.count {
            calls.append(DurationHistogram())
            operations.append(DurationHistogram())
        }
        for index in other.calls.indices {
            calls[index].merge(other.calls[index])
            operations[index].merge(other.operations[index])
        }
    }
}
