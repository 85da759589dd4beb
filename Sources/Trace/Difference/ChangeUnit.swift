/// One thing that differs between two threads: calls that are only in one of them, or a call with
/// other arguments.
struct ChangeUnit {
    enum Step: Equatable {
        case removed(Int)
        case added(Int)
        /// The same call with other arguments.
        case changed(Int, Int)
    }

    var steps: [Step]
    /// Where it lies in either thread.
    var aStart: Int
    var aEnd: Int
    var bStart: Int
    var bEnd: Int

    /// Has calls without partner, not only changed arguments.
    var hasUnpaired: Bool {
        steps.contains { if case .changed = $0 { false } else { true } }
    }
}

extension Alignment {
    /// The differences of the two threads, in order.
    func units(_ symbols: SymbolTable) -> [ChangeUnit] {
        var found: [ChangeUnit] = []
        var run: [ChangeUnit.Step] = []
        var i = 0
        var j = 0
        var begin = (0, 0)
        func isHelper(_ symbol: UInt32) -> Bool {
            symbols.functions[Int(symbols.functionOfSymbol[Int(symbol)])].isHelper
        }
        while i < a.count || j < b.count {
            var step: ChangeUnit.Step?
            if i < a.count, Int(partners[i]) == j {
                if a.symbols[i] != b.symbols[j] { step = .changed(i, j) }
            } else if i < a.count, partners[i] < 0 {
                step = .removed(i)
            } else {
                step = .added(j)
            }
            if let step {
                if run.isEmpty { begin = (i, j) }
                run.append(step)
            } else if !run.isEmpty {
                found += split(run, from: begin)
                run = []
            }
            switch step {
            case .removed: i += 1
            case .added: j += 1
            case .changed, nil:
                i += 1
                j += 1
            }
        }
        if !run.isEmpty { found += split(run, from: begin) }
        return merge(found, isHelper)
    }

    /// Calls without partner that lie together are one difference; of a long run, each changed
    /// call is its own.
    private func split(_ run: [ChangeUnit.Step], from begin: (Int, Int)) -> [ChangeUnit] {
        var units: [ChangeUnit] = []
        var place = begin
        var current = ChangeUnit(
            steps: [], aStart: place.0, aEnd: place.0, bStart: place.1, bEnd: place.1)
        let isShort = run.count <= Self.togetherLimit
        let hasUnpaired = run.contains { if case .changed = $0 { false } else { true } }
        func close() {
            if !current.steps.isEmpty { units.append(current) }
            current = ChangeUnit(
                steps: [], aStart: place.0, aEnd: place.0, bStart: place.1, bEnd: place.1)
        }
        for step in run {
            var isAlone = false
            if case .changed = step { isAlone = !(isShort && hasUnpaired) }
            if isAlone { close() }
            switch step {
            case .removed: place.0 += 1
            case .added: place.1 += 1
            case .changed:
                place.0 += 1
                place.1 += 1
            }
            current.steps.append(step)
            current.aEnd = place.0
            current.bEnd = place.1
            if isAlone { close() }
        }
        close()
        return units
    }

    private static let togetherLimit = 32

    /// A difference in the preparation of a call belongs to the call.
    private func merge(
        _ units: [ChangeUnit], _ isHelper: (UInt32) -> Bool
    ) -> [ChangeUnit] {
        func isPreparation(_ unit: ChangeUnit) -> Bool {
            unit.steps.allSatisfy { step in
                switch step {
                case .removed(let call), .changed(let call, _): isHelper(a.symbols[call])
                case .added(let call): isHelper(b.symbols[call])
                }
            }
        }
        var merged: [ChangeUnit] = []
        for unit in units {
            if var last = merged.last, unit.aStart - last.aEnd <= Self.togetherLimit,
                last.steps.count + unit.steps.count <= Self.togetherLimit,
                isPreparation(last) || isPreparation(unit),
                (last.aEnd..<unit.aStart).allSatisfy({ isHelper(a.symbols[$0]) })
            {
                last.steps += unit.steps
                last.aEnd = unit.aEnd
                last.bEnd = unit.bEnd
                merged[merged.count - 1] = last
            } else {
                merged.append(unit)
            }
        }
        return merged
    }
}
