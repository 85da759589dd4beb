/// Which calls of two threads are the same calls: each call of the first has a partner in the
/// second or none. Partners are in the same order; they call the same function, perhaps with
/// other arguments.
struct Alignment {
    let a: ThreadSequence
    let b: ThreadSequence
    private(set) var partners: [Int32]

    init(_ a: ThreadSequence, _ b: ThreadSequence, symbols: SymbolTable) {
        self.a = a
        self.b = b
        partners = [Int32](repeating: -1, count: a.count)
        let functions = symbols.functionOfSymbol
        align(functions)
        pairWithinGaps(functions)
        slide()
        let cost = cost
        guard cost.changed >= Self.doubtfulChanges, cost.unpaired > 0 else { return }
        // Arguments that differ in most calls, and agree here and there by chance, can mislead:
        // what if they did not count at all?
        let exact = partners
        partners = SequenceDiff.partners(
            a.symbols.map { functions[Int($0)] }, b.symbols.map { functions[Int($0)] })
        slide()
        let other = self.cost
        if other.unpaired * 2 + other.changed >= cost.unpaired * 2 + cost.changed {
            partners = exact
        }
    }

    private static let doubtfulChanges = 8

    /// Calls without partner, and partners with other arguments.
    private var cost: (unpaired: Int, changed: Int) {
        var paired = 0
        var changed = 0
        for (call, partner) in partners.enumerated() where partner >= 0 {
            paired += 1
            if a.symbols[call] != b.symbols[Int(partner)] { changed += 1 }
        }
        return (a.count + b.count - 2 * paired, changed)
    }

    /// Aligns by what calls say. A call that says what no call of the other trace says cannot be
    /// found there; such calls are compared by their function alone, so that a change of every
    /// argument (another batch size) does not lose the thread.
    private mutating func align(_ functions: [UInt32]) {
        var presence = [UInt8](repeating: 0, count: functions.count)
        for symbol in a.symbols { presence[Int(symbol)] |= 1 }
        for symbol in b.symbols { presence[Int(symbol)] |= 2 }
        var lonely = [UInt8](
            repeating: 0, count: (functions.max() ?? 0) == 0 ? 1 : Int(functions.max() ?? 0) + 1)
        for (symbol, traces) in presence.enumerated() where traces == 1 || traces == 2 {
            lonely[Int(functions[symbol])] |= traces
        }
        let base = UInt32(functions.count)
        func reduced(_ symbols: [UInt32]) -> (keys: [UInt32], indices: [Int32]) {
            var keys: [UInt32] = []
            var indices: [Int32] = []
            keys.reserveCapacity(symbols.count)
            indices.reserveCapacity(symbols.count)
            for (index, symbol) in symbols.enumerated() {
                if presence[Int(symbol)] == 3 {
                    keys.append(symbol)
                } else if lonely[Int(functions[Int(symbol)])] == 3 {
                    keys.append(base + functions[Int(symbol)])
                } else {
                    continue
                }
                indices.append(Int32(index))
            }
            return (keys, indices)
        }
        let first = reduced(a.symbols)
        let second = reduced(b.symbols)
        let found = SequenceDiff.partners(first.keys, second.keys)
        for (index, partner) in found.enumerated() where partner >= 0 {
            partners[Int(first.indices[index])] = second.indices[Int(partner)]
        }
    }

    /// Pairs what is left between partners by function.
    private mutating func pairWithinGaps(_ functions: [UInt32]) {
        var start = 0
        var otherStart = 0
        while start < a.count || otherStart < b.count {
            var end = start
            while end < a.count, partners[end] < 0 { end += 1 }
            let otherEnd = end < a.count ? Int(partners[end]) : b.count
            if start < end, otherStart < otherEnd {
                let mine = a.symbols[start..<end].map { functions[Int($0)] }
                let its = b.symbols[otherStart..<otherEnd].map { functions[Int($0)] }
                let found = SequenceDiff.partners(mine, its)
                for (index, partner) in found.enumerated() where partner >= 0 {
                    partners[start + index] = Int32(otherStart) + partner
                }
            }
            start = end + 1
            otherStart = otherEnd + 1
        }
    }

    // MARK: Sliding

    /// In a loop it cannot be told from what calls say which iteration a removed one was. Moves
    /// each removed or added run to where the operands of the calls around it agree best.
    private mutating func slide() {
        slideDeletions()
        slideInsertions()
    }

    private mutating func slideDeletions() {
        var start = 0
        while start < a.count {
            guard partners[start] < 0 else {
                start += 1
                continue
            }
            var end = start
            while end < a.count, partners[end] < 0 { end += 1 }
            let before = start > 0 ? Int(partners[start - 1]) : -1
            let after = end < a.count ? Int(partners[end]) : b.count
            if after == before + 1 { end = slideDeletion(start, end) }
            start = max(end, start + 1)
        }
    }

    /// Slides one run to its best place; returns the end of the run in its new place, or of the
    /// part it went through.
    private mutating func slideDeletion(_ first: Int, _ last: Int) -> Int {
        var start = first
        var end = last
        while start > 0, partners[start - 1] >= 0, a.symbols[start - 1] == a.symbols[end - 1],
            isEqualPair(start - 1)
        {
            partners[end - 1] = partners[start - 1]
            partners[start - 1] = -1
            start -= 1
            end -= 1
        }
        var score = 0
        var best = (score: 0, start: start)
        while end < a.count, partners[end] >= 0, a.symbols[start] == a.symbols[end],
            isEqualPair(end)
        {
            let partner = Int(partners[end])
            score += (a.agrees(start, with: b, partner) ? 1 : 0)
            score -= (a.agrees(end, with: b, partner) ? 1 : 0)
            partners[start] = partners[end]
            partners[end] = -1
            start += 1
            end += 1
            // Ties go to the place nearest to where the run was found.
            let isNearer = abs(start - first) < abs(best.start - first)
            if score > best.score || score == best.score && isNearer { best = (score, start) }
        }
        let reached = end
        while start > best.start {
            start -= 1
            end -= 1
            partners[end] = partners[start]
            partners[start] = -1
        }
        return max(reached, last)
    }

    private func isEqualPair(_ call: Int) -> Bool {
        a.symbols[call] == b.symbols[Int(partners[call])]
    }

    private mutating func slideInsertions() {
        // The same from the other side.
        var mirrored = Alignment(mirroring: self)
        mirrored.slideDeletions()
        partners = Alignment(mirroring: mirrored).partners
    }

    private init(mirroring other: Alignment) {
        a = other.b
        b = other.a
        partners = [Int32](repeating: -1, count: other.b.count)
        for (index, partner) in other.partners.enumerated() where partner >= 0 {
            partners[Int(partner)] = Int32(index)
        }
    }
}
