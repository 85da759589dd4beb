import CWire
import Foundation
import LinuxIO
import Logging
import SharedRing
import Synchronization
import Wire

/// The socket: who connects, what programs ask for over it, what commands want, and who hangs up.
///
/// One thread accepts and watches; everything that touches scheduling is left to the dispatch
/// loop's mailbox.
final class ControlServer: Sendable {
    let loop: LoopMailbox
    let limits: DaemonLimits
    let log: Logger
    private let listener: UnixListener
    private let epoll: Epoll
    private let signals: SignalDescriptor
    private let handshake: Handshake
    private let commands: CommandHandler

    private enum Token {
        static let listener: UInt64 = 1 << 40
        static let signals: UInt64 = 1 << 41
        static let watch: UInt64 = 1 << 42
        /// With a client's id below: its process.
        static let process: UInt64 = 1 << 43
    }

    init(
        listener: UnixListener, signals: SignalDescriptor, handshake: Handshake,
        commands: CommandHandler, loop: LoopMailbox, limits: DaemonLimits, log: Logger
    ) throws {
        self.listener = listener
        self.signals = signals
        self.handshake = handshake
        self.commands = commands
        self.loop = loop
        self.limits = limits
        self.log = log
        epoll = try Epoll()
        try epoll.add(listener.rawValue, token: Token.listener)
        try epoll.add(signals.rawValue, token: Token.signals)
    }

    /// Serves until a signal or a command says stop.
    func run() {
        var programs: [UInt64: ProgramConnection] = [:]
        var watched: PolicyWatch?
        while !commands.isStopping {
            if watched !== commands.watch {
                if let old = watched { epoll.remove(old.rawValue) }
                watched = commands.watch
                if let new = watched { try? epoll.add(new.rawValue, token: Token.watch) }
            }
            epoll.wait(timeoutNanoseconds: 200_000_000) { token in
                switch token {
                case Token.listener: accept(&programs)
                case Token.signals: stopOnSignal()
                case Token.watch: watched?.changed(commands)
                case Token.process...: end(token & ~Token.process, &programs)
                default: serve(token, &programs)
                }
            }
        }
    }

    private func stopOnSignal() {
        while let signal = signals.next() {
            log.notice("stopping", metadata: ["signal": "\(signal)"])
            commands.stop()
        }
    }

    private func accept(_ programs: inout [UInt64: ProgramConnection]) {
        guard let connection = try? listener.accept() else { return }
        // The hello is a few bytes that a peer sends at once; one that does not is let go.
        connection.setTimeout(seconds: 2)
        do {
            switch try handshake.greet(connection) {
            case .program(let program):
                let token = UInt64(program.client.rawValue)
                programs[token] = program
                try epoll.add(connection.rawValue, token: token)
                if let process = program.process {
                    try epoll.add(process.rawValue, token: Token.process | token)
                }
            case .command:
                // A command may wait (for a policy to open, a trace to close): not on this thread.
                try startThread("flexnpu-command") { [commands] in commands.serve(connection) }
            case .refused(let why): log.warning("connection refused", metadata: ["why": "\(why)"])
            }
        } catch {
            log.warning("connection failed", metadata: ["why": "\(error)"])
        }
    }

    /// Something from a program: an ask, or its end.
    private func serve(_ token: UInt64, _ programs: inout [UInt64: ProgramConnection]) {
        guard let program = programs[token] else { return }
        do {
            if try program.serve(loop, limits) { return }
        } catch {
            log.warning(
                "program's socket failed",
                metadata: ["client": "\(program.client.rawValue)", "why": "\(error)"])
        }
        end(token, &programs)
    }

    /// The program hung up, or its process has ended.
    private func end(_ token: UInt64, _ programs: inout [UInt64: ProgramConnection]) {
        guard let program = programs.removeValue(forKey: token) else { return }
        epoll.remove(program.connection.rawValue)
        if let process = program.process { epoll.remove(process.rawValue) }
        loop.post(ProgramEnded(client: program.client))
    }
}
