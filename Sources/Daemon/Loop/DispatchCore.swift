package import AscendCL
package import CostModel
import Device
package import Logging
package import Scheduling
import SharedRing
package import Wire

/// Everything between a call's record and a device's command, and back.
///
/// Records, control messages, the ends of programs, completions and time come in; answers, commands
/// and events for a recording go out. Nothing in here blocks, reads a clock or makes a device call,
/// so a test runs all of it. One thread owns it, the dispatch loop's.
///
/// Its parts have a state of their own: `Session`s (what a program holds), `WorkBook` (what is to be
/// done), `WaitTable` (who waits for a point of the order), `AskTable` (who waits for a device) and
/// `DeviceFleet` (the executors). What each verb of a record does is in the rooms beside this one.
package final class DispatchCore {
    let table: APITable
    let limits: DaemonLimits
    let log: Logger
    package let scheduler: Scheduler
    let fleet: DeviceFleet
    let time: DeviceTime
    /// This host's time, as far as anybody has told: a pass's, or a later completion's.
    package private(set) var now: Nanoseconds
    package private(set) var sessions: [Session] = []
    /// A session came or went since the loop last looked.
    var sessionsChanged = false
    /// No program is admitted any more.
    package internal(set) var isDraining = false
    var work: WorkBook
    var waits = WaitTable()
    var asks = AskTable()
    /// By which executors know streams.
    var streamNumbers = NumberPool()
    var marks = MarkBook()
    /// By device number.
    var crowding: [Crowding]
    var recorder: TraceRecorder?
    /// Observed programs' calls: recorded beside the loop, by a thread of their own.
    var observed: ObservedRings?
    /// Functions whose calls take long, as ids.
    let askingFunctions: [Int]
    /// Converts the stamps of records.
    let clock: any StampClock
    /// What the record that is being handled was answered; nil: not yet, or it does not ask.
    var lastAnswer: Int32?
    /// The thread of the record that is being handled was parked: it is answered as such.
    var wasParked = false
    /// When to ask a policy again that holds everything back.
    private var wakeAt: Nanoseconds?
    /// The last slice ended before the policy had nothing more.
    private var mayHaveMore = false

    /// Records taken from one client in a pass, so that one client's flood does not delay the
    /// others' answers.
    private static let recordsPerPass = 256
    /// Work done inline before the rings are looked at again: what arrives meanwhile may be more
    /// urgent.
    private static let sliceNanoseconds: Nanoseconds = 20_000
    /// Operations given to one device before the rings are looked at again.
    private static let sliceOperations = 64

    package init(_ parts: CoreParts, now: Nanoseconds) {
        table = parts.table
        askingFunctions = parts.table.functions
            .filter { $0.functionClass == .wait || $0.functionClass == .memory }
            .map { Int($0.id.rawValue) }
        limits = parts.limits
        log = parts.log
        scheduler = parts.scheduler
        fleet = parts.fleet
        clock = parts.clock
        time = DeviceTime(origin: now, scale: parts.scale)
        work = WorkBook(chip: parts.chip)
        crowding = Array(
            repeating: Crowding(), count: Int(parts.fleet.devices.max() ?? 0) + 1)
        self.now = now
    }

    /// What is held, for tests and statuses: nothing may grow for ever.
    package var holdings: Holdings {
        Holdings(
            plans: work.planCount, operations: work.store.inUse, waits: waits.count,
            asks: asks.count)
    }

    /// The scheduler's time: the chip's.
    var chipNow: Nanoseconds { time.chip(now) }

    func advance(to time: Nanoseconds) { now = max(now, time) }

    // MARK: A pass

    /// Takes what the rings hold, what the devices are done with, dispatches what the policy
    /// chooses, and answers who waits. Returns whether anything happened.
    package func step(now: Nanoseconds) -> Bool {
        advance(to: now)
        var progress = false
        for session in sessions where session.state == .serving {
            progress = takeRecords(of: session) || progress
        }
        progress = endSessions() || progress
        progress = takeCompletions() || progress
        if progress || mayHaveMore || now >= wakeAt ?? .max {
            progress = dispatchReady() || progress
        }
        progress = answerWaits() || progress
        reportPolicies()
        recordDecisions()
        return progress
    }

    /// Whether a ring holds something that no pass has taken, asked after the programs were told that
    /// the daemon sleeps.
    var hasRecords: Bool {
        sessions.contains { session in
            session.rings.hasRecords && takesRecords(of: session)
        }
    }

    /// Lets go of the rings of threads that have ended.
    func dropFinishedRings() {
        for session in sessions { session.rings.dropFinished() }
    }

    /// When `step` must be called although nothing was heard; nil: it need not.
    package var nextDeadline: Nanoseconds? {
        if mayHaveMore { return now }
        return [wakeAt, waits.nextDeadline, fleet.nextLook, nextRateAt].compactMap(\.self).min()
    }

    /// A program with enough to do waits: its records stay in its rings. The scheduler counts its
    /// records and waits as well, of which a program may have many and no operation.
    private func takesRecords(of session: Session) -> Bool {
        !session.isHeld && session.queuedOperations < session.limits.queuedPerSession
            && scheduler.queued(of: session.id) < 2 * session.limits.queuedPerSession
            && session.rate.nextAt(now) == nil
    }

    private func takeRecords(of session: Session) -> Bool {
        do {
            guard try session.rings.beginPass(), takesRecords(of: session) else { return false }
            var left = Self.recordsPerPass
            while left > 0, let run = session.rings.nextRun() {
                repeat {
                    guard session.state == .serving, !session.isHeld,
                        let record = try run.ring.consumer.next()
                    else { return left < Self.recordsPerPass }
                    handle(record, of: run.ring, in: session)
                    left -= 1
                } while left > 0 && run.hasMore
            }
            return left < Self.recordsPerPass
        } catch {
            expel(session, error)
        }
        return true
    }

    /// Takes what a program left behind when it went. One pass has all of it; what comes later is of
    /// a process that lives on without its socket, and could come for ever.
    private func takeRest(of session: Session) {
        do {
            guard try session.rings.beginPass() else { return }
            while session.state == .gone, let run = session.rings.nextRun(),
                let record = try run.ring.consumer.next()
            {
                handle(record, of: run.ring, in: session)
            }
        } catch {
            expel(session, error)
        }
    }

    /// An observed program broke the ring's protocol.
    func expelObserved(_ client: ClientID, _ error: any Error) {
        guard let session = sessions.first(where: { $0.id == client }) else { return }
        expel(session, error)
    }

    private func expel(_ session: Session, _ error: any Error) {
        log.error(
            "client broke the ring's protocol and is let go",
            metadata: ["client": "\(session.id.rawValue)", "why": "\(error)"])
        session.state = .expelled
    }

    private func endSessions() -> Bool {
        guard sessions.contains(where: { $0.state == .gone || $0.state == .expelled }) else {
            return false
        }
        for session in sessions where session.state != .serving {
            if session.state == .gone { takeRest(of: session) }
            end(session, because: "the program is gone")
        }
        sessions.removeAll { $0.state == .ended }
        sessionsChanged = true
        return true
    }

    func add(_ session: Session) {
        sessions.append(session)
        sessionsChanged = true
    }

    func remove(_ session: Session) {
        sessions.removeAll { $0 === session }
        sessionsChanged = true
    }

    /// The daemon stops: every program is told.
    package func endAll(because reason: String) {
        for session in sessions where session.state != .ended { end(session, because: reason) }
        sessions.removeAll()
    }

    // MARK: Dispatch

    /// Asks the policy until it holds, has nothing, or the slice is over.
    private func dispatchReady() -> Bool {
        var progress = false
        wakeAt = nil
        mayHaveMore = false
        sendOrders()
        for executor in fleet.executors {
            let begun = now
            var count = 0
            while dispatchOne(on: executor) {
                count += 1
                guard count < Self.sliceOperations, now - begun < Self.sliceNanoseconds else {
                    mayHaveMore = true
                    break
                }
            }
            progress = progress || count > 0
        }
        // What ran on one device may have made work ready on another that was asked before it.
        if progress && fleet.executors.count > 1 { mayHaveMore = true }
        return progress
    }

    /// Asks the policy once. False: it holds, or nothing is ready.
    private func dispatchOne(on executor: any DeviceExecutor) -> Bool {
        let device = DeviceID(rawValue: executor.device)
        switch scheduler.next(device: device, now: chipNow) {
        case .operation(let dispatch):
            submit(dispatch, to: executor)
            sendOrders()
            if executor.completesInline { _ = takeCompletions(of: executor) }
            return true
        case .hold(let until):
            if let until {
                let host = time.host(until)
                wakeAt = min(wakeAt ?? host, host)
            }
            return false
        case .idle: return false
        }
    }

    /// Tells the devices what order they must keep by themselves.
    private func sendOrders() {
        while let order = scheduler.nextDeviceOrder() {
            switch order {
            case .record(let device, let stream, let mark):
                fleet[device.rawValue]?.submit(.record(stream: stream, mark: marks.open(mark)))
            case .wait(let device, let stream, let mark):
                guard let number = marks.number(of: mark) else { continue }
                fleet[device.rawValue]?.submit(.wait(stream: stream, mark: number))
            case .forget(let device, let mark):
                guard let number = marks.forget(mark) else { continue }
                fleet[device.rawValue]?.submit(.forgetMark(number))
            }
        }
    }

    private func takeCompletions() -> Bool {
        var progress = false
        for executor in fleet.executors { progress = takeCompletions(of: executor) || progress }
        return progress
    }

    func takeCompletions(of executor: any DeviceExecutor) -> Bool {
        var progress = false
        while let completion = executor.nextCompletion() {
            progress = true
            settle(completion, of: executor)
        }
        if progress { sendOrders() }
        return progress
    }
}

/// What a core is made of.
package struct CoreParts {
    var table: APITable
    var limits: DaemonLimits
    var log: Logger
    var scheduler: Scheduler
    var fleet: DeviceFleet
    var clock: any StampClock
    /// Whose peak figures predictions begin from; what is observed corrects them.
    var chip: Chip
    /// Host nanoseconds a nanosecond of the chip takes (`DeviceTime`).
    var scale: Double

    package init(
        table: APITable, limits: DaemonLimits, log: Logger, scheduler: Scheduler,
        fleet: DeviceFleet, clock: any StampClock, chip: Chip, scale: Double = 1
    ) {
        self.table = table
        self.limits = limits
        self.log = log
        self.scheduler = scheduler
        self.fleet = fleet
        self.clock = clock
        self.chip = chip
        self.scale = scale
    }
}

/// Turns the time stamps of records into this host's time.
package protocol StampClock {
    func nanoseconds(ticks: UInt64) -> Nanoseconds
    func nanoseconds(span: UInt64) -> Nanoseconds
}

/// How much a core holds of each thing that comes and goes.
package struct Holdings: Equatable {
    package var plans: Int
    package var operations: Int
    package var waits: Int
    package var asks: Int
    package init(plans: Int = 0, operations: Int = 0, waits: Int = 0, asks: Int = 0) {
        self.plans = plans
        self.operations = operations
        self.waits = waits
        self.asks = asks
    }
}
