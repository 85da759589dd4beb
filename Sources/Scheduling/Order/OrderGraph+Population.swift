import Wire

/// Clients and streams come and go.
extension OrderGraph {
    // MARK: Clients

    mutating func attach(_ id: ClientID) throws(SchedulerError) -> Int {
        guard clientSlots[id] == nil else { throw .exists(UInt64(id.rawValue)) }
        guard clients.count - freeClients.count < limits.clientsMax, clientSlots.canInsert(id)
        else {
            throw .tooManyClients(limit: limits.clientsMax)
        }
        let slot: Int
        if let free = freeClients.popLast() {
            slot = Int(free)
            clients[slot] = ClientState(id: id)
        } else {
            slot = clients.count
            clients.append(ClientState(id: id))
        }
        clientSlots.insert(id, slot: slot)
        return slot
    }

    /// The client has left. What was not dispatched is dropped; what is in flight finishes, then
    /// the client is forgotten.
    mutating func detach(_ id: ClientID, now: Nanoseconds) -> [DroppedOperation] {
        guard let client = clientSlots[id], !clients[client].isLeaving else { return [] }
        clients[client].isLeaving = true
        clients[client].events.removeAll()
        clients[client].streams.removeAll()
        let streams = clients[client].liveStreams
        var dropped: [DroppedOperation] = []
        // All are emptied before any moves on, or one would make the next one's work ready.
        for stream in streams { drop(queuedOn: Int(stream), into: &dropped) }
        for stream in streams {
            self.streams[Int(stream)].isClosing = true
            settle(Int(stream), Moment(now))
        }
        if streams.isEmpty { release(client: client) }
        return dropped
    }

    private mutating func release(client: Int) {
        clientSlots.remove(clients[client].id)
        clients[client] = ClientState(id: ClientID(rawValue: 0))
        freeClients.append(Int32(client))
    }

    // MARK: Streams

    mutating func createStream(_ id: StreamID, device: DeviceID, number: UInt32)
        throws(SchedulerError)
    {
        guard let client = clientSlots[id.client], !clients[client].isLeaving else {
            throw .unknownClient(id.client)
        }
        let index = Int(id.index)
        guard index < limits.streamIndexEnd,
            clients[client].liveStreams.count < limits.streamsPerClientMax
        else { throw .tooManyStreams(limit: limits.streamsPerClientMax) }
        while clients[client].streams.count <= index { clients[client].streams.append(-1) }
        guard clients[client].streams[index] < 0 else { throw .exists(id.rawValue) }
        let state = StreamState(
            id: id, client: Int32(client), device: device, number: number)
        let slot: Int32
        if let free = freeStreams.popLast() {
            slot = free
            streams[Int(slot)] = state
        } else {
            slot = Int32(streams.count)
            streams.append(state)
        }
        clients[client].streams[index] = slot
        clients[client].liveStreams.append(slot)
    }

    /// Frees the stream's id. What is queued still runs, unless `force`: then it is dropped.
    mutating func destroyStream(
        _ id: StreamID, force: Bool, now: Nanoseconds
    ) throws(SchedulerError) -> [DroppedOperation] {
        let stream = try locate(id)
        clients[Int(streams[stream].client)].streams[Int(id.index)] = -1
        streams[stream].isClosing = true
        var dropped: [DroppedOperation] = []
        if force { drop(queuedOn: stream, into: &dropped) }
        settle(stream, Moment(now))
        return dropped
    }

    /// Drops what was not dispatched. Records and markers stay: they are over when what is in
    /// flight is.
    mutating func abort(_ id: StreamID, now: Nanoseconds) throws(SchedulerError)
        -> [DroppedOperation]
    {
        let stream = try locate(id)
        var dropped: [DroppedOperation] = []
        drop(queuedOn: stream, into: &dropped)
        settle(stream, Moment(now))
        return dropped
    }

    mutating func release(stream: Int) {
        let client = Int(streams[stream].client)
        streams[stream].isLive = false
        if streams[stream].hasFailure { failures.removeAll { $0.stream == stream } }
        freeStreams.append(Int32(stream))
        clients[client].liveStreams.removeAll { $0 == Int32(stream) }
        if clients[client].isLeaving, clients[client].liveStreams.isEmpty {
            release(client: client)
        }
    }

    private mutating func drop(queuedOn stream: Int, into dropped: inout [DroppedOperation]) {
        var slot = detachQueue(of: stream)
        while slot >= 0 {
            let this = Int(slot)
            slot = items[this].next
            items[this].next = -1
            switch items[this].kind {
            case .record, .marker, .free:
                link(this, to: stream)
                continue
            case .operation:
                dropped.append(
                    DroppedOperation(
                        facts: items[this].facts, kind: items[this].facts.kind,
                        payload: items[this].payload, wasReady: items[this].state == .ready))
            case .wait:
                if items[this].state == .ready { removeWaiter(this) }
            }
            clients[Int(streams[stream].client)].queued -= 1
            items.release(this)
        }
    }

    /// Cuts the queue before the cursor and returns the first item of what was cut off.
    private mutating func detachQueue(of stream: Int) -> Int32 {
        let first = streams[stream].cursor
        guard first >= 0 else { return -1 }
        streams[stream].cursor = -1
        if streams[stream].head == first {
            streams[stream].head = -1
            streams[stream].tail = -1
            return first
        }
        var last = Int(streams[stream].head)
        while items[last].next != first { last = Int(items[last].next) }
        items[last].next = -1
        streams[stream].tail = Int32(last)
        return first
    }

    /// Takes a wait out of its record's chain.
    private mutating func removeWaiter(_ slot: Int) {
        guard let record = items.slot(of: OperationID(rawValue: items[slot].reference)) else {
            return
        }
        var before = record
        while items[before].waiter != Int32(slot) {
            guard items[before].waiter >= 0 else { return }
            before = Int(items[before].waiter)
        }
        items[before].waiter = items[slot].waiter
        if items[record].lastWaiter == Int32(slot) {
            items[record].lastWaiter = before == record ? -1 : Int32(before)
        }
        items[slot].waiter = -1
    }

    // MARK: Finding

    /// The client slot that the item in `slot` belongs to.
    func client(ofItem slot: Int) -> Int { Int(streams[Int(items[slot].stream)].client) }

    /// The slot of a stream that its client may use.
    func locate(_ id: StreamID) throws(SchedulerError) -> Int {
        guard let client = clientSlots[id.client] else { throw .unknownClient(id.client) }
        let index = Int(id.index)
        guard index < clients[client].streams.count else { throw .unknownStream(id) }
        let slot = clients[client].streams[index]
        guard slot >= 0 else { throw .unknownStream(id) }
        return Int(slot)
    }

    /// Counts one more item of the stream's client, or refuses it.
    mutating func reserve(_ stream: Int) throws(SchedulerError) {
        let client = Int(streams[stream].client)
        guard clients[client].queued < limits.queuedPerClientMax else {
            throw .queueFull(limit: limits.queuedPerClientMax)
        }
        clients[client].queued += 1
    }

    /// A client records and resets its own events only, by an index within the limit.
    func checkEvent(_ event: EventID, of client: Int) throws(SchedulerError) {
        guard clientSlots[event.client] == client else { throw .unknownEvent(event) }
        guard Int(event.index) < limits.eventIndexEnd else {
            throw .tooManyEvents(limit: limits.eventIndexEnd)
        }
    }
}
