package import Wire

/// Decides what each device does next. One thread owns it; it reads no clock and does no I/O.
///
/// Three parts, each unaware of the others: `OrderGraph` says what may run, `PolicyHost` chooses
/// among that, `Accounts` count; `SchedulerCore` wires them. The owner's loop: hand in work and
/// order, then for each device take `next` until it says hold or idle; report completions with
/// `finished`; after each step, drain `nextSatisfied` and `nextCompletedRecord`.
package final class Scheduler {
    package let host: PolicyHost
    // Unchecked, since nothing in the core can call back into this class: a policy holds no
    // reference to it. The check costs a fifth of the hot path.
    @safe @exclusivity(unchecked) private var core: SchedulerCore

    package init(devices: [DeviceID], limits: SchedulerLimits = .init(), policyHost: PolicyHost) {
        host = policyHost
        core = SchedulerCore(devices: devices, limits: limits, host: policyHost)
    }

    // MARK: Clients and streams

    package func attach(_ client: ClientFacts, now: Nanoseconds) throws(SchedulerError) {
        try core.attach(client, now: now)
    }

    /// The client left or died: what was not dispatched is dropped and returned; what is in flight
    /// finishes and is then forgotten; waits by others on its events are satisfied when that is
    /// done.
    package func detach(_ client: ClientID, now: Nanoseconds) -> [DroppedOperation] {
        core.detach(client, now: now)
    }

    /// `number` is what the device knows the stream by; it comes back in `DeviceOrder`s.
    package func createStream(_ id: StreamID, device: DeviceID, number: UInt32 = 0)
        throws(SchedulerError)
    {
        try core.createStream(id, device: device, number: number)
    }

    /// The id is free at once. What is queued still runs unless `force`, which drops and returns
    /// it.
    package func destroyStream(_ id: StreamID, force: Bool, now: Nanoseconds) throws(SchedulerError)
        -> [DroppedOperation]
    {
        try core.destroyStream(id, force: force, now: now)
    }

    /// Drops and returns what was not dispatched.
    package func abort(_ id: StreamID, now: Nanoseconds) throws(SchedulerError)
        -> [DroppedOperation]
    {
        try core.abort(id, now: now)
    }

    // MARK: Work and order

    @discardableResult
    package func enqueue(_ work: Submission, now: Nanoseconds) throws(SchedulerError) -> OperationID
    {
        try core.enqueue(work, now: now)
    }

    /// `payload` comes back with `nextCompletedRecord`; a negative one asks for no report.
    package func recordEvent(
        _ stream: StreamID, _ event: EventID, number: UInt64? = nil, payload: Int = -1,
        now: Nanoseconds
    ) throws(SchedulerError) {
        try core.record(event, number: number, on: stream, payload: payload, now: now)
    }

    /// Later work of the stream waits for one record of the event: the one of `number`, or the
    /// latest as of now. A program numbers an event's records from 1; number 0 waits for nothing.
    package func waitEvent(
        _ stream: StreamID, _ event: EventID, number: UInt64? = nil, now: Nanoseconds
    ) throws(SchedulerError) {
        try core.wait(stream, for: event, number: number, now: now)
    }

    /// From now on the event counts as never recorded; waits that were enqueued before keep their
    /// record.
    package func resetEvent(_ stream: StreamID, _ event: EventID, now: Nanoseconds)
        throws(SchedulerError)
    {
        try core.graph.reset(event, on: stream)
    }

    /// Forgets the event; waits that were enqueued before keep their record.
    package func destroyEvent(_ event: EventID) { core.graph.forget(event) }

    // MARK: Dispatch

    /// What the device is to do next.
    package func next(device: DeviceID, now: Nanoseconds) -> Dispatch {
        core.next(device, now: now)
    }

    /// Records and waits that a device running ahead keeps order by. Drain it after every call that
    /// may move a stream on; what `next` causes comes behind the operation that it gave.
    package func nextDeviceOrder() -> DeviceOrder? { core.graph.orders.next() }

    /// The device is done with an operation. Times are of the same clock as `now`. A failure is
    /// kept by the stream until a wait reports it.
    ///
    /// - Returns: the operation's whole life, or nil where `id` is not in flight.
    @discardableResult
    package func finished(
        _ id: OperationID, startedAt: Nanoseconds, finishedAt: Nanoseconds,
        failure: OperationFailure? = nil, now: Nanoseconds
    ) -> FinishedOperation? {
        core.finished(id, startedAt: startedAt, finishedAt: finishedAt, failure: failure, now: now)
    }

    // MARK: Waits and questions

    /// Waits for everything that is before this point of the target.
    package func wait(for target: WaitTarget, token: UInt64) throws(SchedulerError) -> WaitAnswer {
        try core.graph.wait(for: target, token: token)
    }

    /// A barrier for deferred frees: true when the client has no work; else `token` is satisfied
    /// once all work that it enqueued before is done.
    package func afterAllWork(of client: ClientID, token: UInt64) -> Bool {
        core.graph.barrier(behind: client, token: token)
    }

    /// Gives a wait up (a timeout). False when its token is out already, or never was.
    @discardableResult
    package func cancelWait(token: UInt64) -> Bool { core.graph.cancel(token: token) }

    /// The next wait that is over, in the order in which they ended; nil when there is none.
    package func nextSatisfied() -> SatisfiedWait? { core.graph.satisfied.next() }

    /// The next record that completed; nil when there is none.
    package func nextCompletedRecord() -> CompletedRecord? { core.graph.completedRecords.next() }

    /// Whether all work of the stream is done.
    package func isComplete(_ stream: StreamID) throws(SchedulerError) -> Bool {
        try core.graph.isComplete(stream)
    }

    /// Where a record of the event stands: the one of `number`, or the latest.
    package func status(of event: EventID, number: UInt64? = nil) -> EventStatus {
        core.graph.status(of: event, number: number)
    }

    /// When the two events completed; nil unless both have.
    package func eventTimes(_ start: EventID, _ end: EventID) -> (
        start: Nanoseconds, end: Nanoseconds
    )? {
        guard case .complete(let first) = status(of: start),
            case .complete(let last) = status(of: end)
        else { return nil }
        return (first, last)
    }

    // MARK: Accounts

    /// One account a phase; empty phases are left out. Empty once the client left and its last
    /// operation is done.
    package func accounts(of client: ClientID) -> [PhaseAccount] {
        guard let slot = core.graph.clientSlots[client] else { return [] }
        return core.accounts.phases(of: slot)
    }

    /// Operations, records and waits of the client that are not done.
    package func queued(of client: ClientID) -> Int {
        guard let slot = core.graph.clientSlots[client] else { return 0 }
        return core.graph.clients[slot].queued
    }

    /// The device's counters; its memory is the owner's to fill in.
    package func status(of device: DeviceID) -> DeviceStatus? {
        guard let index = core.devices.index(of: device) else { return nil }
        return core.devices[index].status(ready: host.readyCount(on: device))
    }

    package func load(of device: DeviceID) -> DeviceLoad? {
        guard let index = core.devices.index(of: device) else { return nil }
        return core.devices[index].load
    }
}
