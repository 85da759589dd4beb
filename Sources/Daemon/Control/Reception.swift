import LinuxIO
import Logging
import Synchronization
import Wire

/// Connections that have not said yet who they are, and commands. Each is heard on a thread of its
/// own, so that one that is silent, or says a byte a second, or never reads its answer, keeps nobody
/// waiting.
final class Reception: Sendable {
    private struct State {
        /// Connections that are being heard and have said nothing, the oldest first.
        var silent: [Greeting] = []
        /// Connections that have said who they are and are being taken in.
        var admitting = 0
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

    private struct Greeting {
        let connection: UnixConnection
        let since: Nanoseconds
    }

    /// Whether another connection can be heard; the others wait to be accepted. One that has been
    /// silent for a moment makes room: an honest one says who it is while it waits.
    var hasRoom: Bool {
        let before = MonotonicClock.now() - limits.silenceBeforeRoomNanoseconds
        return state.withLock { state in
            if state.silent.count + state.admitting < limits.greetings { return true }
            return state.silent.first.map { $0.since < before } ?? false
        }
    }

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
        let oldest = state.withLock { state -> UnixConnection? in
            let isFull = state.silent.count + state.admitting >= limits.greetings
            let oldest = isFull && !state.silent.isEmpty ? state.silent.removeFirst() : nil
            state.silent.append(Greeting(connection: connection, since: MonotonicClock.now()))
            return oldest?.connection
        }
        oldest?.shutDown()
        do throws(SystemError) {
            try startThread("flexnpu-hello") { [self] in greet(connection) }
        } catch {
            endSilence(of: connection)
            turnAway(connection, error)
        }
    }

    /// Returns whether it was still being heard.
    @discardableResult
    private func endSilence(of connection: UnixConnection) -> Bool {
        state.withLock { state in
            let count = state.silent.count
            state.silent.removeAll { $0.connection === connection }
            return state.silent.count < count
        }
    }

    /// Tells a connection that there is nothing left to serve it with.
    func turnAway(_ connection: UnixConnection, _ error: SystemError) {
        connection.setTimeout(milliseconds: Int(limits.silenceBeforeRoomNanoseconds / 1_000_000))
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

    private func greet(_ connection: UnixConnection) {
        // Of sending: a peer may be one that never reads.
        connection.setTimeout(milliseconds: Int(limits.greetingNanoseconds / 1_000_000))
        let outcome: Result<Handshake.Outcome, any Error>
        do {
            let hello = try handshake.hear(connection)
            state.withLock { $0.admitting += 1 }
            endSilence(of: connection)
            defer { state.withLock { $0.admitting -= 1 } }
            outcome = Result { try handshake.greet(connection, hello) }
            if case .success(.program(let program)) = outcome {
                state.withLock { $0.programs.append(program) }
            }
        } catch {
            endSilence(of: connection)
            outcome = .failure(error)
        }
        bell.ring()
        switch outcome {
        case .success(.program): break
        case .success(.command(let peer)):
            answer(CommandConnection(connection, of: peer, limits))
        case .success(.refused(let why)): note("connection refused", why)
        case .failure(let error): note("connection failed", "\(error)")
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
        let end = MonotonicClock.now() + limits.commandNanoseconds / 2
        while mayWait, MonotonicClock.now() < end {
            MonotonicClock.sleep(nanoseconds: 10_000_000)
            if takeIn(command) { return true }
        }
        return false
    }

    /// Where there are too many, the one that has waited longest for its peer goes, of the user who
    /// has most of them. False: the daemon works for all of them, or has just done so.
    private func takeIn(_ command: CommandConnection) -> Bool {
        state.withLock { state in
            if state.commands.count >= limits.commands {
                guard let idle = Self.longestIdle(state.commands) else { return false }
                idle.hangUp()
                state.commands.removeAll { $0 === idle }
            }
            command.beginListening()
            state.commands.append(command)
            return true
        }
    }

    private static func longestIdle(_ commands: [CommandConnection]) -> CommandConnection? {
        let now = MonotonicClock.now()
        let idle = commands.filter { $0.mayMakeRoom(now) }
        let byUser = Dictionary(grouping: idle) { $0.peer.user }
        let most = byUser.values.max { ($0.count, $1[0].peer.user) < ($1.count, $0[0].peer.user) }
        return most?.min { $0.since < $1.since }
    }
}
