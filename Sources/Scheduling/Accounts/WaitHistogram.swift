import Wire

/// Counts durations in buckets that grow with them: four to each doubling, so a quantile is at most
/// an eighth off. Buckets of many histograms lie in one array, so that counting allocates nothing.
struct WaitHistograms {
    /// 64 ns and less are one bucket; the last bucket holds everything from about 4,400 s on.
    static let buckets = 4 * 37
    private static let shift = 6
    private var counts: ContiguousArray<UInt32> = []

    mutating func grow(to histograms: Int) {
        let missing = histograms * Self.buckets - counts.count
        if missing > 0 { counts.append(contentsOf: repeatElement(0, count: missing)) }
    }

    mutating func count(_ duration: Nanoseconds, in histogram: Int) {
        let index = histogram * Self.buckets + Self.bucket(of: duration)
        counts[index] = counts[index] == .max ? .max : counts[index] + 1
    }

    mutating func clear(_ histogram: Int) {
        let start = histogram * Self.buckets
        for index in start..<start + Self.buckets { counts[index] = 0 }
    }

    /// The duration that `percent` of those counted do not exceed; 0 when none were.
    func quantile(percent: UInt64, of histogram: Int) -> Nanoseconds {
        let slice = counts[histogram * Self.buckets..<(histogram + 1) * Self.buckets]
        let total = slice.reduce(0) { $0 + UInt64($1) }
        guard total > 0 else { return 0 }
        let rank = max(1, (total * percent + 99) / 100)
        var seen: UInt64 = 0
        for (bucket, count) in slice.enumerated() {
            seen += UInt64(count)
            if seen >= rank { return Self.middle(of: bucket) }
        }
        return Self.middle(of: Self.buckets - 1)
    }

    static func bucket(of duration: Nanoseconds) -> Int {
        let units = UInt64(max(0, duration)) >> UInt64(shift - 2)
        guard units >= 4 else { return 0 }
        // `units` is 1.xx × 2^exponent: the exponent and the two bits behind its first.
        let exponent = 63 - units.leadingZeroBitCount
        let fraction = Int((units >> UInt64(exponent - 2)) & 3)
        return min(buckets - 1, (exponent - 2) * 4 + fraction + 1)
    }

    static func middle(of bucket: Int) -> Nanoseconds {
        guard bucket > 0 else { return 0 }
        let exponent = (bucket - 1) / 4
        let low = Nanoseconds(4 + (bucket - 1) % 4) << Nanoseconds(exponent + shift - 2)
        return low + (Nanoseconds(1) << Nanoseconds(exponent + shift - 2)) / 2
    }
}
