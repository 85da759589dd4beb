package import CostModel
package import Scheduling
package import Wire

/// The scheduler on a virtual clock, with chips that have time (`ChipTimeline`).
///
/// It plays the daemon's part: hands in work, takes decisions, launches what was decided, reports
/// completions, drains what is satisfied. No time passes but from one event to the next, so a run
/// is a function of its workload, policy and seed. What is scheduled for a time comes before what a
/// chip does at that time.
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
    /// Called for each operation that finished, before the scheduler decides on.
    package var onFinish: ((Simulation, FinishedOperation) -> Void)?
    /// Actions that the scheduler did not take.
    package private(set) var refusals: [SchedulerError] = []

    private enum Entry {
        case action(WorkloadAction)
        case body((Simulation) -> Void)
        case wake
    }
    private var agenda = Agenda<Entry>()
    private let devices: [DeviceID]
    // Unchecked, since `onFinish`, which may call back, is called between two accesses.
    @safe @exclusivity(unchecked) private var fleet: ChipFleet
    /// When each device is to be asked again.
    private var wakeAt: [Nanoseconds?]
    private let keepsHistory: Bool
    private var completions: ContiguousArray<ChipFleet.Completion> = []

    /// - Parameter keepsHistory: whether `finished`, `dispatched`, `dropped`, `satisfied` and
    ///   `completedRecords` are kept. Without, a run of any length takes the same room; `onFinish`
    ///   hears of every operation either way.
    package init(
        devices count: Int = 1, chip: Chip = .ascend910B2, settings: ChipSettings = .init(),
        limits: SchedulerLimits = .init(), keepsHistory: Bool = true, policyHost: PolicyHost
    ) {
        devices = (0..<count).map { DeviceID(rawValue: Int32($0)) }
        wakeAt = Array(repeating: nil, count: count)
        fleet = ChipFleet(
            count: count, chip: chip, settings: settings, keepsNumbers: keepsHistory)
        self.keepsHistory = keepsHistory
        scheduler = Scheduler(devices: devices, limits: limits, policyHost: policyHost)
    }

    package convenience init(devices count: Int = 1, policy: any Policy) {
        self.init(devices: count, policyHost: PolicyHost(policy))
    }

    /// What a device did so far.
    package func busy(device: Int) -> ChipBusy { fleet.busy(device: device) }

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
        settle()
        while true {
            let planned = agenda.nextTime
            // Most of what happens on a chip is of no concern to the scheduler.
            if let time = fleet.advanceToCompletion(until: min(end, planned - 1)) {
                now = max(now, time)
                settle()
            } else if planned < .max, planned <= end, let (_, entry) = agenda.next() {
                now = max(now, planned)
                perform(entry)
                settle()
            } else {
                break
            }
        }
        if end < .max {
            now = max(now, end)
            fleet.advance(to: now)
        }
    }

    /// Decides and reports until nothing more comes of it now.
    private func settle() {
        _ = reportCompletions()
        repeat {
            drain()
            for index in devices.indices { dispatch(index) }
            drain()
        } while reportCompletions()
    }

    /// - Returns: whether there were any.
    private func reportCompletions() -> Bool {
        fleet.takeCompletions(&completions)
        for index in completions.indices {
            let done = completions[index]
            let life = scheduler.finished(
                done.operation.id, startedAt: done.startedAt, finishedAt: done.finishedAt, now: now)
            guard let life else { continue }
            if keepsHistory { finished.append(life) }
            onFinish?(self, life)
        }
        return !completions.isEmpty
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
        case .wake: break
        }
    }

    private func take(_ action: WorkloadAction) throws(SchedulerError) {
        switch action {
        case .attach(let client): try scheduler.attach(client, now: now)
        case .detach(let client):
            dropOperations(scheduler.detach(client, now: now))
            fleet.closeStreams(of: client)
        case .createStream(let stream, let device, let priority):
            let number = fleet.nextStreamNumber
            try scheduler.createStream(stream, device: device, number: number)
            fleet.openStream(stream, device: Int(device.rawValue), priority: priority)
        case .destroyStream(let stream, let force):
            dropOperations(try scheduler.destroyStream(stream, force: force, now: now))
            fleet.closeStream(stream)
        case .abort(let stream): dropOperations(try scheduler.abort(stream, now: now))
        case .submit(let work, let duration):
            try submit(work, [.occupyingChip(nanoseconds: duration)])
        case .launch(let work, let works): try submit(work, works)
        case .record(let stream, let event):
            try scheduler.recordEvent(stream, event, payload: 0, now: now)
        case .wait(let stream, let event): try scheduler.waitEvent(stream, event, now: now)
        case .reset(let stream, let event): try scheduler.resetEvent(stream, event, now: now)
        case .synchronize(let target, let token):
            if case .satisfied(let failure) = try scheduler.wait(for: target, token: token) {
                keepSatisfied(SatisfiedWait(token: token, failure: failure))
            }
        }
    }

    private func submit(_ work: Submission, _ works: [ChipWork]) throws(SchedulerError) {
        guard let number = fleet.addOperation(works, on: work.stream) else {
            // The scheduler says what is wrong with the stream.
            try scheduler.enqueue(work, now: now)
            return
        }
        var work = work
        work.payload = number
        do {
            try scheduler.enqueue(work, now: now)
        } catch {
            fleet.removeOperation(number)
            throw error
        }
    }

    private func dropOperations(_ operations: [DroppedOperation]) {
        for operation in operations { fleet.removeOperation(operation.payload) }
        if keepsHistory { dropped += operations }
    }

    private func dispatch(_ index: Int) {
        while true {
            giveOrders()
            switch scheduler.next(device: devices[index], now: now) {
            case .operation(let operation):
                if keepsHistory { dispatched.append(operation) }
                fleet.launch(operation, now: now)
            case .hold(let asked):
                wake(index, at: asked)
                return
            case .idle:
                return
            }
        }
    }

    /// Records and waits that the chips keep order by.
    private func giveOrders() {
        while let order = scheduler.nextDeviceOrder() { fleet.giveOrder(order, now: now) }
    }

    private func wake(_ index: Int, at time: Nanoseconds?) {
        guard let time else { return }
        if let planned = wakeAt[index], planned > now, planned <= time { return }
        wakeAt[index] = time
        agenda.add(.wake, at: time)
    }

    private func drain() {
        while let wait = scheduler.nextSatisfied() { keepSatisfied(wait) }
        while let record = scheduler.nextCompletedRecord() {
            if keepsHistory { completedRecords.append(record) }
        }
    }

    private func keepSatisfied(_ wait: SatisfiedWait) {
        if keepsHistory { satisfied.append((wait, now)) }
    }
}
