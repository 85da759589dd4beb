import LinuxIO
import Logging
import Synchronization
import Wire

/// Connections that have not said yet who they are, and commands. Each is heard on a thread of its
/// own, so that one that is silent, or says a byte a second, or never reads its answer, keeps nobody
/// waiting.
final class Reception: Sendable {
    private struct State {
        /// Connections that are being heard.
        var greetings = 0
        /// Commands that are being answered.
        var commands: [CommandConnection] = []
        /// Commands that wait for one of those to end.
        var waiting = 0
        /// Connections that came to nothing since the log last spoke of one.
        var unlogged = 0
        var mayLogAt: Nanoseconds = 0
        /// Programs that the control thread has not taken over.
        var programs: [ProgramConnection] = []
    }

    private static let logNanoseconds: Nanoseconds = 200_000_000

    private let state = Mutex(State())
    private let bell: EventFD
    private let handshake: Handshake
    private let commands: CommandHandler
    private let limits: DaemonLimits
    private let log: Logger

    init(handshake: Handshake, commands: CommandHandler, limits: DaemonLimits, log: Logger) throws {
        self.handshake = handshake
        self.commands = commands
        self.limits = limits
        self.log = log
        bell = try EventFD()
    }

    /// Readable when there are programs to take over, or room again.
    var rawValue: Int32 { bell.rawValue }

    /// Whether another connection can be heard; the others wait to be accepted.
    var hasRoom: Bool { state.withLock { $0.greetings < limits.greetings } }

    /// No command waits for its answer, and no program to be taken over.
    var isQuiet: Bool {
        state.withLock { $0.programs.isEmpty && !$0.commands.contains(where: \.owesAnswer) }
    }

    /// The programs that have said hello since this was last called.
    func takePrograms() -> [ProgramConnection] {
        bell.drain()
        return state.withLock { state in
            defer { state.programs.removeAll() }
            return state.programs
        }
    }

    /// Hears a connection, on another thread.
    func hear(_ connection: UnixConnection) {
        let crowd = state.withLock { state in
            state.greetings += 1
            return state.greetings
        }
        // An honest one has said who it is by the time it is accepted; thousands of silent ones are
        // not to keep it waiting.
        let patience =
            crowd > limits.greetings / 2
            ? limits.hurriedGreetingNanoseconds : limits.greetingNanoseconds
        do throws(SystemError) {
            try startThread("flexnpu-hello") { [self] in greet(connection, within: patience) }
        } catch {
            endGreeting()
            turnAway(connection, error)
        }
    }

    /// Tells a connection that there is nothing left to serve it with.
    func turnAway(_ connection: UnixConnection, _ error: SystemError) {
        connection.setTimeout(milliseconds: Int(limits.hurriedGreetingNanoseconds / 1_000_000))
        handshake.turnAway(connection, Handshake.shortage(error))
        note("connection refused", "\(error)")
    }

    /// Says now and then why connections come to nothing: thousands of them are not to fill a disk.
    private func note(_ what: Logger.Message, _ why: String) {
        let now = MonotonicClock.now()
        let unlogged = state.withLock { state -> Int? in
            guard now >= state.mayLogAt else {
                state.unlogged += 1
                return nil
            }
            defer { (state.unlogged, state.mayLogAt) = (0, now + Self.logNanoseconds) }
            return state.unlogged
        }
        guard let unlogged else { return }
        let others: Logger.Metadata = unlogged == 0 ? [:] : ["others since": "\(unlogged)"]
        log.warning(what, metadata: others.merging(["why": "\(why)"]) { $1 })
    }

    private func endGreeting(_ program: ProgramConnection? = nil) {
        state.withLock { state in
            state.greetings -= 1
            if let program { state.programs.append(program) }
        }
        bell.ring()
    }

    private func greet(_ connection: UnixConnection, within patience: Nanoseconds) {
        // Of sending: a peer may be one that never reads.
        connection.setTimeout(milliseconds: Int(limits.greetingNanoseconds / 1_000_000))
        do {
            switch try handshake.greet(connection, within: patience) {
            case .program(let program): endGreeting(program)
            case .command(let peer):
                endGreeting()
                answer(CommandConnection(connection, of: peer, limits))
            case .refused(let why):
                endGreeting()
                note("connection refused", why)
            }
        } catch {
            endGreeting()
            note("connection failed", "\(error)")
        }
    }

    /// A command may wait, for a policy to open or a trace to close: it has this thread for it.
    private func answer(_ command: CommandConnection) {
        guard takeInPatiently(command) else {
            return command.refuse(
                "\(limits.commands) commands are being answered, as many as may be")
        }
        defer { state.withLock { $0.commands.removeAll { $0 === command } } }
        do {
            try command.serve { commands.reply(to: $0, of: command.peer) }
        } catch {
            log.debug("command connection ended", metadata: ["why": "\(error)"])
        }
    }

    /// The daemon works for each of them only for a moment.
    private func takeInPatiently(_ command: CommandConnection) -> Bool {
        if takeIn(command) { return true }
        let mayWait = state.withLock { state in
            state.waiting += 1
            return state.waiting <= limits.commands
        }
        defer { state.withLock { $0.waiting -= 1 } }
        let end = MonotonicClock.now() + limits.greetingNanoseconds
        while mayWait, MonotonicClock.now() < end {
            MonotonicClock.sleep(nanoseconds: 10_000_000)
            if takeIn(command) { return true }
        }
        return false
    }

    /// Where there are too many, the one that has waited longest for its peer goes, of the user who
    /// has most of them. False: the daemon works for all of them, or has just done so.
    private func takeIn(_ command: CommandConnection) -> Bool {
        let patience = limits.idleBeforeRoomNanoseconds
        let before = MonotonicClock.now() - patience
        return state.withLock { state in
            if state.commands.count >= limits.commands {
                guard let idle = Self.longestIdle(state.commands, before: before) else {
                    return false
                }
                idle.hangUp()
                state.commands.removeAll { $0 === idle }
            }
            state.commands.append(command)
            return true
        }
    }

    private static func longestIdle(_ commands: [CommandConnection], before: Nanoseconds)
        -> CommandConnection?
    {
        let idle = commands.compactMap { command in command.idleSince.map { (command, $0) } }
            .filter { $0.1 < before }
        let byUser = Dictionary(grouping: idle) { $0.0.peer.user }
        let most = byUser.values.max {
            ($0.count, $1[0].0.peer.user) < ($1.count, $0[0].0.peer.user)
        }
        return most?.min { $0.1 < $1.1 }?.0
    }
}
