package import Wire

/// First-in first-out lists of operations with removal from anywhere: links lie in one array
/// indexed by the operations' slots, so nothing is allocated per operation. An operation is in one
/// list at most.
package struct OperationLists: Sendable {
    private struct Link {
        var id = OperationID(rawValue: 0)
        var next: Int32 = -1
        var previous: Int32 = -1
        /// −1: in none.
        var list: Int32 = -1
    }
    private struct Ends {
        var first: Int32 = -1
        var last: Int32 = -1
        var count = 0
    }
    private var links: ContiguousArray<Link> = []
    private var lists: ContiguousArray<Ends> = []

    package init() {}

    package mutating func append(_ id: OperationID, to list: Int) {
        let slot = Int(id.slot)
        while links.count <= slot { links.append(Link()) }
        while lists.count <= list { lists.append(Ends()) }
        if links[slot].list >= 0 { unlink(slot) }
        let last = lists[list].last
        links[slot] = Link(id: id, next: -1, previous: last, list: Int32(list))
        if last < 0 {
            lists[list].first = Int32(slot)
        } else {
            links[Int(last)].next = Int32(slot)
        }
        lists[list].last = Int32(slot)
        lists[list].count += 1
    }

    /// Takes `id` out of its list; false if it was in none.
    @discardableResult
    package mutating func remove(_ id: OperationID) -> Bool {
        guard list(of: id) != nil else { return false }
        unlink(Int(id.slot))
        return true
    }

    /// The list that `id` is in.
    package func list(of id: OperationID) -> Int? {
        let slot = Int(id.slot)
        guard slot < links.count, links[slot].id.rawValue == id.rawValue, links[slot].list >= 0
        else { return nil }
        return Int(links[slot].list)
    }

    package func first(in list: Int) -> OperationID? {
        guard list < lists.count, lists[list].first >= 0 else { return nil }
        return links[Int(lists[list].first)].id
    }

    package func next(after id: OperationID) -> OperationID? {
        guard list(of: id) != nil else { return nil }
        let next = links[Int(id.slot)].next
        return next < 0 ? nil : links[Int(next)].id
    }

    package func count(in list: Int) -> Int { list < lists.count ? lists[list].count : 0 }

    private mutating func unlink(_ slot: Int) {
        let link = links[slot]
        let list = Int(link.list)
        if link.previous < 0 {
            lists[list].first = link.next
        } else {
            links[Int(link.previous)].next = link.next
        }
        if link.next < 0 {
            lists[list].last = link.previous
        } else {
            links[Int(link.next)].previous = link.previous
        }
        links[slot].list = -1
        lists[list].count -= 1
    }
}
