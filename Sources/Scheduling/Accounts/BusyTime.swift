package import Wire

/// How long a device was busy: time in which several operations ran counts once.
///
/// Operations may be reported in any order, so the idle gaps between them are kept for a while: a
/// late report may still fill one. Past `gapsMax` the oldest gap stays idle for good.
package struct BusyTime {
    package private(set) var nanoseconds: Nanoseconds = 0
    /// The latest end of an operation.
    private var end = Nanoseconds.min
    /// Gaps before `end`, the oldest first; none touch.
    private var gaps: [Range<Nanoseconds>] = []

    /// A device reports what overlaps within a few batches of operations.
    private static let gapsMax = 64

    package init() {}

    /// Something ran from one time to another.
    package mutating func add(_ startedAt: Nanoseconds, _ finishedAt: Nanoseconds) {
        guard finishedAt > startedAt else { return }
        if startedAt < end { fillGaps(startedAt, min(finishedAt, end)) }
        guard finishedAt > end else { return }
        if startedAt > end { openGap(end..<startedAt) }
        nanoseconds += finishedAt - max(startedAt, end)
        end = finishedAt
    }

    private mutating func openGap(_ gap: Range<Nanoseconds>) {
        if gaps.count == Self.gapsMax { gaps.removeFirst() }
        gaps.append(gap)
    }

    private mutating func fillGaps(_ from: Nanoseconds, _ until: Nanoseconds) {
        // The last gaps are those that may still be filled; most reports fill none.
        var index = gaps.count - 1
        while index >= 0, gaps[index].upperBound > from {
            let gap = gaps[index]
            let filled = gap.clamped(to: from..<until)
            if !filled.isEmpty {
                nanoseconds += filled.upperBound - filled.lowerBound
                let left = [
                    gap.lowerBound..<filled.lowerBound, filled.upperBound..<gap.upperBound,
                ]
                gaps.replaceSubrange(index...index, with: left.filter { !$0.isEmpty })
            }
            index -= 1
        }
        if gaps.count > Self.gapsMax { gaps.removeFirst(gaps.count - Self.gapsMax) }
    }
}
