/// Folds groups of differences that have one cause into one.
struct GroupFolding {
    private let source: ChangeGroups
    private var groups: [ChangeGroups.Group]
    private var isEverywhere: [Bool]
    private var parents: [Int]

    init(_ source: ChangeGroups) {
        self.source = source
        groups = source.groups
        isEverywhere = source.groups.map { source.isEverywhere($0) }
        parents = Array(source.groups.indices)
    }

    /// The groups of the report, those with the most occurrences first.
    mutating func folded() -> [TraceDiff.Group] {
        join { $0.isReshaping ? Self.ratio($0.extents).map { "ratio \($0)" } : nil }
        join { $0.kind == .changed ? $0.changes.joined(separator: "\n") : $0.root }
        joinAtSites()
        var members: [Int: [Int]] = [:]
        var order: [Int] = []
        for index in groups.indices {
            let root = find(index)
            if members[root] == nil { order.append(root) }
            members[root, default: []].append(index)
        }
        let made = order.map { combine(members[$0] ?? []) }
        return made.enumerated().sorted { a, b in
            (b.element.occurrences, a.offset) < (a.element.occurrences, b.offset)
        }.map(\.element)
    }

    private mutating func find(_ index: Int) -> Int {
        var root = index
        while parents[root] != root { root = parents[root] }
        parents[index] = root
        return root
    }

    private mutating func join(_ first: Int, _ second: Int) {
        let a = find(first)
        let b = find(second)
        parents[max(a, b)] = min(a, b)
    }

    /// Joins the groups that happen everywhere and have the same key.
    private mutating func join(_ key: (ChangeGroups.Group) -> String?) {
        var first: [String: Int] = [:]
        for index in groups.indices where isEverywhere[index] {
            guard let key = key(groups[index]) else { continue }
            if let known = first[key] { join(known, index) } else { first[key] = index }
        }
    }

    /// An argument that changes from one pass of a place to the next differs in as many ways as
    /// there are passes.
    private mutating func joinAtSites() {
        var first: [String: Int] = [:]
        for index in groups.indices where isEverywhere[index] && groups[index].kind == .changed {
            for site in groups[index].sites {
                let key = "\(site) \(groups[index].root)"
                if let known = first[key] { join(known, index) } else { first[key] = index }
            }
        }
        joinVariants()
    }

    /// The first pass of a loop comes from elsewhere, so it has a place of its own: it joins the
    /// others.
    private mutating func joinVariants() {
        var sizes: [Int: Int] = [:]
        for index in groups.indices { sizes[find(index), default: 0] += 1 }
        var drifting: [String: Int] = [:]
        for index in groups.indices where isEverywhere[index] && groups[index].kind == .changed {
            if sizes[find(index), default: 0] >= 3 { drifting[groups[index].root] = index }
        }
        for index in groups.indices where isEverywhere[index] && groups[index].kind == .changed {
            if let known = drifting[groups[index].root] { join(known, index) }
        }
    }

    /// What all extents were multiplied by, as text; nil where they differ in that.
    private static func ratio(_ extents: Set<ArgumentChange.ExtentChange>) -> String? {
        guard let first = extents.first, first.before > 0, first.after > 0 else { return nil }
        for extent in extents {
            let (a, over) = extent.before.multipliedReportingOverflow(by: first.after)
            let (b, overToo) = extent.after.multipliedReportingOverflow(by: first.before)
            guard !over, !overToo, a == b else { return nil }
        }
        let divisor = commonDivisor(first.before, first.after)
        guard divisor > 0 else { return nil }
        return "\(first.after / divisor)/\(first.before / divisor)"
    }

    private static func commonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
        var (x, y) = (a, b)
        while y != 0 { (x, y) = (y, x % y) }
        return x
    }

    // MARK: The report

    private func combine(_ members: [Int]) -> TraceDiff.Group {
        let groups = members.map { self.groups[$0] }
        let all = members.allSatisfy { isEverywhere[$0] }
        let occurrences = groups.reduce(0) { $0 + $1.occurrences }
        let parts = groups.flatMap(\.parts).sorted { $0.occurrences > $1.occurrences }
        return TraceDiff.Group(
            kind: groups[0].kind, title: title(groups, parts), parts: parts,
            occurrences: occurrences, differences: all ? 1 : occurrences,
            places: Array(groups.flatMap(\.places).prefix(5)))
    }

    private func title(_ groups: [ChangeGroups.Group], _ parts: [TraceDiff.Part]) -> String {
        let first = groups[0]
        switch first.kind {
        case .changed:
            let functions = Self.distinct(groups.map(\.mainFunction))
            if first.isReshaping, let ratio = Self.ratio(first.extents) {
                let pairs = Set(groups.flatMap(\.extents)).sorted { $0.before < $1.before }
                let shown = pairs.prefix(4).map { "\($0.before) → \($0.after)" }
                let more = pairs.count > 4 ? ", …" : ""
                return "shapes × \(ratio.hasSuffix("/1") ? String(ratio.dropLast(2)) : ratio): "
                    + shown.joined(separator: ", ") + more + " in " + Self.list(functions)
            }
            let names = Self.distinct(groups.flatMap(\.names))
            return Self.list(functions) + ": " + Self.list(names, limit: 4) + " changed"
        case .removed, .added:
            let what = Self.list(parts.map { Self.calls($0.before + $0.after) })
            let size = groups.map(\.size).max() ?? 0
            return size > 3 ? "\(first.kind) \(size) calls: \(what)" : "\(first.kind) \(what)"
        case .replaced:
            let pairs = parts.map { "\(Self.calls($0.before)) → \(Self.calls($0.after))" }
            return Self.list(pairs)
        case .client, .thread, .target: return first.root
        }
    }

    private static func calls(_ lines: [String]) -> String {
        let names = lines.map { String($0.drop { $0 == " " }.prefix { $0 != "(" }) }
        return list(distinct(names.filter { !$0.hasSuffix(":") }), limit: 4)
    }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    private static func list(_ names: [String], limit: Int = 3) -> String {
        let names = distinct(names)
        let shown = names.prefix(limit).joined(separator: ", ")
        return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
    }
}
