import Wire

/// Finds a client's slot by its id, without hashing: ids count up, so the live ones lie in a
/// window.
struct ClientSlots {
    /// The id of the window's first entry.
    private var first: UInt32 = 0
    /// −1 where the client has left.
    private var slots: ContiguousArray<Int32> = []

    /// How far apart the oldest and the newest client may be.
    static let spanMax = 1 << 24

    subscript(id: ClientID) -> Int? {
        let offset = Int(id.rawValue) - Int(first)
        guard offset >= 0, offset < slots.count else { return nil }
        let slot = slots[offset]
        return slot < 0 ? nil : Int(slot)
    }

    /// Whether `id` is near enough to the others.
    func canInsert(_ id: ClientID) -> Bool {
        guard !slots.isEmpty else { return true }
        let low = min(Int(first), Int(id.rawValue))
        let high = max(Int(first) + slots.count, Int(id.rawValue))
        return high - low < Self.spanMax
    }

    mutating func insert(_ id: ClientID, slot: Int) {
        if slots.isEmpty { first = id.rawValue }
        if id.rawValue < first {
            slots.insert(
                contentsOf: repeatElement(-1, count: Int(first - id.rawValue)), at: 0)
            first = id.rawValue
        }
        let offset = Int(id.rawValue - first)
        while slots.count <= offset { slots.append(-1) }
        slots[offset] = Int32(slot)
    }

    /// Forgets `id`; the window moves on when its oldest client has left.
    mutating func remove(_ id: ClientID) {
        guard self[id] != nil else { return }
        slots[Int(id.rawValue - first)] = -1
        let gone = slots.firstIndex { $0 >= 0 } ?? slots.count
        slots.removeFirst(gone)
        first &+= UInt32(gone)
    }
}
