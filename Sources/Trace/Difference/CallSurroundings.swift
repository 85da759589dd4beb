/// Where a call stands in its program, as far as a trace tells: what is called, and what was
/// called before and after it. In a loop, the iterations of one place in the program have the
/// same context.
struct CallSurroundings {
    /// The thread's calls that are no preparation of others, in order.
    private var mains: [Int32] = []
    /// For each call, how many of `mains` are before it.
    private var ranks: [Int32] = []
    private let functions: [UInt32]
    private let seed: UInt64

    /// `seed` tells the sites of one thread from those of another.
    init(_ thread: ThreadSequence, symbols: SymbolTable, seed: UInt64) {
        self.seed = Mixing.combine(Mixing.start, seed)
        var functions: [UInt32] = []
        functions.reserveCapacity(thread.count)
        ranks.reserveCapacity(thread.count + 1)
        for (index, symbol) in thread.symbols.enumerated() {
            let function = symbols.functionOfSymbol[Int(symbol)]
            functions.append(function)
            ranks.append(Int32(mains.count))
            if !symbols.functions[Int(function)].isHelper { mains.append(Int32(index)) }
        }
        ranks.append(Int32(mains.count))
        self.functions = functions
    }

    var mainCount: Int { mains.count }

    /// The site of the main call with that rank.
    func site(ofMain rank: Int) -> UInt64 {
        site(function(rank - 1), function(rank), function(rank + 1))
    }

    /// The site between a main call and the next.
    func gap(beforeMain rank: Int) -> UInt64 {
        site(function(rank - 1), Self.nothing - 1, function(rank))
    }

    /// The site of a call; that of the next main call for a preparation.
    func site(of call: Int) -> UInt64 { site(ofMain: Int(ranks[call])) }

    /// The site of what was put before a call.
    func gap(before call: Int) -> UInt64 { gap(beforeMain: Int(ranks[call])) }

    private static let nothing = UInt64(UInt32.max)

    private func function(_ rank: Int) -> UInt64 {
        guard mains.indices.contains(rank) else { return Self.nothing }
        return UInt64(functions[Int(mains[rank])])
    }

    private func site(_ before: UInt64, _ at: UInt64, _ after: UInt64) -> UInt64 {
        Mixing.combine(Mixing.combine(Mixing.combine(seed, before), at), after)
    }
}
