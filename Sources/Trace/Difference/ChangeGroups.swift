/// Gathers the differences of all threads and says which are one: the same change at every pass
/// of a place.
struct ChangeGroups {
    /// Differences that say the same.
    struct Group {
        var kind: TraceDiff.Group.Kind
        var parts: [TraceDiff.Part]
        /// Of the calls it is about: `Gelu` for aclnnGelu and aclnnGeluBackward.
        var root: String
        var extents: Set<ArgumentChange.ExtentChange>
        /// Only extents of tensors changed.
        var isReshaping: Bool
        var occurrences = 0
        var sites: Set<UInt64> = []
        var places: [TraceDiff.Place] = []
        var mainFunction = ""
        /// The arguments that changed, and how.
        var names: [String] = []
        var changes: [String] = []
        /// Calls that one difference of the group adds or takes away.
        var size = 0
    }

    private(set) var groups: [Group] = []
    private var indices: [String: Int] = [:]
    /// Differences at each site, and passes of it.
    private var changedAt: [UInt64: Int] = [:]
    private var passes: [UInt64: Int] = [:]
    private var threadPairs: UInt64 = 0
    private let symbols: SymbolTable
    private var descriptions: [UInt32: CallDescription] = [:]
    private var changes: [UInt64: [ArgumentChange]] = [:]

    private static let placeLimit = 5

    init(symbols: SymbolTable) { self.symbols = symbols }

    /// Adds the differences of a pair of threads.
    mutating func add(
        _ units: [ChangeUnit], _ alignment: Alignment, client: String, thread: Int
    ) {
        guard !units.isEmpty else { return }
        threadPairs += 1
        let before = CallSurroundings(alignment.a, symbols: symbols, seed: threadPairs * 2)
        let after = CallSurroundings(alignment.b, symbols: symbols, seed: threadPairs * 2 + 1)
        for unit in units {
            let index = group(of: unit, alignment)
            let sites = sites(of: unit, before, after, alignment)
            for site in [sites.0, sites.1] {
                changedAt[site, default: 0] += 1
                groups[index].sites.insert(site)
            }
            groups[index].occurrences += 1
            groups[index].parts[0].occurrences += 1
            if groups[index].places.count < Self.placeLimit {
                groups[index].places.append(
                    TraceDiff.Place(
                        client: client, thread: thread, callBefore: unit.aStart + 1,
                        callAfter: unit.bStart + 1))
            }
        }
        countPasses(before)
        countPasses(after)
    }

    /// The places in either program where the difference is: that of the first call that it takes
    /// away, changes or adds, else the gap where the other program has such a call.
    private func sites(
        of unit: ChangeUnit, _ before: CallSurroundings, _ after: CallSurroundings,
        _ alignment: Alignment
    ) -> (UInt64, UInt64) {
        var mine: Int?
        var its: Int?
        for step in unit.steps {
            switch step {
            case .removed(let call): mine = mine ?? main(call, alignment.a)
            case .added(let call): its = its ?? main(call, alignment.b)
            case .changed(let call, let other):
                mine = mine ?? main(call, alignment.a)
                its = its ?? main(other, alignment.b)
            }
        }
        return (
            mine.map { before.site(of: $0) } ?? before.gap(before: unit.aStart),
            its.map { after.site(of: $0) } ?? after.gap(before: unit.bStart)
        )
    }

    private func main(_ call: Int, _ thread: ThreadSequence) -> Int? {
        isHelper(thread.symbols[call]) ? nil : call
    }

    /// Counts how often each site of a difference is passed.
    private mutating func countPasses(_ context: CallSurroundings) {
        for rank in 0...context.mainCount {
            let site = context.site(ofMain: rank)
            if rank < context.mainCount, changedAt[site] != nil { passes[site, default: 0] += 1 }
            let gap = context.gap(beforeMain: rank)
            if changedAt[gap] != nil { passes[gap, default: 0] += 1 }
        }
    }

    /// The difference is there at every pass of its places, in both traces; where there are many
    /// passes, nearly.
    func isEverywhere(_ group: Group) -> Bool {
        group.sites.allSatisfy { site in
            let all = passes[site, default: 0]
            return changedAt[site, default: 0] >= (all < 10 ? all : all - all / 10)
        }
    }

    private func isHelper(_ symbol: UInt32) -> Bool {
        symbols.functions[Int(symbols.functionOfSymbol[Int(symbol)])].isHelper
    }

    private mutating func description(_ symbol: UInt32) -> CallDescription {
        if let known = descriptions[symbol] { return known }
        let plan = symbols.functions[Int(symbols.functionOfSymbol[Int(symbol)])]
        let made = CallDescription(symbols.samples[Int(symbol)], plan: plan)
        descriptions[symbol] = made
        return made
    }

    private mutating func change(_ a: UInt32, _ b: UInt32) -> [ArgumentChange] {
        let key = UInt64(a) << 32 | UInt64(b)
        if let known = changes[key] { return known }
        let made = ArgumentChange.between(description(a), description(b))
        changes[key] = made
        return made
    }

    // MARK: What a difference says

    /// The group of differences that say the same as this one.
    private mutating func group(of unit: ChangeUnit, _ alignment: Alignment) -> Int {
        let aSymbols = alignment.a.symbols
        let bSymbols = alignment.b.symbols
        let hasMain = unit.steps.contains { !isHelper(symbol(of: $0, aSymbols, bSymbols)) }
        var removed: [UInt32] = []
        var added: [UInt32] = []
        var changed: [(UInt32, UInt32)] = []
        for step in unit.steps where !hasMain || !isHelper(symbol(of: step, aSymbols, bSymbols)) {
            switch step {
            case .removed(let call): removed.append(aSymbols[call])
            case .added(let call): added.append(bSymbols[call])
            case .changed(let call, let other): changed.append((aSymbols[call], bSymbols[other]))
            }
        }
        var key = "-" + removed.map { name($0) }.joined(separator: " ")
        key += "+" + added.map { name($0) }.joined(separator: " ")
        var found: [ArgumentChange] = []
        for (a, b) in changed {
            let change = change(a, b)
            found += change
            key += "~" + name(a)
            for one in change { key += " \(one.name)=\(one.before)→\(one.after)" }
        }
        if let known = indices[key] { return known }
        indices[key] = groups.count
        var made = makeGroup(removed, added, changed, found)
        made.parts[0].contextBefore =
            unit.aStart > 0 ? description(aSymbols[unit.aStart - 1]).text : nil
        made.parts[0].contextAfter =
            unit.aEnd < aSymbols.count ? description(aSymbols[unit.aEnd]).text : nil
        groups.append(made)
        return groups.count - 1
    }

    private mutating func makeGroup(
        _ removed: [UInt32], _ added: [UInt32], _ changed: [(UInt32, UInt32)],
        _ found: [ArgumentChange]
    ) -> Group {
        var kind = TraceDiff.Group.Kind.changed
        if !removed.isEmpty, !added.isEmpty {
            kind = .replaced
        } else if !removed.isEmpty {
            kind = .removed
        } else if !added.isEmpty {
            kind = .added
        }
        let part = TraceDiff.Part(
            before: lines(kind == .changed ? changed.map(\.0) : removed),
            after: lines(kind == .changed ? changed.map(\.1) : added),
            changes: found.map { "\($0.name): \($0.before) → \($0.after)" }, occurrences: 0)
        let isReshaping =
            kind == .changed && !found.isEmpty && found.allSatisfy { !$0.extents.isEmpty }
        let before = removed.map { FunctionRoot.of(name($0)) }
        let after = added.map { FunctionRoot.of(name($0)) }
        let both = changed.map { FunctionRoot.of(name($0.0)) }
        let arguments = found.map(\.name).joined(separator: " ")
        var group = Group(
            kind: kind, parts: [part],
            root: "\(kind) \(before)→\(after) \(both) \(kind == .changed ? arguments : "")",
            extents: Set(found.flatMap(\.extents)), isReshaping: isReshaping)
        group.mainFunction =
            (changed.first?.0 ?? removed.first ?? added.first).map { name($0) } ?? ""
        group.names = found.map(\.name)
        group.size = max(removed.count, added.count)
        group.changes = part.changes
        return group
    }

    /// The calls a line each, loops written once.
    private mutating func lines(_ symbols: [UInt32]) -> [String] {
        var found: [String] = []
        for step in FoldedSequence(symbols).steps { append(step, indent: "", to: &found) }
        return found
    }

    private mutating func append(
        _ step: FoldedSequence.Step, indent: String, to lines: inout [String]
    ) {
        switch step {
        case .symbol(let symbol): lines.append(indent + description(symbol).text)
        case .loop(let body, let count):
            lines.append(indent + "\(count) times:")
            for step in body { append(step, indent: indent + "  ", to: &lines) }
        }
    }

    private func symbol(of step: ChangeUnit.Step, _ a: [UInt32], _ b: [UInt32]) -> UInt32 {
        switch step {
        case .removed(let call), .changed(let call, _): a[call]
        case .added(let call): b[call]
        }
    }

    private func name(_ symbol: UInt32) -> String {
        symbols.functions[Int(symbols.functionOfSymbol[Int(symbol)])].name
    }
}

/// What several functions of one operation have in common: `Gelu` in aclnnGelu, aclnnGeluBackward
/// and aclnnGeluGetWorkspaceSize.
enum FunctionRoot {
    static func of(_ name: String) -> String {
        var root = Substring(name)
        for prefix in ["aclnn", "Inplace", "Foreach"] where root.hasPrefix(prefix) {
            root = root.dropFirst(prefix.count)
        }
        for suffix in ["GetWorkspaceSize", "Backward", "Grad"] where root.hasSuffix(suffix) {
            root = root.dropLast(suffix.count)
        }
        while let last = root.last, last.isNumber { root = root.dropLast() }
        if root.hasSuffix("V") { root = root.dropLast() }
        for suffix in ["Backward", "Grad"] where root.hasSuffix(suffix) {
            root = root.dropLast(suffix.count)
        }
        return String(root)
    }
}
