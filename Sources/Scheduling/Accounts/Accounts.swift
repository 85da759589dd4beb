import Wire

/// What each client used, by phase. Indexed by the order graph's client slots, so a count is an
/// addition.
struct Accounts {
    private struct Entry {
        var operations: UInt64 = 0
        var queued = 0
        var busyNanoseconds: Nanoseconds = 0
        var waitedNanoseconds: Nanoseconds = 0
    }
    private static let phases = Phase.allCases.count
    private var entries: ContiguousArray<Entry> = []
    private var histograms = WaitHistograms()

    mutating func open(_ client: Int) {
        let end = (client + 1) * Self.phases
        while entries.count < end { entries.append(Entry()) }
        histograms.grow(to: end)
        for index in client * Self.phases..<end {
            entries[index] = Entry()
            histograms.clear(index)
        }
    }

    mutating func queued(_ client: Int, _ phase: Phase) {
        entries[index(client, phase)].queued += 1
    }

    mutating func dropped(_ client: Int, _ phase: Phase) {
        entries[index(client, phase)].queued -= 1
    }

    mutating func dispatched(_ client: Int, _ phase: Phase, waited: Nanoseconds) {
        let index = index(client, phase)
        entries[index].queued -= 1
        entries[index].waitedNanoseconds += waited
        histograms.count(waited, in: index)
    }

    mutating func finished(_ client: Int, _ phase: Phase, busy: Nanoseconds) {
        let index = index(client, phase)
        entries[index].operations += 1
        entries[index].busyNanoseconds += busy
    }

    /// The client's phases that had anything, in the order of `Phase`.
    func phases(of client: Int) -> [PhaseAccount] {
        Phase.allCases.compactMap { phase in
            let index = index(client, phase)
            let entry = entries[index]
            guard entry.operations > 0 || entry.queued > 0 else { return nil }
            return PhaseAccount(
                phase: phase, operations: entry.operations, queued: entry.queued,
                busyNanoseconds: entry.busyNanoseconds, waitedNanoseconds: entry.waitedNanoseconds,
                waitedP50Nanoseconds: histograms.quantile(percent: 50, of: index),
                waitedP99Nanoseconds: histograms.quantile(percent: 99, of: index))
        }
    }

    private func index(_ client: Int, _ phase: Phase) -> Int {
        client * Self.phases + Int(phase.rawValue)
    }
}
