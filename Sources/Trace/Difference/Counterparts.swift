/// Which client, and which thread, of one trace is which of the other.
enum Counterparts {
    typealias Pair = (Int?, Int?)

    /// By program name and labels, then by name alone, then in order; each time the first that is
    /// left.
    static func clients(_ a: [ClientStructure], _ b: [ClientStructure]) -> [Pair] {
        var partner = [Int?](repeating: nil, count: a.count)
        var taken = [Bool](repeating: false, count: b.count)
        let rules: [(ClientStructure, ClientStructure) -> Bool] = [
            { $0.name == $1.name && $0.labels == $1.labels },
            { $0.name == $1.name },
        ]
        for rule in rules {
            for index in a.indices where partner[index] == nil {
                let found = b.indices.first { !taken[$0] && rule(a[index], b[$0]) }
                if let found {
                    partner[index] = found
                    taken[found] = true
                }
            }
        }
        // A program that was renamed: only where just one is left on either side.
        let left = a.indices.filter { partner[$0] == nil }
        let free = b.indices.filter { !taken[$0] }
        if left.count == 1, free.count == 1 {
            partner[left[0]] = free[0]
            taken[free[0]] = true
        }
        var pairs: [Pair] = a.indices.map { ($0, partner[$0]) }
        pairs += b.indices.filter { !taken[$0] }.map { (nil, $0) }
        return pairs
    }

    /// By what the threads do: the most alike first, the earlier of equals.
    static func threads(_ a: [ThreadSequence], _ b: [ThreadSequence]) -> [Pair] {
        var candidates: [(likeness: Double, distance: Int, mine: Int, its: Int)] = []
        for mine in a.indices {
            for its in b.indices {
                let likeness = likeness(a[mine], b[its])
                guard likeness > 0 else { continue }
                candidates.append((likeness, abs(mine - its), mine, its))
            }
        }
        candidates.sort { x, y in
            (-x.likeness, x.distance, x.mine, x.its) < (-y.likeness, y.distance, y.mine, y.its)
        }
        var partner = [Int?](repeating: nil, count: a.count)
        var taken = [Bool](repeating: false, count: b.count)
        for candidate in candidates where partner[candidate.mine] == nil && !taken[candidate.its] {
            partner[candidate.mine] = candidate.its
            taken[candidate.its] = true
        }
        var pairs: [Pair] = a.indices.map { ($0, partner[$0]) }
        pairs += b.indices.filter { !taken[$0] }.map { (nil, $0) }
        return pairs
    }

    /// The calls of functions that both have, as a share of all; in coarse steps, so that a small
    /// difference does not outweigh the order.
    private static func likeness(_ a: ThreadSequence, _ b: ThreadSequence) -> Double {
        var common = 0
        for (mine, its) in zip(a.functionCounts, b.functionCounts) { common += min(mine, its) }
        let all = max(1, a.count + b.count - common)
        return (Double(common) / Double(all) * 16).rounded(.up)
    }
}
