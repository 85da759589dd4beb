import Wire

/// What the streams of a chip have to do, first in first out by stream. All streams' entries lie in
/// one array with a free list, so nothing is allocated once it has grown.
struct ChipQueue: Sendable {
    /// A record that may still be under way: its entry, and the serial that tells it from a later
    /// one in the same place.
    struct RecordReference: Sendable {
        var entry: Int
        var serial: UInt64
    }
    enum Content: Sendable {
        case work(ChipWork, tag: UInt64)
        case record(mark: UInt64)
        /// Nil: there was nothing to wait for.
        case wait(RecordReference?)
    }
    struct Entry: Sendable {
        var content: Content
        /// 0: the place is free.
        var serial: UInt64
        var next: Int
    }
    /// One stream's entries; the first one is being done or comes next.
    struct Ends: Sendable {
        var first = -1
        var last = -1
        var count = 0
    }
    private var entries: ContiguousArray<Entry> = []
    private var firstFree = -1
    private var lastSerial: UInt64 = 0
    /// By mark, the latest record that is not reached. Only looked up, never walked through.
    private var records: [UInt64: RecordReference] = [:]

    func content(_ entry: Int) -> Content { entries[entry].content }

    mutating func append(_ content: Content, to ends: inout Ends) {
        lastSerial += 1
        let index = placeEntry(Entry(content: content, serial: lastSerial, next: -1))
        if ends.last < 0 { ends.first = index } else { entries[ends.last].next = index }
        ends.last = index
        ends.count += 1
        if case .record(let mark) = content {
            records[mark] = RecordReference(entry: index, serial: lastSerial)
        }
    }

    /// Takes the first entry out. A record's mark counts as reached from now on.
    mutating func removeFirst(of ends: inout Ends) {
        let index = ends.first
        ends.first = entries[index].next
        if ends.first < 0 { ends.last = -1 }
        ends.count -= 1
        freeEntry(index)
    }

    /// Takes out all entries behind the first one, and their tags.
    mutating func removeRest(of ends: inout Ends) -> [UInt64] {
        guard ends.first >= 0 else { return [] }
        var tags: [UInt64] = []
        var index = entries[ends.first].next
        while index >= 0 {
            let next = entries[index].next
            if case .work(_, let tag) = entries[index].content { tags.append(tag) }
            freeEntry(index)
            index = next
        }
        entries[ends.first].next = -1
        ends.last = ends.first
        ends.count = 1
        return tags
    }

    /// The record that a wait for `mark` waits for, as of now; nil where none is under way.
    func pendingRecord(of mark: UInt64) -> RecordReference? { records[mark] }

    func isPending(_ record: RecordReference) -> Bool {
        entries[record.entry].serial == record.serial
    }

    private mutating func placeEntry(_ entry: Entry) -> Int {
        guard firstFree >= 0 else {
            entries.append(entry)
            return entries.count - 1
        }
        let index = firstFree
        firstFree = entries[index].next
        entries[index] = entry
        return index
    }

    private mutating func freeEntry(_ index: Int) {
        if case .record(let mark) = entries[index].content,
            records[mark]?.serial == entries[index].serial
        {
            records[mark] = nil
        }
        entries[index].serial = 0
        entries[index].next = firstFree
        firstFree = index
    }
}
