import Wire

/// One thing in a stream's queue: an operation, or something that shapes order.
struct Item {
    enum Kind: UInt8 {
        case free
        case operation
        /// An event record: completes when everything before it in its stream is done.
        case record
        /// A stream's wait for one record.
        case wait
        /// Somebody outside waits for everything before this point (or for one record).
        case marker
    }
    enum State: UInt8 {
        case queued
        /// An operation that the policy knows; a wait that is in its record's chain.
        case ready
        /// An operation on its device; a wait that its device keeps; a record or marker that waits
        /// for what is before it.
        case dispatched
        case done
    }

    var generation: UInt32 = 1
    var kind = Kind.free
    var state = State.queued
    /// An operation that may not go to a device that has something of its stream before it.
    var needsIdleStream = false
    /// Of a record or wait that its device was told of: the mark's number; −1 otherwise.
    var mark: Int32 = -1
    /// Slot of its stream, −1 for a marker that waits for a record.
    var stream: Int32 = -1
    /// The next in its stream's queue, or in the free list.
    var next: Int32 = -1
    /// A record's first waiter; a waiter's next one.
    var waiter: Int32 = -1
    /// A record's last waiter.
    var lastWaiter: Int32 = -1
    /// A record's event; a wait's record (as an `OperationID`); a marker's pending wait.
    var reference: UInt64 = 0
    var payload = 0
    var policyLoad: UInt32 = 0
    var policyLine: UInt32 = 0
    var readyAt: Nanoseconds = 0
    var dispatchedAt: Nanoseconds = 0
    var facts = Item.noFacts

    static let noFacts = OperationFacts(
        id: OperationID(rawValue: 0), client: ClientID(rawValue: 0), stream: StreamID(rawValue: 0),
        device: DeviceID(rawValue: 0), function: FunctionID(rawValue: 0), sequence: 0,
        costNanoseconds: 0, enqueuedAt: 0)
}

/// Items in slots that are reused; a generation tells a stale reference from a live one.
struct ItemPool {
    private var slots: ContiguousArray<Item> = []
    private var free: Int32 = -1

    /// A slot for an item of `kind`, in state queued, with its links cleared.
    mutating func take(_ kind: Item.Kind, stream: Int32) -> Int {
        let slot: Int
        if free >= 0 {
            slot = Int(free)
            free = slots[slot].next
        } else {
            slot = slots.count
            slots.append(Item())
        }
        slots[slot].kind = kind
        slots[slot].state = .queued
        slots[slot].stream = stream
        slots[slot].next = -1
        slots[slot].waiter = -1
        slots[slot].lastWaiter = -1
        slots[slot].mark = -1
        slots[slot].needsIdleStream = false
        return slot
    }

    mutating func release(_ slot: Int) {
        slots[slot].kind = .free
        // Generation 0 is never used, so that an id of 0 is nobody's.
        slots[slot].generation = max(1, slots[slot].generation &+ 1)
        slots[slot].next = free
        free = Int32(slot)
    }

    subscript(slot: Int) -> Item {
        _read { yield slots[slot] }
        _modify { yield &slots[slot] }
    }

    func id(of slot: Int) -> OperationID {
        OperationID(slot: UInt32(slot), generation: slots[slot].generation)
    }

    /// The slot of `id` if that is still what it was.
    func slot(of id: OperationID) -> Int? {
        let slot = Int(id.slot)
        guard slot < slots.count, slots[slot].generation == id.generation,
            slots[slot].kind != .free
        else { return nil }
        return slot
    }
}
