import Wire

/// What `Scheduler` does, as one value: a call of the class is one access to this, however much it
/// touches.
struct SchedulerCore: ~Copyable {
    let host: PolicyHost
    var graph: OrderGraph
    var accounts = Accounts()
    var devices: DeviceTable

    init(devices: [DeviceID], limits: SchedulerLimits, host: PolicyHost) {
        self.host = host
        graph = OrderGraph(limits: limits)
        self.devices = DeviceTable(devices)
    }

    mutating func attach(_ client: ClientFacts, now: Nanoseconds) throws(SchedulerError) {
        let slot = try graph.attach(client.id)
        accounts.open(slot)
        host.attach(client, now: now)
    }

    mutating func detach(_ client: ClientID, now: Nanoseconds) -> [DroppedOperation] {
        guard let slot = graph.clientSlots[client], !graph.clients[slot].isLeaving else {
            return []
        }
        let dropped = graph.detach(client, now: now)
        account(for: dropped, of: slot, .clientGone, now: now)
        host.detach(client, now: now)
        announce(now)
        return dropped
    }

    mutating func createStream(_ id: StreamID, device: DeviceID, number: UInt32)
        throws(SchedulerError)
    {
        guard devices.index(of: device) != nil else { throw .unknownDevice(device) }
        try graph.createStream(id, device: device, number: number)
    }

    mutating func destroyStream(
        _ id: StreamID, force: Bool, now: Nanoseconds
    ) throws(SchedulerError) -> [DroppedOperation] {
        let slot = graph.clientSlots[id.client]
        let dropped = try graph.destroyStream(id, force: force, now: now)
        account(for: dropped, of: slot, .streamAborted, now: now)
        announce(now)
        return dropped
    }

    mutating func abort(_ id: StreamID, now: Nanoseconds) throws(SchedulerError)
        -> [DroppedOperation]
    {
        let slot = graph.clientSlots[id.client]
        let dropped = try graph.abort(id, now: now)
        account(for: dropped, of: slot, .streamAborted, now: now)
        announce(now)
        return dropped
    }

    mutating func enqueue(_ work: Submission, now: Nanoseconds) throws(SchedulerError)
        -> OperationID
    {
        let slot = try graph.enqueue(work, now: now)
        accounts.queued(graph.client(ofItem: slot), work.phase)
        announce(now)
        return graph.items.id(of: slot)
    }

    mutating func record(
        _ event: EventID, number: UInt64?, on stream: StreamID, payload: Int, now: Nanoseconds
    ) throws(SchedulerError) {
        try graph.record(event, number: number, on: stream, payload: payload, now: now)
        announce(now)
    }

    mutating func wait(
        _ stream: StreamID, for event: EventID, number: UInt64?, now: Nanoseconds
    ) throws(SchedulerError) {
        try graph.wait(stream, for: event, number: number, now: now)
        announce(now)
    }

    mutating func next(_ device: DeviceID, now: Nanoseconds) -> Dispatch {
        guard let index = devices.index(of: device) else { return .idle }
        switch host.decide(devices[index].load, now: now) {
        case .idle: return .idle
        case .hold(let wakeAt): return .hold(wakeAt: wakeAt)
        case .dispatch(let id, let load, let line, let cores, let note):
            let slot = Int(id.slot)
            let operation = DispatchedOperation(
                facts: graph.items[slot].facts, kind: graph.items[slot].facts.kind,
                payload: graph.items[slot].payload, policyLoad: load, policyLine: line,
                cores: cores, note: note)
            accounts.dispatched(
                graph.client(ofItem: slot), operation.facts.phase,
                waited: now - graph.items[slot].readyAt)
            devices[index].add(operation.facts)
            graph.dispatch(slot, load: load, line: line, now: now)
            announce(now)
            return .operation(operation)
        }
    }

    mutating func finished(
        _ id: OperationID, startedAt: Nanoseconds, finishedAt: Nanoseconds,
        failure: OperationFailure?, now: Nanoseconds
    ) -> FinishedOperation? {
        guard let slot = graph.items.slot(of: id), graph.items[slot].state == .dispatched,
            graph.items[slot].kind == .operation
        else { return nil }
        let life = FinishedOperation(
            facts: graph.items[slot].facts, kind: graph.items[slot].facts.kind,
            payload: graph.items[slot].payload, readyAt: graph.items[slot].readyAt,
            dispatchedAt: graph.items[slot].dispatchedAt, startedAt: startedAt,
            finishedAt: finishedAt, policyLoad: graph.items[slot].policyLoad,
            policyLine: graph.items[slot].policyLine)
        let took = max(0, finishedAt - startedAt)
        if let index = devices.index(of: life.facts.device) {
            devices[index].remove(life.facts, startedAt: startedAt, finishedAt: finishedAt)
        }
        accounts.finished(graph.client(ofItem: slot), life.facts.phase, busy: took)
        if let failure { graph.keep(failure, of: Int(graph.items[slot].stream)) }
        // The policy hears of the end before it hears of what the end makes ready.
        host.finished(life.facts, tookNanoseconds: took, now: now)
        graph.finish(slot, Moment(happenedAt: finishedAt, now: now))
        announce(now)
        return life
    }

    // MARK: Steps

    /// Tells the policy of what became ready.
    private mutating func announce(_ now: Nanoseconds) {
        let count = graph.newlyReady.count
        guard count > 0 else { return }
        for index in 0..<count {
            host.becameReady(graph.items[Int(graph.newlyReady[index])].facts, now: now)
        }
        graph.newlyReady.removeLast(count)
    }

    private mutating func account(
        for dropped: [DroppedOperation], of client: Int?, _ reason: DropReason, now: Nanoseconds
    ) {
        guard let client else { return }
        for operation in dropped {
            accounts.dropped(client, operation.facts.phase)
            if operation.wasReady { host.drop(operation.facts, reason: reason, now: now) }
        }
    }
}
