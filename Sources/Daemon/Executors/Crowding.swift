package import CostModel
package import Wire

/// What operations that run beside each other on a device do to each other's times, by the cost
/// model.
///
/// A device tells when an operation's stream came to it and when it was done. In between it may have
/// stood behind another stream's operation that held the cores, and shared the memory. The first is
/// not the operation's time at all; by the second its time is divided before it corrects a
/// prediction, which is of an operation alone. An estimate, not a chip: the operations that ended
/// lately are looked at, in the order in which they ended.
package struct Crowding {
    private struct Span {
        var stream: UInt32
        var startedAt: Nanoseconds
        var finishedAt: Nanoseconds
        var demand: ChipDemand
    }
    private var recent: [Span] = []
    private var oldest = 0

    package init() {}

    /// Operations that are looked back at.
    private static let recentMax = 16

    /// Takes note of an operation that ran.
    ///
    /// - Returns: when it got its cores, and how many times longer than alone it took from then on.
    package mutating func noteFinished(
        stream: UInt32, from startedAt: Nanoseconds, to finishedAt: Nanoseconds,
        _ demand: ChipDemand
    ) -> (startedAt: Nanoseconds, slowdown: Double) {
        var begun = startedAt
        for other in recent where other.stream != stream && other.finishedAt > begun {
            let together = other.demand.coreShare + demand.coreShare
            guard other.demand.resource == demand.resource, together > 1.001 else { continue }
            begun = min(other.finishedAt, finishedAt)
        }
        let own = Span(stream: stream, startedAt: begun, finishedAt: finishedAt, demand: demand)
        let slowdown = slowdown(of: own)
        keep(own)
        return (begun, slowdown)
    }

    private func slowdown(of own: Span) -> Double {
        let length = own.finishedAt - own.startedAt
        guard length > 0, own.demand.memoryShare > 0 else { return 1 }
        var beside = 0.0
        for other in recent where other.stream != own.stream {
            let shared =
                min(other.finishedAt, own.finishedAt) - max(other.startedAt, own.startedAt)
            guard shared > 0 else { continue }
            beside += other.demand.memoryShare * Double(shared) / Double(length)
        }
        // Shared evenly at worst: nobody is left less than a fair part by one neighbour.
        let wanted = own.demand.memoryShare + min(beside, 1)
        return max(1, wanted)
    }

    private mutating func keep(_ span: Span) {
        guard recent.count == Self.recentMax else { return recent.append(span) }
        recent[oldest] = span
        oldest = (oldest + 1) % Self.recentMax
    }
}
