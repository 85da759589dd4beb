/// How late the machine made completions that the chip had a time for.
///
/// Kept as a histogram of powers of √2, so that a percentile is right within 42 % upwards.
package struct Lateness: Sendable {
    private var counts = [UInt64](repeating: 0, count: Lateness.bucketCount)
    package private(set) var count: UInt64 = 0
    package private(set) var maxNanoseconds: UInt64 = 0
    private var firstSubmission: UInt64 = .max
    private var lastCompletion: UInt64 = 0

    private static let bucketCount = 128
    /// A run is invalid where one completion was later than this share of its makespan.
    package static let shareMax = 0.02

    package init() {}

    package mutating func noteSubmission(at time: UInt64) {
        firstSubmission = min(firstSubmission, time)
    }

    /// The chip finished something, which nobody need have waited for.
    package mutating func noteEnd(at time: UInt64) { lastCompletion = max(lastCompletion, time) }

    /// Something was done at `time` that the chip had finished at `due`.
    package mutating func noteCompletion(due: UInt64, at time: UInt64) {
        let late = time > due ? time - due : 0
        counts[Self.bucket(of: late)] += 1
        count += 1
        maxNanoseconds = max(maxNanoseconds, late)
        lastCompletion = max(lastCompletion, max(due, time))
    }

    /// From the first submission to the last thing that was complete.
    package var makespanNanoseconds: UInt64 {
        lastCompletion > firstSubmission ? lastCompletion - firstSubmission : 0
    }

    /// Whether the run shows the chip's time, and not the machine's.
    package var isValid: Bool {
        Double(maxNanoseconds) <= Double(makespanNanoseconds) * Self.shareMax
    }

    /// At most this much for `share` of the completions.
    package func percentile(_ share: Double) -> UInt64 {
        var left = UInt64((Double(count) * share).rounded(.up))
        for (bucket, number) in counts.enumerated() {
            if number >= left { return min(Self.upperBound(of: bucket), maxNanoseconds) }
            left -= number
        }
        return maxNanoseconds
    }

    /// Two buckets for each power of two.
    private static func bucket(of nanoseconds: UInt64) -> Int {
        guard nanoseconds > 0 else { return 0 }
        let power = 63 - nanoseconds.leadingZeroBitCount
        let isUpper = power > 0 && nanoseconds >= (UInt64(3) << UInt64(power - 1))
        return min(1 + power * 2 + (isUpper ? 1 : 0), bucketCount - 1)
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        guard bucket > 0 else { return 0 }
        let power = UInt64((bucket - 1) / 2)
        guard power < 62 else { return .max }
        return (bucket - 1) % 2 == 1
            ? (UInt64(1) << (power + 1)) - 1 : (UInt64(3) << power) / 2
    }
}
