import AscendCL
import Testing
import Trace
import Wire

/// Applies edits to a program, far from one another. Returns the program and how many there are.
private func edited(
    _ events: [TraceEvent], edits: Int, _ random: inout SeededGenerator
) -> [TraceEvent] {
    let calls = events.indices.filter { if case .call = events[$0] { true } else { false } }
    let stretch = (calls.count - 40) / edits
    var places: [Int] = []
    for edit in 0..<edits {
        let within = Int.random(in: 15..<(stretch - 15), using: &random)
        places.append(calls[20 + edit * stretch + within])
    }
    var result = events
    for (number, place) in places.enumerated().reversed() {
        guard case .call(var call) = result[place] else { continue }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: result.remove(at: place)
        case 1: result.insert(.call(call), at: place)
        case 2:
            // The same function with an argument that no other call has.
            call.signature = 0
            call.values = []
            call.words = [UInt64(number + 1000), 1]
            result[place] = .call(call)
        default:
            call.function = testTable.function(named: "aclrtMemcpyAsync")?.id ?? call.function
            call.signature = 0
            call.values = []
            call.words = [1, UInt64(number), 1, UInt64(number), 0, 5]
            result[place] = .call(call)
        }
    }
    return result
}

@Suite("Comparing edited traces")
struct DiffPropertyTests {
    @Test("Scattered edits are all found, and nothing else", arguments: UInt64(1)...12)
    func scattered(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let layers = Int.random(in: 2...5, using: &random)
        let program = trainingProgram(steps: 600, layers: layers).events
        let edits = Int.random(in: 1...60, using: &random)
        let changed = edited(program, edits: edits, &random)
        #expect(try diff(program, changed).differences == edits, "seed \(seed)")
        #expect(try diff(changed, program).differences == edits, "seed \(seed), backwards")
    }

    /// The length of the longest common subsequence, by the plain table.
    private func longest(_ a: [UInt32], _ b: [UInt32]) -> Int {
        var row = [Int](repeating: 0, count: b.count + 1)
        for x in a {
            var diagonal = 0
            for (index, y) in b.enumerated() {
                let above = row[index + 1]
                row[index + 1] = x == y ? diagonal + 1 : max(above, row[index])
                diagonal = above
            }
        }
        return row[b.count]
    }

    @Test("What two sequences have in common is found, and is the most", arguments: UInt64(1)...200)
    func sequences(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let letters = UInt32.random(in: 1...6, using: &random)
        func sequence() -> [UInt32] {
            (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt32.random(in: 0..<letters, using: &random)
            }
        }
        let a = sequence()
        let b = sequence()
        let partners = SequenceDiff.partners(a, b)
        var last = -1
        var count = 0
        for (index, partner) in partners.enumerated() where partner >= 0 {
            #expect(a[index] == b[Int(partner)], "seed \(seed)")
            #expect(Int(partner) > last, "seed \(seed)")
            last = Int(partner)
            count += 1
        }
        #expect(count == longest(a, b), "seed \(seed): \(a) \(b)")
    }

    @Test("Folding and writing out gives the sequence back", arguments: UInt64(1)...100)
    func folding(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func sequence(_ depth: Int) -> [UInt32] {
            var symbols: [UInt32] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                if depth > 0, Bool.random(using: &random) {
                    let body = sequence(depth - 1)
                    for _ in 0..<Int.random(in: 1...6, using: &random) { symbols += body }
                } else {
                    symbols.append(UInt32.random(in: 0...5, using: &random))
                }
            }
            return symbols
        }
        let symbols = sequence(4)
        func expand(_ step: FoldedSequence.Step) -> [UInt32] {
            switch step {
            case .symbol(let symbol): [symbol]
            case .loop(let body, let count):
                Array(repeatElement(body.flatMap(expand), count: count).joined())
            }
        }
        let folded = FoldedSequence(symbols)
        #expect(folded.steps.flatMap(expand) == symbols, "seed \(seed)")
        #expect(folded.steps.reduce(0) { $0 + $1.length } == symbols.count)
    }

    @Test("Loops in loops are folded")
    func nested() throws {
        let inner: [UInt32] = [1, 2, 1, 2, 1, 2, 3]
        let folded = FoldedSequence([9] + inner + inner + inner + [8])
        #expect(
            folded.steps == [
                .symbol(9),
                .loop([.loop([.symbol(1), .symbol(2)], count: 3), .symbol(3)], count: 3),
                .symbol(8),
            ])
        let reader = try TraceReader(
            source: try written(trainingProgram(steps: 500, layers: 4).events), table: testTable)
        let fold = try TraceFold.run(reader)
        #expect(fold.calls == 12_503)
        #expect(fold.steps == 10)
    }

    @Test("Sequences with nothing in common are given up in time")
    func hopeless() {
        var random = SeededGenerator(seed: 1)
        let a = (0..<60_000).map { _ in UInt32.random(in: 0..<50, using: &random) }
        let b = (0..<60_000).map { _ in UInt32.random(in: 0..<50, using: &random) }
        let partners = SequenceDiff.partners(a, b)
        #expect(partners.count { $0 >= 0 } > 10_000)
    }
}
