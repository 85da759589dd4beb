import AscendCL

import AscendCL

/// Compares who calls are about, where what they say is the same: the same stream, the same buffer?
///
/// A record of an event, and whatever a call made, is a handle of its own. Handles and
/// allocations of the traces are matched by the first calls about them. An allocation is compared
/// only when it is used whole in both traces: inside the large blocks of a caching allocator,
/// places are luck.
struct OperandComparison {
    private let a: ClientStructure
    private let b: ClientStructure
    private let symbols: SymbolTable
    private let comparesAddresses: Bool
    private var handles = Bijection()
    private var allocations = Bijection()
    private var mismatches: [Key: (count: Int, place: TraceDiff.Place)] = [:]
    private var order: [Key] = []
    /// Pairs of calls by what they say.
    private var pairCounts: [Int] = []
    private var compared = 0
    private var differing = 0

    private struct Key: Hashable {
        var symbol: UInt32
        var parameter: UInt8
        var isAddress: Bool
    }

    init(_ a: ClientStructure, _ b: ClientStructure, symbols: SymbolTable) {
        self.a = a
        self.b = b
        self.symbols = symbols
        comparesAddresses = !a.usesPools && !b.usesPools
    }

    mutating func add(_ alignment: Alignment, thread: Int) {
        for (call, partner) in alignment.partners.enumerated() where partner >= 0 {
            let mine = alignment.a.operands(of: call)
            let its = alignment.b.operands(of: Int(partner))
            guard mine.count == its.count, !mine.isEmpty else { continue }
            let symbol = Int(alignment.a.symbols[call])
            let isSame = symbol == alignment.b.symbols[Int(partner)]
            if symbol >= pairCounts.count {
                pairCounts.append(
                    contentsOf: repeatElement(0, count: symbol + 1 - pairCounts.count))
            }
            pairCounts[symbol] += 1
            for (x, y) in zip(mine, its) where x.isAddress == y.isAddress {
                guard !agrees(x, y), isSame, !releases(symbol) else { continue }
                differing += 1
                let key = Key(
                    symbol: alignment.a.symbols[call], parameter: x.parameter,
                    isAddress: x.isAddress)
                if let known = mismatches[key] {
                    mismatches[key] = (known.count + 1, known.place)
                } else {
                    order.append(key)
                    mismatches[key] = (
                        1,
                        TraceDiff.Place(
                            client: a.title, thread: thread, callBefore: call + 1,
                            callAfter: Int(partner) + 1)
                    )
                }
            }
        }
    }

    private func releases(_ symbol: Int) -> Bool {
        symbols.functions[Int(symbols.functionOfSymbol[symbol])].releases
    }

    /// The operands are the same, or there is no telling.
    private mutating func agrees(_ x: Operand, _ y: Operand) -> Bool {
        if x.isAddress {
            guard comparesAddresses, x.number != Operand.unknown, y.number != Operand.unknown,
                a.isWholeAllocation[Int(x.number)], b.isWholeAllocation[Int(y.number)]
            else { return true }
            compared += 1
            return allocations.matches(x.number, y.number)
        }
        compared += 1
        return handles.matches(x.number, y.number)
    }

    /// What differs. Where it is much, handles or memory were only handed out in another order.
    func finished() -> (groups: [TraceDiff.Group], notes: [String]) {
        guard differing > 0 else { return ([], []) }
        if differing > 64, differing * 50 > compared {
            return (
                [],
                [
                    "\(a.title): \(differing) of \(compared) handles and buffers were handed out "
                        + "in another order; they are not compared"
                ]
            )
        }
        let groups = order.map { key in
            let function = symbols.functions[Int(symbols.functionOfSymbol[Int(key.symbol)])]
            let (count, place) =
                mismatches[key] ?? (
                    0, TraceDiff.Place(client: "", thread: 0, callBefore: 0, callAfter: 0)
                )
            return TraceDiff.Group(
                kind: .target,
                title: "\(function.name): another \(name(key, function))",
                parts: [], occurrences: count,
                differences: count == pairCounts[Int(key.symbol)] ? 1 : count, places: [place])
        }
        return (groups, [])
    }

    private func name(_ key: Key, _ plan: FunctionPlan) -> String {
        let index = Int(key.parameter)
        if key.parameter == 255 { return "stream" }
        let sample = symbols.samples[Int(key.symbol)]
        if sample.call.signature == 0, let function = plan.function,
            index < function.parameters.count
        {
            return function.parameters[index].name
        }
        return key.isAddress ? "buffer as tensor \(index + 1)" : "handle"
    }
}

/// Which number of the first trace is which of the second, by the first pair that is met.
private struct Bijection {
    private var forward: [UInt32: UInt32] = [:]
    private var backward: [UInt32: UInt32] = [:]

    mutating func matches(_ mine: UInt32, _ its: UInt32) -> Bool {
        if let partner = forward[mine] { return partner == its }
        guard backward[its] == nil else { return false }
        forward[mine] = its
        backward[its] = mine
        return true
    }
}
