package import Wire

/// Something that happened on a chip, in the order in which it happened.
package enum ChipOutcome: Sendable, Equatable {
    /// `cores` is what it starts with; it may take more.
    case started(tag: UInt64, at: Nanoseconds, cores: Int)
    /// `aloneNanoseconds` is what it would have taken with all its cores and no neighbour:
    /// (`at` − `startedAt`) ÷ that is its slowdown.
    case finished(
        tag: UInt64, startedAt: Nanoseconds, at: Nanoseconds, coreNanoseconds: Double,
        aloneNanoseconds: Double)
    case reached(mark: UInt64, at: Nanoseconds)
}

/// A stream of a chip.
package struct ChipStream: Sendable, Hashable {
    let index: Int32
    /// Tells a stream from the one that had its place before.
    let generation: UInt32
}

/// What a chip did so far, for utilisation figures.
package struct ChipBusy: Sendable, Equatable {
    /// Cores × time held, whether they computed or waited for memory.
    package var cubeCoreNanoseconds = 0.0
    package var vectorCoreNanoseconds = 0.0
    package var hbmBytes = 0.0
    package var linkBytes = 0.0

    package init() {}
}

/// Outcomes that nobody took yet. The owner takes them after each step.
struct OutcomeQueue: Sendable {
    private var outcomes: ContiguousArray<ChipOutcome> = []
    private var taken = 0

    mutating func append(_ outcome: ChipOutcome) { outcomes.append(outcome) }

    mutating func takeFirst() -> ChipOutcome? {
        guard taken < outcomes.count else { return nil }
        let outcome = outcomes[taken]
        taken += 1
        if taken == outcomes.count {
            outcomes.removeAll(keepingCapacity: true)
            taken = 0
        }
        return outcome
    }
}
