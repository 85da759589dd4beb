import AscendCL
import CostModel
import Device
import LinuxIO
import Logging
import Scheduling
import SharedRing
import Wire

/// The one thread that everything passes through: call records in, decisions, device calls, answers
/// out.
///
/// A pass takes what the rings hold, then dispatches what the policy chooses, then answers who
/// waits. With nothing to do it looks on for as long as a wake-up costs, giving the processor to
/// whoever wants it, and then sleeps until a doorbell rings.
final class DispatchLoop {
    let clock: TickClock
    let runtime: AscendRuntime
    let operators: OperatorLibrary
    let table: APITable
    let scheduler: Scheduler
    let limits: DaemonLimits
    let log: Logger
    let mailbox: LoopMailbox
    let devices: [Int32]
    var costs = CostBook()
    /// Whose peak figures predictions begin from; what is observed corrects them.
    let chip: Chip
    var store = WorkStore()
    var sessions: [Session] = []
    var waits = WaitTable()
    var completions: CompletionQueue
    var recorder: TraceRecorder?
    var escapes: UInt64 = 0
    private let epoll: Epoll
    private var isStopping = false
    /// When to ask a policy again that holds everything back.
    private var wakeAt: Nanoseconds?
    /// The last slice ended before the policy had nothing more.
    private var mayHaveMore = false
    /// What the record that is being handled was answered; nil: not yet, or it does not ask.
    var lastAnswer: Int32?
    /// When that was given, as a recording tells it: before the thread could go on.
    var lastAnsweredAt: Nanoseconds = 0
    /// Streams that their programs have destroyed and the device has not.
    var retiring: [StreamSlot] = []
    private var lastProgressAt: Nanoseconds = 0

    /// How long to look for work before sleeping: what a wake-up of an idle core costs, so that a
    /// program in a request-answer rhythm never pays for one.
    private static let spinNanoseconds: Nanoseconds = 50_000
    /// How long records of observed programs may lie in their rings.
    private static let observedNanoseconds: Nanoseconds = 10_000_000
    /// Work done here before the rings are looked at again: what arrives meanwhile may be more
    /// urgent.
    private static let sliceNanoseconds: Nanoseconds = 20_000
    /// Records taken from one client in a pass, so that one client's flood does not delay the
    /// others' answers.
    static let recordsPerPass = 256

    init(
        clock: TickClock, runtime: AscendRuntime, operators: OperatorLibrary, table: APITable,
        scheduler: Scheduler, devices: [Int32], limits: DaemonLimits, log: Logger
    ) throws {
        self.clock = clock
        self.runtime = runtime
        self.operators = operators
        self.table = table
        self.scheduler = scheduler
        self.devices = devices
        self.limits = limits
        self.log = log
        chip = Chip.named(runtime.socName) ?? .ascend910B2
        completions = CompletionQueue(runtime: runtime)
        mailbox = try LoopMailbox()
        epoll = try Epoll()
        try mailbox.watch(with: epoll)
    }

    /// Runs until `stop`; the calling thread becomes the device library's.
    func run() {
        while !isStopping {
            if step() {
                lastProgressAt = clock.now()
            } else if clock.now() - lastProgressAt > Self.spinNanoseconds {
                sleep()
                lastProgressAt = clock.now()
            } else {
                yieldProcessor()
            }
        }
        for session in sessions { close(session, because: "the daemon is stopping") }
    }

    /// Makes `run` return; called on the loop, through the mailbox.
    func stop() { isStopping = true }

    /// One pass. Returns whether anything happened.
    func step() -> Bool {
        var progress = mailbox.run(on: self)
        for session in sessions where !session.isExpelled {
            progress = takeRecords(of: session) || progress
        }
        progress = closeGone() || progress
        progress = completions.poll(on: self) || progress
        if progress || mayHaveMore || clock.now() >= wakeAt ?? .max {
            progress = dispatchReady() || progress
        }
        retireStreams()
        takeReports()
        return answerWaits() || progress
    }

    /// Sleeps until a doorbell, the mailbox, a completion or a deadline.
    private func sleep() {
        for session in sessions { session.page.setDaemonSleeping(true) }
        defer { for session in sessions { session.page.setDaemonSleeping(false) } }
        // A record may have been published before its producer could see that we sleep.
        guard !sessions.contains(where: { $0.rings.contains(where: \.consumer.hasRecords) }) else {
            return
        }
        let now = clock.now()
        for session in sessions { dropFinishedRings(of: session) }
        // Observing programs do not ring (a fence a call would cost them more than all the rest):
        // look by ourselves.
        let look = sessions.contains { $0.mode == .observe } ? now + Self.observedNanoseconds : nil
        let deadlines = [look, wakeAt, waits.nextDeadline, completions.nextPoll(now: now)]
            .compactMap(\.self)
        let timeout = deadlines.min().map { max(0, $0 - now) }
        epoll.wait(timeoutNanoseconds: timeout) { token in
            if token == LoopMailbox.token { mailbox.quiet() }
            sessions.first { UInt64($0.id.rawValue) == token }?.doorbell.drain()
        }
    }

    /// Takes a session in after its handshake.
    func admit(_ session: Session) throws {
        try epoll.add(session.doorbell.rawValue, token: UInt64(session.id.rawValue))
        sessions.append(session)
        session.page.setRecorded(session.mode == .observe || recorder != nil)
        if session.mode == .route { try scheduler.attach(session.facts, now: clock.now()) }
        recorder?.attached(session, now: clock.now())
        log.info(
            "client attached",
            metadata: ["client": "\(session.id.rawValue)", "program": "\(session.facts.name)"])
    }

    /// Asks the policy until it holds, has nothing, or the slice is over.
    private func dispatchReady() -> Bool {
        var progress = false
        wakeAt = nil
        mayHaveMore = false
        for device in devices {
            let begun = clock.now()
            var now = begun
            while dispatchOne(on: device, now: now) {
                progress = true
                now = clock.now()
                guard now - begun < Self.sliceNanoseconds else {
                    mayHaveMore = true
                    break
                }
            }
        }
        // What ran on one device may have made work ready on another that was asked before it.
        if progress && devices.count > 1 { mayHaveMore = true }
        return progress
    }

    /// Asks the policy once. False: it holds, or nothing is ready.
    private func dispatchOne(on device: Int32, now: Nanoseconds) -> Bool {
        switch scheduler.next(device: DeviceID(rawValue: device), now: now) {
        case .operation(let dispatch):
            run(dispatch)
            return true
        case .hold(let until):
            if let until { wakeAt = min(wakeAt ?? until, until) }
            return false
        case .idle: return false
        }
    }

    private func closeGone() -> Bool {
        guard sessions.contains(where: { $0.isGone || $0.isExpelled }) else { return false }
        for session in sessions where session.isGone || session.isExpelled {
            takeRest(of: session)
            epoll.remove(session.doorbell.rawValue)
            close(session, because: "the program is gone")
        }
        sessions.removeAll { $0.isGone || $0.isExpelled }
        return true
    }
}
