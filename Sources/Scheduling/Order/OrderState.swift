import Wire

/// One stream: a queue of items in three parts. From `head` to before `cursor`: issued (dispatched,
/// or waiting only for what is before). `cursor`: the next to issue. Behind it: queued.
struct StreamState {
    var id: StreamID
    var client: Int32
    var device: DeviceID
    /// By which the device knows it.
    var number: UInt32
    var head: Int32 = -1
    var tail: Int32 = -1
    var cursor: Int32 = -1
    /// Operations dispatched and not done.
    var inFlight: Int32 = 0
    /// Records and waits that the device was told of and has not passed.
    var ordersInFlight: Int32 = 0
    /// Operations ever enqueued.
    var sequence: UInt64 = 0
    /// The client has destroyed it; it goes when its queue is empty.
    var isClosing = false
    /// A failure of it waits to be reported (see `OrderGraph.failures`).
    var hasFailure = false
    var isLive = true

    var isEmpty: Bool { head < 0 }

    /// Makes `slot` the last item and returns the one that was.
    mutating func append(_ slot: Int32) -> Int32 {
        let last = tail
        if last < 0 { head = slot }
        tail = slot
        if cursor < 0 { cursor = slot }
        return last
    }
}

/// One client's part of the graph.
struct ClientState {
    var id: ClientID
    /// The slot of each stream by the client's own index, −1 where there is none.
    var streams: ContiguousArray<Int32> = []
    /// Slots of all its streams in the order of their creation, closing ones included.
    var liveStreams: ContiguousArray<Int32> = []
    /// By the client's own index.
    var events: ContiguousArray<EventState> = []
    /// Pending records that are not their event's latest any more. Few: a program seldom records an
    /// event again before it is reached.
    var olderRecords: ContiguousArray<OlderRecord> = []
    /// Operations, records and waits that are not done.
    var queued = 0
    /// It has left; it is forgotten when its last stream is.
    var isLeaving = false
}

/// One event: its latest record.
struct EventState {
    /// The record's item while that is pending; 0 otherwise.
    var latest = OperationID(rawValue: 0)
    var status = EventStatus.unrecorded
    /// The latest record's number; a program counts an event's records from 1.
    var number: UInt64 = 0
}

/// A pending record that a newer one of its event has taken the place of.
struct OlderRecord {
    var event: UInt32
    var number: UInt64
    var item: OperationID
}

/// A wait of a program, or a barrier of the daemon, with the markers it left in streams.
struct PendingWait {
    enum Scope {
        case stream(Int32)
        case device(client: Int32, DeviceID)
        /// An event, or a barrier: reports no failure.
        case none
    }
    var token: UInt64 = 0
    var scope = Scope.none
    /// Markers that were not reached yet; 0: the slot is free.
    var remaining = 0
    var isCancelled = false
}

/// The time of an event twice: when it happened, and when the scheduler was told. Completion times
/// of events use the first, waiting times the second.
struct Moment {
    var happenedAt: Nanoseconds
    var now: Nanoseconds
    init(_ now: Nanoseconds) {
        happenedAt = now
        self.now = now
    }
    init(happenedAt: Nanoseconds, now: Nanoseconds) {
        self.happenedAt = happenedAt
        self.now = now
    }
}

/// A first-in first-out list that is drained by one reader, which may cause new entries meanwhile.
struct Outbox<Element> {
    private var elements: ContiguousArray<Element> = []
    private var taken = 0

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func next() -> Element? {
        guard taken < elements.count else { return nil }
        defer {
            taken += 1
            if taken == elements.count {
                elements.removeAll(keepingCapacity: true)
                taken = 0
            }
        }
        return elements[taken]
    }
}
