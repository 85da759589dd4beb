package import Wire

/// Decides what each device does next. One thread owns it; it reads no clock and does no I/O.
///
/// Three parts, each unaware of the others: `OrderGraph` says what may run, `PolicyHost` chooses among that,
/// `Accounts` count. The owner's loop: hand in work and order, then for each device take `next` until it says
/// hold or idle; report completions with `finished`; after each step, drain `nextSatisfied` and `nextCompletedRecord`.
package final class Scheduler {
    package let host: PolicyHost
    private var graph: OrderGraph
    private var accounts = Accounts()
    private var devices: ContiguousArray<DeviceState> = []
    /// Index in `devices` by device number, −1 where this scheduler does not own the device.
    private var deviceIndex: ContiguousArray<Int> = []

    package init(devices: [DeviceID], limits: SchedulerLimits = .init(), policyHost: PolicyHost) {
        host = policyHost
        graph = OrderGraph(limits: limits)
        for device in devices {
            while deviceIndex.count <= Int(device.rawValue) { deviceIndex.append(-1) }
            deviceIndex[Int(device.rawValue)] = self.devices.count
            self.devices.append(DeviceState(device))
        }
    }

    // MARK: Clients and streams

    package func attach(_ client: ClientFacts, now: Nanoseconds) throws(SchedulerError) {
        let slot = try graph.attach(client.id)
        accounts.open(slot)
        host.attach(client, now: now)
    }

    /// The client left or died: what was not dispatched is dropped and returned; what is in flight
    /// finishes and is then forgotten; waits by others on its events are satisfied as its records come to their turn.
    package func detach(_ client: ClientID, now: Nanoseconds) -> [DroppedOperation] {
        guard let slot = graph.clientSlots[client] else { return [] }
        let dropped = graph.detach(client, now: now)
        account(for: dropped, of: slot, .clientGone, now: now)
        host.detach(client, now: now)
        announce(now)
        return dropped
    }

    package func createStream(_ id: StreamID, device: DeviceID) throws(SchedulerError) {
        guard index(of: device) != nil else { throw .unknownDevice(device) }
        try graph.createStream(id, device: device)
    }

    /// The id is free at once. What is queued still runs unless `force`, which drops and returns it.
    package func destroyStream(_ id: StreamID, force: Bool, now: Nanoseconds) throws(SchedulerError)
        -> [DroppedOperation]
    {
        let slot = graph.clientSlots[id.client]
        let dropped = try graph.destroyStream(id, force: force, now: now)
        account(for: dropped, of: slot, .streamAborted, now: now)
        announce(now)
        return dropped
    }

    /// Drops and returns what was not dispatched.
    package func abort(_ id: StreamID, now: Nanoseconds) throws(SchedulerError) -> [DroppedOperation] {
        let slot = graph.clientSlots[id.client]
        let dropped = try graph.abort(id, now: now)
        account(for: dropped, of: slot, .streamAborted, now: now)
        announce(now)
        return dropped
    }

    // MARK: Work and order

    @discardableResult
    package func enqueue(_ work: Submission, now: Nanoseconds) throws(SchedulerError) -> OperationID {
        let slot = try graph.enqueue(work, now: now)
        accounts.queued(graph.client(ofItem: slot), work.phase)
        let id = graph.items.id(of: slot)
        announce(now)
        return id
    }

    /// `payload` comes back with `nextCompletedRecord`; a negative one asks for no report.
    package func recordEvent(
        _ stream: StreamID, _ event: EventID, payload: Int = -1, now: Nanoseconds
    ) throws(SchedulerError) {
        try graph.record(event, on: stream, payload: payload, now: now)
        announce(now)
    }

    /// Later work of the stream waits for the event's latest record, as of now.
    package func waitEvent(_ stream: StreamID, _ event: EventID, now: Nanoseconds) throws(SchedulerError) {
        try graph.wait(stream, for: event, now: now)
        announce(now)
    }

    /// From now on the event counts as never recorded.
    package func resetEvent(_ stream: StreamID, _ event: EventID, now: Nanoseconds) throws(SchedulerError) {
        try graph.reset(event, on: stream)
    }

    /// Forgets the event; waits that were enqueued before keep their record.
    package func destroyEvent(_ event: EventID) { graph.forget(event) }

    // MARK: Dispatch

    /// What the device is to do next.
    package func next(device: DeviceID, now: Nanoseconds) -> Dispatch {
        guard let index = index(of: device) else { return .idle }
        switch host.decide(devices[index].load, now: now) {
        case .idle: return .idle
        case .hold(let wakeAt): return .hold(wakeAt: wakeAt)
        case .dispatch(let id, let load, let line):
            let slot = Int(id.slot)
            let operation = DispatchedOperation(
                facts: graph.items[slot].facts, kind: graph.items[slot].work,
                payload: graph.items[slot].payload, policyLoad: load, policyLine: line)
            accounts.dispatched(
                graph.client(ofItem: slot), operation.facts.phase,
                waited: now - graph.items[slot].readyAt)
            devices[index].add(operation.facts)
            graph.dispatch(slot, load: load, line: line, now: now)
            announce(now)
            return .operation(operation)
        }
    }

    /// The device is done with an operation. Times are of the same clock as `now`.
    ///
    /// - Returns: its whole life, or nil where `id` is not in flight.
    @discardableResult
    package func finished(
        _ id: OperationID, startedAt: Nanoseconds, finishedAt: Nanoseconds,
        failure: OperationFailure? = nil, now: Nanoseconds
    ) -> FinishedOperation? {
        guard let slot = graph.items.slot(of: id), graph.items[slot].state == .dispatched,
            graph.items[slot].kind == .operation
        else { return nil }
        let facts = graph.items[slot].facts
        let life = FinishedOperation(
            facts: facts, kind: graph.items[slot].work, payload: graph.items[slot].payload,
            readyAt: graph.items[slot].readyAt, dispatchedAt: graph.items[slot].dispatchedAt,
            startedAt: startedAt, finishedAt: finishedAt,
            policyLoad: graph.items[slot].policyLoad, policyLine: graph.items[slot].policyLine)
        let took = max(0, finishedAt - startedAt)
        if let index = index(of: facts.device) {
            devices[index].remove(facts, startedAt: startedAt, finishedAt: finishedAt)
        }
        accounts.finished(graph.client(ofItem: slot), facts.phase, busy: took)
        if let failure { graph.keep(failure, of: Int(graph.items[slot].stream)) }
        host.finished(facts, tookNanoseconds: took, now: now)
        graph.finish(slot, Moment(happenedAt: finishedAt, now: now))
        announce(now)
        return life
    }

    // MARK: Waits and questions

    /// Waits for everything that is before this point of the target.
    package func wait(for target: WaitTarget, token: UInt64) throws(SchedulerError) -> WaitAnswer {
        try graph.wait(for: target, token: token)
    }

    /// A barrier for deferred frees: true when the client has no work; else `token` is satisfied once all work that it
    /// enqueued before is done.
    package func afterAllWork(of client: ClientID, token: UInt64) -> Bool {
        graph.barrier(behind: client, token: token)
    }

    /// Gives a wait up (a timeout). False when its token is out already, or never was.
    @discardableResult
    package func cancelWait(token: UInt64) -> Bool { graph.cancel(token: token) }

    /// The next wait that is over, in the order in which they ended; nil when there is none.
    package func nextSatisfied() -> SatisfiedWait? { graph.satisfied.next() }

    /// The next record that completed; nil when there is none.
    package func nextCompletedRecord() -> CompletedRecord? { graph.completedRecords.next() }

    /// Whether all work of the stream is done.
    package func isComplete(_ stream: StreamID) throws(SchedulerError) -> Bool {
        try graph.isComplete(stream)
    }

    package func status(of event: EventID) -> EventStatus { graph.status(of: event) }

    /// When the two events completed; nil unless both have.
    package func eventTimes(_ start: EventID, _ end: EventID) -> (start: Nanoseconds, end: Nanoseconds)? {
        guard case .complete(let first) = graph.status(of: start),
            case .complete(let last) = graph.status(of: end)
        else { return nil }
        return (first, last)
    }

    // MARK: Accounts

    /// One account a phase; empty phases are left out.
    package func accounts(of client: ClientID) -> [PhaseAccount] {
        guard let slot = graph.clientSlots[client] else { return [] }
        return accounts.phases(of: slot)
    }

    /// Operations, records and waits of the client that are not done.
    package func queued(of client: ClientID) -> Int {
        guard let slot = graph.clientSlots[client] else { return 0 }
        return graph.clients[slot].queued
    }

    /// The device's counters; its memory is the owner's to fill in.
    package func status(of device: DeviceID) -> DeviceStatus? {
        guard let index = index(of: device) else { return nil }
        return devices[index].status(ready: host.readyCount(on: device))
    }

    package func load(of device: DeviceID) -> DeviceLoad? {
        guard let index = index(of: device) else { return nil }
        return devices[index].load
    }

    // MARK: Steps

    private func index(of device: DeviceID) -> Int? {
        let number = Int(device.rawValue)
        guard number >= 0, number < deviceIndex.count, deviceIndex[number] >= 0 else { return nil }
        return deviceIndex[number]
    }

    /// Tells the policy of what became ready.
    private func announce(_ now: Nanoseconds) {
        guard !graph.newlyReady.isEmpty else { return }
        for index in graph.newlyReady.indices {
            host.becameReady(graph.items[Int(graph.newlyReady[index])].facts, now: now)
        }
        graph.newlyReady.removeAll(keepingCapacity: true)
    }

    private func account(
        for dropped: [DroppedOperation], of client: Int?, _ reason: DropReason, now: Nanoseconds
    ) {
        guard let client else { return }
        for operation in dropped {
            accounts.dropped(client, operation.facts.phase)
            if operation.wasReady { host.drop(operation.facts, reason: reason, now: now) }
        }
    }
}
