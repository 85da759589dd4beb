/// Reads a trace and writes its loops once: how much of it is repetition.
package struct TraceFold: Codable, Sendable, Equatable {
    /// Calls that were read.
    package var calls: Int
    /// What is left when every loop is written once.
    package var steps: Int
    package var threads: Int

    package static func run(_ reader: TraceReader) throws(TraceError) -> TraceFold {
        let structure = try TraceStructure(reader, symbols: SymbolTable())
        var fold = TraceFold(calls: structure.calls, steps: 0, threads: 0)
        for client in structure.clients {
            for thread in client.threads {
                fold.steps += FoldedSequence(thread.symbols).steps.reduce(0) { $0 + size($1) }
                fold.threads += 1
            }
        }
        return fold
    }

    private static func size(_ step: FoldedSequence.Step) -> Int {
        switch step {
        case .symbol: 1
        case .loop(let body, _): body.reduce(0) { $0 + size($1) }
        }
    }
}
