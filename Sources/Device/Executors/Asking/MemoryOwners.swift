/// Whose contents a device's memory has: what each lane (a client) was the last to be given.
///
/// A device library hands memory out as the one before left it. Memory that was another's is cleared
/// first; what a lane gave back and gets again is not, so that a program pays for its neighbours alone.
package struct MemoryOwners {
    package init() {}

    private struct Span {
        var start: UInt64
        var end: UInt64
        var owner: UInt32
    }

    /// Sorted, without overlap.
    private var spans: [Span] = []

    /// Beyond it the oldest addresses are forgotten: they count as another's then.
    private static let spansMax = 16_384

    package var spanCount: Int { spans.count }

    /// Notes that `owner` was given memory. Returns whether all of it was its own before.
    package mutating func claim(_ address: UInt64, bytes: UInt64, owner: UInt32) -> Bool {
        let (end, isOver) = address.addingReportingOverflow(bytes)
        guard !isOver else { return false }
        let first = firstIndex(endingAfter: address)
        var (last, covered, isOwn) = (first, address, true)
        while last < spans.count, spans[last].start < end {
            let span = spans[last]
            if span.owner != owner || span.start > covered { isOwn = false }
            covered = span.end
            last += 1
        }
        if isOwn, covered >= end, first < last { return true }
        replace(first..<last, with: Span(start: address, end: end, owner: owner))
        return false
    }

    /// The lane is no more: nobody has what it leaves behind.
    package mutating func forget(_ owner: UInt32) { spans.removeAll { $0.owner == owner } }

    private func firstIndex(endingAfter address: UInt64) -> Int {
        var (low, high) = (0, spans.count)
        while low < high {
            let middle = (low + high) / 2
            if spans[middle].end <= address { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Puts a span in place of those that it overlaps, of which the first and the last may reach beyond
    /// it; one with its neighbours where they are the same owner's.
    private mutating func replace(_ overlapped: Range<Int>, with span: Span) {
        var (span, range, rest) = (span, overlapped, [Span]())
        for index in overlapped {
            let other = spans[index]
            if other.owner == span.owner {
                span.start = min(span.start, other.start)
                span.end = max(span.end, other.end)
                continue
            }
            if other.start < span.start {
                rest.append(Span(start: other.start, end: span.start, owner: other.owner))
            }
            if other.end > span.end {
                rest.append(Span(start: span.end, end: other.end, owner: other.owner))
            }
        }
        join(&span, &range)
        rest.append(span)
        spans.replaceSubrange(range, with: rest.sorted { $0.start < $1.start })
        if spans.count > Self.spansMax { spans.removeFirst(spans.count - Self.spansMax) }
    }

    private func join(_ span: inout Span, _ range: inout Range<Int>) {
        if let before = range.lowerBound > 0 ? spans[range.lowerBound - 1] : nil,
            before.owner == span.owner, before.end == span.start
        {
            span.start = before.start
            range = range.lowerBound - 1..<range.upperBound
        }
        if range.upperBound < spans.count, spans[range.upperBound].owner == span.owner,
            spans[range.upperBound].start == span.end
        {
            span.end = spans[range.upperBound].end
            range = range.lowerBound..<range.upperBound + 1
        }
    }
}
