package import Scheduling
package import Wire

/// The scheduler on a virtual clock, with devices that do one operation after another.
///
/// It plays the daemon's part: hands in work, takes decisions, reports completions, drains what is
/// satisfied. No time passes but from one entry of the agenda to the next, so a run is a function
/// of its workload, policy and seed.
package final class Simulation {
    package let scheduler: Scheduler
    package private(set) var now: Nanoseconds = 0
    /// Operations that ran, in the order of their completion.
    package private(set) var finished: [FinishedOperation] = []
    /// Operations in the order of their dispatch.
    package private(set) var dispatched: [DispatchedOperation] = []
    package private(set) var dropped: [DroppedOperation] = []
    package private(set) var satisfied: [(wait: SatisfiedWait, at: Nanoseconds)] = []
    package private(set) var completedRecords: [CompletedRecord] = []
    /// Actions that the scheduler did not take.
    package private(set) var refusals: [SchedulerError] = []

    private enum Entry {
        case action(WorkloadAction)
        case body((Simulation) -> Void)
        case completion(DispatchedOperation, startedAt: Nanoseconds)
        case wake
    }
    private var agenda = Agenda<Entry>()
    private let devices: [DeviceID]
    /// Until when each device has work, and when it is to be asked again.
    private var busyUntil: [Nanoseconds]
    private var wakeAt: [Nanoseconds?]
    /// By payload.
    private var durations: ContiguousArray<Nanoseconds> = []

    package init(
        devices count: Int = 1, limits: SchedulerLimits = .init(), policyHost: PolicyHost
    ) {
        devices = (0..<count).map { DeviceID(rawValue: Int32($0)) }
        busyUntil = Array(repeating: 0, count: count)
        wakeAt = Array(repeating: nil, count: count)
        scheduler = Scheduler(devices: devices, limits: limits, policyHost: policyHost)
    }

    package convenience init(devices count: Int = 1, policy: any Policy) {
        self.init(devices: count, policyHost: PolicyHost(policy))
    }

    package func schedule(_ step: WorkloadStep) { agenda.add(.action(step.action), at: step.time) }

    package func schedule(_ steps: [WorkloadStep]) {
        for step in steps { schedule(step) }
    }

    /// Something else at its time: a policy is exchanged, a program looks at what it got and goes
    /// on.
    package func schedule(at time: Nanoseconds, _ body: @escaping (Simulation) -> Void) {
        agenda.add(.body(body), at: time)
    }

    /// Runs until nothing is left to happen, or to `end`.
    package func run(until end: Nanoseconds = .max) {
        while let time = agenda.nextTime, time <= end, let (_, entry) = agenda.next() {
            now = max(now, time)
            perform(entry)
            drain()
            for index in devices.indices { dispatch(index) }
            drain()
        }
        if end < .max { now = max(now, end) }
    }

    /// Does an action now. The scheduler's refusals are collected.
    package func perform(_ action: WorkloadAction) {
        do {
            try take(action)
        } catch {
            refusals.append(error)
        }
    }

    private func perform(_ entry: Entry) {
        switch entry {
        case .action(let action): perform(action)
        case .body(let body): body(self)
        case .completion(let operation, let startedAt):
            let life = scheduler.finished(
                operation.id, startedAt: startedAt, finishedAt: now, now: now)
            if let life { finished.append(life) }
        case .wake: break
        }
    }

    private func take(_ action: WorkloadAction) throws(SchedulerError) {
        switch action {
        case .attach(let client): try scheduler.attach(client, now: now)
        case .detach(let client): dropped += scheduler.detach(client, now: now)
        case .createStream(let stream, let device):
            try scheduler.createStream(stream, device: device)
        case .destroyStream(let stream, let force):
            dropped += try scheduler.destroyStream(stream, force: force, now: now)
        case .abort(let stream): dropped += try scheduler.abort(stream, now: now)
        case .submit(var work, let duration):
            work.payload = durations.count
            durations.append(duration)
            try scheduler.enqueue(work, now: now)
        case .record(let stream, let event):
            try scheduler.recordEvent(stream, event, payload: 0, now: now)
        case .wait(let stream, let event): try scheduler.waitEvent(stream, event, now: now)
        case .reset(let stream, let event): try scheduler.resetEvent(stream, event, now: now)
        case .synchronize(let target, let token):
            if case .satisfied(let failure) = try scheduler.wait(for: target, token: token) {
                satisfied.append((SatisfiedWait(token: token, failure: failure), now))
            }
        }
    }

    private func dispatch(_ index: Int) {
        while true {
            switch scheduler.next(device: devices[index], now: now) {
            case .operation(let operation):
                dispatched.append(operation)
                let startedAt = max(now, busyUntil[index])
                busyUntil[index] = startedAt + durations[operation.payload]
                agenda.add(.completion(operation, startedAt: startedAt), at: busyUntil[index])
            case .hold(let asked):
                wake(index, at: asked)
                return
            case .idle:
                return
            }
        }
    }

    private func wake(_ index: Int, at time: Nanoseconds?) {
        guard let time else { return }
        if let planned = wakeAt[index], planned > now, planned <= time { return }
        wakeAt[index] = time
        agenda.add(.wake, at: time)
    }

    private func drain() {
        while let wait = scheduler.nextSatisfied() { satisfied.append((wait, now)) }
        while let record = scheduler.nextCompletedRecord() { completedRecords.append(record) }
    }
}
