/// Compares what two traces did. Time, addresses, handles, process numbers, how often something
/// was asked for, and how threads were interleaved are no differences.
package struct TraceDiff {
    /// Compares; both readers must have the same table.
    package static func compare(
        _ before: TraceReader, _ after: TraceReader
    ) throws(TraceError) -> Report {
        let symbols = SymbolTable()
        let a = try TraceStructure(before, symbols: symbols)
        let b = try TraceStructure(after, symbols: symbols)
        var comparison = Comparison(symbols: symbols)
        comparison.run(a, b)
        var notes = comparison.notes
        for (name, structure) in [("first", a), ("second", b)] {
            for damage in structure.damages {
                notes.append("the \(name) trace is incomplete: \(damage)")
            }
            if structure.lost > 0 {
                notes.append(
                    "the \(name) trace lost \(structure.lost) records: some of the differences "
                        + "may be holes in it")
            }
        }
        var folding = GroupFolding(comparison.groups)
        let groups = comparison.wholes + folding.folded() + comparison.targets
        return Report(
            differences: groups.reduce(0) { $0 + $1.differences }, groups: groups,
            timing: TimingComparison.compare(a.timing, b.timing, symbols), notes: notes,
            callsBefore: a.calls, callsAfter: b.calls)
    }
}

/// Goes through the clients and threads of two traces.
struct Comparison {
    private(set) var groups: ChangeGroups
    /// Clients and threads without counterpart.
    private(set) var wholes: [TraceDiff.Group] = []
    private(set) var targets: [TraceDiff.Group] = []
    private(set) var notes: [String] = []
    private let symbols: SymbolTable

    init(symbols: SymbolTable) {
        self.symbols = symbols
        groups = ChangeGroups(symbols: symbols)
    }

    mutating func run(_ a: TraceStructure, _ b: TraceStructure) {
        let pairs = Counterparts.clients(a.clients, b.clients)
        for (mine, its) in pairs {
            switch (mine, its) {
            case (let mine?, let its?): compare(a.clients[mine], b.clients[its])
            case (let mine?, nil):
                let client = a.clients[mine]
                addWhole(.client, "program \(client.title)", "first", client.calls)
            case (nil, let its?):
                let client = b.clients[its]
                addWhole(.client, "program \(client.title)", "second", client.calls)
            case (nil, nil): break
            }
        }
    }

    private mutating func addWhole(
        _ kind: TraceDiff.Group.Kind, _ what: String, _ trace: String, _ calls: Int
    ) {
        wholes.append(
            TraceDiff.Group(
                kind: kind, title: "\(what): only in the \(trace) trace, \(calls) calls", parts: [],
                occurrences: 1, differences: 1, places: []))
    }

    private mutating func compare(_ a: ClientStructure, _ b: ClientStructure) {
        var operands = OperandComparison(a, b, symbols: symbols)
        for (mine, its) in Counterparts.threads(a.threads, b.threads) {
            switch (mine, its) {
            case (let mine?, let its?):
                let alignment = Alignment(a.threads[mine], b.threads[its], symbols: symbols)
                groups.add(
                    alignment.units(symbols), alignment, client: a.title, thread: mine + 1)
                operands.add(alignment, thread: mine + 1)
            case (let mine?, nil):
                addWhole(
                    .thread, "thread \(mine + 1) of \(a.title)", "first", a.threads[mine].count)
            case (nil, let its?):
                addWhole(
                    .thread, "thread \(its + 1) of \(b.title)", "second", b.threads[its].count)
            case (nil, nil): break
            }
        }
        let found = operands.finished()
        targets += found.groups
        notes += found.notes
    }
}
