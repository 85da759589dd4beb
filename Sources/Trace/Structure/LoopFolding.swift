/// A sequence in which repetitions are written once: a step is a symbol or a loop over steps.
package struct FoldedSequence {
    package indirect enum Step: Equatable {
        case symbol(UInt32)
        case loop([Step], count: Int)

        /// Symbols when written out.
        package var length: Int {
            switch self {
            case .symbol: 1
            case .loop(let body, let count): count * body.reduce(0) { $0 + $1.length }
            }
        }
    }

    package let steps: [Step]

    /// Folds loops from the inside out: what repeats side by side becomes one step, short bodies
    /// first.
    package init(_ symbols: [UInt32]) {
        var folder = LoopFolder(symbols)
        folder.run()
        steps = folder.steps
    }
}

/// Does the folding: each round replaces neighbouring repetitions by the number of a loop.
struct LoopFolder {
    /// Steps that a loop's body may have.
    private static let periodLimit = 1 << 16

    private var sequence: [UInt32]
    /// Numbers below are symbols, others are loops.
    private let base: UInt32
    private var loops: [(body: [UInt32], count: Int)] = []
    private var known: [[UInt32]: UInt32] = [:]

    init(_ symbols: [UInt32]) {
        sequence = symbols
        base = (symbols.max() ?? 0) + 1
    }

    mutating func run() {
        var limit = 1
        while limit <= Self.periodLimit, limit <= sequence.count {
            while round(limit) {}
            limit *= 2
        }
    }

    var steps: [FoldedSequence.Step] { sequence.map(step) }

    private func step(_ number: UInt32) -> FoldedSequence.Step {
        guard number >= base else { return .symbol(number) }
        let loop = loops[Int(number - base)]
        return .loop(loop.body.map(step), count: loop.count)
    }

    /// Folds every repetition whose period is the distance to the next occurrence of its first
    /// step, and at most `limit`; true if any was found.
    private mutating func round(_ limit: Int) -> Bool {
        let next = nextOccurrences()
        var folded: [UInt32] = []
        folded.reserveCapacity(sequence.count)
        var position = 0
        // The last repetition that did not work: its distance, and up to where it was a match.
        var failed = (period: 0, until: 0)
        var found = false
        while position < sequence.count {
            let period = Int(next[position]) - position
            let isHopeless = period == failed.period && position < failed.until
            guard period > 0, period <= limit, !isHopeless else {
                folded.append(sequence[position])
                position += 1
                continue
            }
            var end = position
            while end + period < sequence.count, sequence[end] == sequence[end + period] {
                end += 1
            }
            let count = (end - position) / period + 1
            guard count > 1 else {
                failed = (period, end)
                folded.append(sequence[position])
                position += 1
                continue
            }
            folded.append(loop(Array(sequence[position..<position + period]), count))
            position += count * period
            found = true
        }
        sequence = folded
        return found
    }

    /// For each position that of the next equal step, or −1.
    private func nextOccurrences() -> [Int32] {
        var last = [Int32](repeating: -1, count: Int(base) + loops.count)
        var next = [Int32](repeating: -1, count: sequence.count)
        for position in sequence.indices.reversed() {
            let symbol = Int(sequence[position])
            next[position] = last[symbol]
            last[symbol] = Int32(position)
        }
        return next
    }

    private mutating func loop(_ body: [UInt32], _ count: Int) -> UInt32 {
        var key = body
        key.append(UInt32(truncatingIfNeeded: count))
        if let found = known[key] { return found }
        let made = base + UInt32(loops.count)
        loops.append((body, count))
        known[key] = made
        return made
    }
}
