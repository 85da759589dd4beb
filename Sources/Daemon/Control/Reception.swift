import LinuxIO
import Logging
import Synchronization
import Wire

/// Connections that have not said yet who they are. Each is heard on a thread of its own, so that
/// one that is silent, or says a byte a second, keeps nobody waiting.
final class Reception: Sendable {
    private struct State {
        /// Connections that are being heard.
        var greetings = 0
        /// Commands that are being answered.
        var commands = 0
        /// Programs that the control thread has not taken over.
        var programs: [ProgramConnection] = []
    }

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
        state.withLock { $0.greetings += 1 }
        do throws(SystemError) {
            try startThread("flexnpu-hello") { [self] in greet(connection) }
        } catch {
            endGreeting()
            log.warning("connection refused", metadata: ["why": "\(error)"])
        }
    }

    private func endGreeting(_ program: ProgramConnection? = nil) {
        state.withLock { state in
            state.greetings -= 1
            if let program { state.programs.append(program) }
        }
        bell.ring()
    }

    private func greet(_ connection: UnixConnection) {
        // Of sending: a peer may be one that never reads.
        connection.setTimeout(milliseconds: 2000)
        do {
            switch try handshake.greet(connection) {
            case .program(let program): endGreeting(program)
            case .command:
                endGreeting()
                answerCommand(connection)
            case .refused(let why):
                endGreeting()
                log.warning("connection refused", metadata: ["why": "\(why)"])
            }
        } catch {
            endGreeting()
            log.warning("connection failed", metadata: ["why": "\(error)"])
        }
    }

    /// A command may wait, for a policy to open or a trace to close: it has this thread for it.
    private func answerCommand(_ connection: UnixConnection) {
        let isTaken = state.withLock { state in
            guard state.commands < limits.commands else { return false }
            state.commands += 1
            return true
        }
        guard isTaken else {
            return commands.refuse(
                connection, "\(limits.commands) commands are being answered, as many as may be")
        }
        commands.serve(connection)
        state.withLock { $0.commands -= 1 }
    }
}
