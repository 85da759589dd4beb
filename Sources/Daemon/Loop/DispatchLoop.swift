import Device
import LinuxIO
import SharedRing
import Synchronization
import Wire

/// The thread that the core lives on: sleeps, wakes, and tells the core the time.
///
/// A pass takes what is there; with nothing to do the loop looks on for as long as a wake-up costs,
/// and then sleeps until a doorbell rings.
final class DispatchLoop {
    let core: DispatchCore
    let mailbox: LoopMailbox
    /// Observed programs' calls go beside the loop.
    let observed: ObservedRings
    private let epoll: Epoll
    private let bell: EventFD
    private let doorbell: LoopDoorbell
    /// Makes `run` return.
    let stopRequest = StopRequest()
    private var lastProgressAt: Nanoseconds = 0
    private var lastTidyAt: Nanoseconds = 0
    /// Sessions whose doorbells are in the epoll set.
    private var watched: [UInt64: Session] = [:]

    /// How long to look for work before sleeping: what a wake-up of an idle core costs, so that a
    /// program in a request-answer rhythm never pays for one.
    private static let spinNanoseconds: Nanoseconds = 50_000
    /// How often a loop that never sleeps looks for threads that have ended.
    private static let tidyNanoseconds: Nanoseconds = 50_000_000

    /// The tokens of what is not a session's doorbell; a client's token is its id, which is 32 bits
    /// wide.
    private enum Token {
        static let devices = UInt64.max - 1
    }

    /// `bell` is what the executors' `doorbell` rings.
    init(core: DispatchCore, clock: TickClock, bell: EventFD, doorbell: LoopDoorbell) throws {
        self.core = core
        self.bell = bell
        self.doorbell = doorbell
        let mailbox = try LoopMailbox()
        self.mailbox = mailbox
        observed = try ObservedRings(clock: clock) { client, error in
            mailbox.post(ObservedRingBroken(client: client, error: error))
        }
        core.observed = observed
        epoll = try Epoll()
        try mailbox.watch(with: epoll)
        try epoll.add(bell.rawValue, token: Token.devices)
    }

    /// Runs until `stop`.
    func run() {
        while !stopRequest.isMade {
            let now = MonotonicClock.now()
            core.advance(to: now)
            let heard = mailbox.deliver(to: core)
            watchSessions()
            if now - lastTidyAt > Self.tidyNanoseconds {
                lastTidyAt = now
                core.dropFinishedRings()
            }
            if core.step(now: now) || heard {
                lastProgressAt = now
            } else if now - lastProgressAt > Self.spinNanoseconds {
                sleep(now)
                lastProgressAt = MonotonicClock.now()
            } else {
                pauseProcessor()
            }
        }
        core.endAll(because: "the daemon is stopping")
        observed.end()
        core.fleet.stop()
    }

    /// The epoll set follows the core's sessions.
    private func watchSessions() {
        guard watched.count != core.sessions.count || core.sessionsChanged else { return }
        core.sessionsChanged = false
        let current = Set(core.sessions.map { UInt64($0.id.rawValue) })
        for (token, session) in watched where !current.contains(token) {
            epoll.remove(session.doorbell.rawValue)
            watched[token] = nil
        }
        for session in core.sessions where watched[UInt64(session.id.rawValue)] == nil {
            let token = UInt64(session.id.rawValue)
            do { try epoll.add(session.doorbell.rawValue, token: token) } catch {
                core.programEnded(session.id)
                continue
            }
            watched[token] = session
        }
    }

    /// Sleeps until a doorbell, the mailbox, a device or a deadline.
    private func sleep(_ now: Nanoseconds) {
        core.dropFinishedRings()
        for session in core.sessions where session.mode == .route {
            session.page.setDaemonSleeping(true)
        }
        doorbell.prepareSleep()
        defer {
            doorbell.finishSleep()
            for session in core.sessions where session.mode == .route {
                session.page.setDaemonSleeping(false)
            }
        }
        // A record may have been published before its producer could see that we sleep; so may a
        // completion.
        guard !core.hasRecords, !core.step(now: MonotonicClock.now()) else { return }
        let timeout = core.nextDeadline.map { max(0, $0 - now) }
        epoll.wait(timeoutNanoseconds: timeout) { token in
            switch token {
            case LoopMailbox.token: mailbox.quiet()
            case Token.devices: bell.drain()
            default: watched[token]?.doorbell.drain()
            }
        }
    }
}

/// Another thread's wish that the loop end; wake the mailbox after it.
final class StopRequest: Sendable {
    private let made = Atomic<Bool>(false)
    var isMade: Bool { made.load(ordering: .acquiring) }
    func request() { made.store(true, ordering: .releasing) }
}

extension TickClock: StampClock {}
