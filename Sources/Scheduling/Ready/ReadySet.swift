import Wire

/// All ready operations with what the policy was told of them, one list a device in the order in
/// which they became ready. The host's own: a policy cannot lose what is in here.
struct ReadySet {
    private struct Entry {
        var facts = Item.noFacts
        var order: UInt64 = 0
        /// The device's hold clock when it became ready.
        var heldBefore: Nanoseconds = 0
    }
    private var entries: ContiguousArray<Entry> = []
    private var lists = OperationLists()
    private var order: UInt64 = 0
    private var deviceCount = 0

    mutating func insert(_ facts: OperationFacts, heldBefore: Nanoseconds) {
        let slot = Int(facts.id.slot)
        while entries.count <= slot { entries.append(Entry()) }
        order += 1
        entries[slot] = Entry(facts: facts, order: order, heldBefore: heldBefore)
        let device = Int(facts.device.rawValue)
        deviceCount = max(deviceCount, device + 1)
        lists.append(facts.id, to: device)
    }

    @discardableResult
    mutating func remove(_ id: OperationID) -> Bool { lists.remove(id) }

    /// What has been ready longest on the device.
    func oldest(on device: Int) -> OperationID? { lists.first(in: device) }

    /// What of the client's has been ready longest on the device. Goes along the list: not for what
    /// every operation passes.
    func oldest(of client: ClientID, on device: Int) -> OperationID? {
        var id = lists.first(in: device)
        while let this = id, entries[Int(this.slot)].facts.client != client {
            id = lists.next(after: this)
        }
        return id
    }

    /// The device that `id` is ready for.
    func device(of id: OperationID) -> Int? { lists.list(of: id) }

    func count(on device: Int) -> Int { lists.count(in: device) }

    /// What the policy was told of an operation that is ready.
    subscript(id: OperationID) -> OperationFacts {
        _read { yield entries[Int(id.slot)].facts }
    }

    /// Counts everything that ever became ready: what came later has a larger number.
    func order(of id: OperationID) -> UInt64 { entries[Int(id.slot)].order }

    func heldBefore(_ id: OperationID) -> Nanoseconds { entries[Int(id.slot)].heldBefore }

    /// Everything in the order in which it became ready.
    var all: [OperationFacts] {
        var found: [(order: UInt64, facts: OperationFacts)] = []
        for device in 0..<deviceCount {
            var id = lists.first(in: device)
            while let this = id {
                found.append((entries[Int(this.slot)].order, entries[Int(this.slot)].facts))
                id = lists.next(after: this)
            }
        }
        return found.sorted { $0.order < $1.order }.map(\.facts)
    }
}

/// How long a device in all had room and ready work while its policy held.
struct HoldClock {
    private var total: Nanoseconds = 0
    private var since: Nanoseconds?

    func reading(at now: Nanoseconds) -> Nanoseconds {
        guard let since else { return total }
        return total + max(0, now - since)
    }

    mutating func start(at now: Nanoseconds) {
        if since == nil { since = now }
    }

    mutating func stop(at now: Nanoseconds) {
        total = reading(at: now)
        since = nil
    }
}
