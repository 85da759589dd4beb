import Wire

/// The order of all work: which operation may run, which event is complete, which wait is over.
///
/// Order is kept here by construction and nowhere else: an operation leaves this graph as ready
/// only when what is before it in its stream is done (or dispatched, see
/// `SchedulerLimits.submitAhead`) and the records it waits for are complete. A wait binds to a
/// record that was enqueued before it, so there is no cycle to fall into. The graph knows no policy
/// and no accounts.
struct OrderGraph: ~Copyable {
    let limits: SchedulerLimits
    var items = ItemPool()
    var streams: ContiguousArray<StreamState> = []
    var clients: ContiguousArray<ClientState> = []
    var clientSlots = ClientSlots()
    var waits: ContiguousArray<PendingWait> = []
    var failures: ContiguousArray<(stream: Int, failure: OperationFailure)> = []
    var freeStreams: ContiguousArray<Int32> = []
    var freeClients: ContiguousArray<Int32> = []
    var freeWaits: ContiguousArray<Int32> = []
    /// Streams to look at again, because something they waited for is complete.
    private var awake: ContiguousArray<Int32> = []

    /// Operations that became ready since `newlyReady` was last emptied.
    var newlyReady: ContiguousArray<Int32> = []
    var satisfied = Outbox<SatisfiedWait>()
    var completedRecords = Outbox<CompletedRecord>()
    /// What devices that run ahead must be told.
    var orders = Outbox<DeviceOrder>()
    private var marks = NumberPool()
    /// More marks than this are not put on devices: waits for them are kept here instead.
    private static let marksMax: UInt32 = 1 << 20

    init(limits: SchedulerLimits) { self.limits = limits }

    // MARK: What a program enqueues

    /// Queues an operation and returns its slot.
    mutating func enqueue(_ work: Submission, now: Nanoseconds) throws(SchedulerError) -> Int {
        let stream = try locate(work.stream)
        try reserve(stream)
        let slot = items.take(.operation, stream: Int32(stream))
        streams[stream].sequence += 1
        let facts = OperationFacts(
            id: items.id(of: slot), client: work.stream.client, stream: work.stream,
            device: streams[stream].device, function: work.function, kind: work.kind,
            phase: work.phase, phaseSource: work.phaseSource, sequence: streams[stream].sequence,
            costNanoseconds: work.costNanoseconds, tokens: work.tokens, bytes: work.bytes,
            flops: work.flops, cores: work.cores, enqueuedAt: now)
        items[slot].facts = facts
        items[slot].payload = work.payload
        items[slot].needsIdleStream = work.needsIdleStream
        append(slot, to: stream, Moment(now))
        return slot
    }

    /// Queues a record: the event's latest from now on.
    mutating func record(
        _ event: EventID, number: UInt64?, on id: StreamID, payload: Int, now: Nanoseconds
    ) throws(SchedulerError) {
        let stream = try locate(id)
        let client = Int(streams[stream].client)
        try checkEvent(event, of: client)
        try reserve(stream)
        let slot = items.take(.record, stream: Int32(stream))
        items[slot].reference = event.rawValue
        items[slot].payload = payload
        let index = Int(event.index)
        while clients[client].events.count <= index { clients[client].events.append(EventState()) }
        keepOlderRecord(of: event, client)
        clients[client].events[index] = EventState(
            latest: items.id(of: slot), status: .pending,
            number: number ?? clients[client].events[index].number + 1)
        append(slot, to: stream, Moment(now))
    }

    /// Makes the stream wait for a record of the event, if that is pending.
    mutating func wait(
        _ id: StreamID, for event: EventID, number: UInt64?, now: Nanoseconds
    ) throws(SchedulerError) {
        let stream = try locate(id)
        guard let record = try pendingRecord(of: event, number: number) else { return }
        try reserve(stream)
        let slot = items.take(.wait, stream: Int32(stream))
        items[slot].reference = items.id(of: record).rawValue
        append(slot, to: stream, Moment(now))
    }

    /// Puts the event back to never recorded. Waits that were enqueued before keep their record.
    mutating func reset(_ event: EventID, on id: StreamID) throws(SchedulerError) {
        let stream = try locate(id)
        try checkEvent(event, of: Int(streams[stream].client))
        forget(event, keepsCounting: true)
    }

    /// Forgets the event, so that its index may be used for another, which counts its records anew.
    mutating func forget(_ event: EventID) { forget(event, keepsCounting: false) }

    private mutating func forget(_ event: EventID, keepsCounting: Bool) {
        guard let client = clientSlots[event.client] else { return }
        let index = Int(event.index)
        guard index < clients[client].events.count else { return }
        keepOlderRecord(of: event, client)
        let number = keepsCounting ? clients[client].events[index].number : 0
        clients[client].events[index] = EventState(number: number)
    }

    // MARK: What the device does

    /// The operation goes to its device.
    mutating func dispatch(_ slot: Int, load: UInt32, line: UInt32, now: Nanoseconds) {
        let stream = Int(items[slot].stream)
        items[slot].state = .dispatched
        items[slot].dispatchedAt = now
        items[slot].policyLoad = load
        items[slot].policyLine = line
        let next = Int(items[slot].next)
        streams[stream].inFlight += 1
        streams[stream].cursor = Int32(next)
        // Most often there is nothing to issue: the next operation waits for this one.
        if next >= 0, limits.submitAhead || items[next].kind != .operation {
            settle(stream, Moment(now))
        }
    }

    /// The operation is done: whatever waited only for it moves on. Its slot is not to be used
    /// after this.
    mutating func finish(_ slot: Int, _ moment: Moment) {
        let stream = Int(items[slot].stream)
        items[slot].state = .done
        streams[stream].inFlight -= 1
        settle(stream, moment)
    }

    // MARK: Moving on

    /// Lets the stream, and then every stream that this woke, move on as far as it can.
    mutating func settle(_ stream: Int, _ moment: Moment) {
        advance(stream, moment)
        var index = 0
        while index < awake.count {
            let next = Int(awake[index])
            index += 1
            if streams[next].isLive { advance(next, moment) }
        }
        if index > 0 { awake.removeAll(keepingCapacity: true) }
    }

    private mutating func append(_ slot: Int, to stream: Int, _ moment: Moment) {
        link(slot, to: stream)
        settle(stream, moment)
    }

    /// Puts an item at the stream's end, issuing nothing.
    mutating func link(_ slot: Int, to stream: Int) {
        let tail = streams[stream].append(Int32(slot))
        if tail >= 0 { items[Int(tail)].next = Int32(slot) }
    }

    /// Issues from the cursor on what may be issued.
    private mutating func advance(_ stream: Int, _ moment: Moment) {
        retire(stream, moment)
        while streams[stream].cursor >= 0 {
            let slot = Int(streams[stream].cursor)
            switch items[slot].kind {
            case .operation:
                guard mayGo(slot, stream) else { return }
                if items[slot].state == .queued {
                    items[slot].state = .ready
                    items[slot].readyAt = moment.now
                    newlyReady.append(Int32(slot))
                }
                return
            case .wait:
                guard passes(slot, stream) else { return }
            case .record:
                guard !limits.submitAhead || hasRoomOnDevice(stream) else { return }
                items[slot].state = .dispatched
            case .marker, .free:
                items[slot].state = .dispatched
            }
            let record = items[slot].kind == .record ? items.id(of: slot) : nil
            streams[stream].cursor = items[slot].next
            retire(stream, moment)
            if let record, limits.submitAhead { putOnDevice(record, stream) }
        }
        if streams[stream].isClosing, streams[stream].isEmpty { release(stream: stream) }
    }

    /// Whether the operation at the cursor may go to its device behind what is there of its stream.
    private func mayGo(_ slot: Int, _ stream: Int) -> Bool {
        if streams[stream].head == Int32(slot) { return true }
        guard !items[slot].needsIdleStream else { return false }
        return streams[stream].inFlight == 0 || hasRoomOnDevice(stream)
    }

    /// Takes out from the head what is over; a record or marker that comes to the head is over
    /// thereby.
    private mutating func retire(_ stream: Int, _ moment: Moment) {
        while streams[stream].head != streams[stream].cursor {
            let slot = Int(streams[stream].head)
            let kind = items[slot].kind
            if kind == .operation || kind == .wait, items[slot].state != .done { return }
            streams[stream].head = items[slot].next
            if streams[stream].head < 0 { streams[stream].tail = -1 }
            if items[slot].mark >= 0 { streams[stream].ordersInFlight -= 1 }
            switch kind {
            case .record: complete(slot, of: stream, moment)
            case .marker: arrive(Int(items[slot].reference))
            case .operation, .wait, .free: break
            }
            if kind != .marker { clients[Int(streams[stream].client)].queued -= 1 }
            items.release(slot)
        }
    }

    // MARK: Devices that run ahead

    private func hasRoomOnDevice(_ stream: Int) -> Bool {
        limits.submitAhead
            && Int(streams[stream].inFlight + streams[stream].ordersInFlight)
                < limits.streamDepthMax
    }

    /// A record that could not complete at once becomes a mark on the device. Waits for it that
    /// stand at their streams' cursors can now be handed to the device as well.
    private mutating func putOnDevice(_ id: OperationID, _ stream: Int) {
        guard let record = items.slot(of: id), let mark = marks.takeNumber(below: Self.marksMax)
        else {
            return
        }
        items[record].mark = Int32(mark)
        streams[stream].ordersInFlight += 1
        orders.append(
            .record(
                streams[stream].device, stream: streams[stream].number, mark: mark))
        var waiter = items[record].waiter
        while waiter >= 0 {
            if items[Int(waiter)].kind == .wait { awake.append(items[Int(waiter)].stream) }
            waiter = items[Int(waiter)].waiter
        }
    }

    /// Whether the stream may go on behind the wait: its record is complete, or its device waits.
    /// Else the wait joins the record's waiters.
    private mutating func passes(_ slot: Int, _ stream: Int) -> Bool {
        guard let record = items.slot(of: OperationID(rawValue: items[slot].reference)),
            items[record].stream != Int32(stream)
        else {
            items[slot].state = .done
            return true
        }
        if items[slot].state == .queued {
            items[slot].state = .ready
            addWaiter(slot, to: record)
        }
        let recorded = Int(items[record].stream)
        let mark = items[record].mark
        guard mark >= 0, streams[recorded].device == streams[stream].device,
            hasRoomOnDevice(stream)
        else { return false }
        items[slot].state = .dispatched
        items[slot].mark = mark
        streams[stream].ordersInFlight += 1
        orders.append(
            .wait(streams[stream].device, stream: streams[stream].number, mark: UInt32(mark)))
        return true
    }

    /// Appends to the record's chain, so that waiters wake in the order in which they came.
    mutating func addWaiter(_ slot: Int, to record: Int) {
        let last = Int(items[record].lastWaiter)
        items[last < 0 ? record : last].waiter = Int32(slot)
        items[record].lastWaiter = Int32(slot)
    }

    private mutating func complete(_ slot: Int, of stream: Int, _ moment: Moment) {
        let event = EventID(rawValue: items[slot].reference)
        let client = Int(streams[stream].client)
        let index = Int(event.index)
        if index < clients[client].events.count,
            clients[client].events[index].latest.rawValue == items.id(of: slot).rawValue
        {
            clients[client].events[index].latest = OperationID(rawValue: 0)
            clients[client].events[index].status = .complete(at: moment.happenedAt)
        }
        let mark = items[slot].mark
        if mark >= 0 {
            marks.giveBack(UInt32(mark))
            orders.append(.forget(streams[stream].device, mark: UInt32(mark)))
        }
        if items[slot].payload >= 0 {
            completedRecords.append(
                CompletedRecord(
                    event: event, stream: streams[stream].id, payload: items[slot].payload,
                    completedAt: moment.happenedAt))
        }
        var waiter = items[slot].waiter
        while waiter >= 0 {
            let this = Int(waiter)
            waiter = items[this].waiter
            items[this].waiter = -1
            if items[this].kind == .wait {
                items[this].reference = 0
                if items[this].state == .dispatched { items[this].state = .done }
                awake.append(items[this].stream)
            } else {
                arrive(Int(items[this].reference))
                items.release(this)
            }
        }
    }
}
