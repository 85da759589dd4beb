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
    private let reception: Reception
    private let commands: CommandHandler
    private let spare: SpareDescriptor

    private enum Token {
        static let listener: UInt64 = 1 << 40
        static let signals: UInt64 = 1 << 41
        static let watch: UInt64 = 1 << 42
        static let reception: UInt64 = 1 << 44
        /// With a client's id below: its process.
        static let process: UInt64 = 1 << 43
    }

    init(
        listener: UnixListener, signals: SignalDescriptor, reception: Reception,
        commands: CommandHandler, loop: LoopMailbox, limits: DaemonLimits, log: Logger
    ) throws {
        self.listener = listener
        self.signals = signals
        self.reception = reception
        self.commands = commands
        self.loop = loop
        self.limits = limits
        self.log = log
        epoll = try Epoll()
        spare = try SpareDescriptor()
        try epoll.add(reception.rawValue, token: Token.reception)
        try epoll.add(signals.rawValue, token: Token.signals)
    }

    /// Serves until a signal or a command says stop, or the last program of a draining daemon goes.
    func run(reports: ServiceReports?) {
        var programs: [UInt64: ProgramConnection] = [:]
        var watched: PolicyWatch?
        var listening = Listening()
        while !commands.isStopping {
            if watched !== commands.watch {
                if let old = watched { epoll.remove(old.rawValue) }
                watched = commands.watch
                if let new = watched { try? epoll.add(new.rawValue, token: Token.watch) }
            }
            listen(&listening)
            reports?.turn(
                programs: programs.count, isDraining: commands.isDraining,
                now: MonotonicClock.now())
            endWhereDrained(programs)
            epoll.wait(timeoutNanoseconds: listening.isOn ? 200_000_000 : 10_000_000) { token in
                switch token {
                case Token.listener: accept(&listening)
                case Token.reception: takeOver(&programs)
                case Token.signals: stopOnSignal()
                case Token.watch: watched?.changed(commands)
                case Token.process...: end(token & ~Token.process, &programs)
                default: serve(token, &programs)
                }
            }
        }
    }

    /// Whether connections are accepted now.
    private struct Listening {
        var isOn = false
        /// After a failure (no descriptors left): not before this.
        var pausedUntil: Nanoseconds = 0
    }

    /// Accepts connections while there is room to hear them. The others wait in the socket's queue.
    private func listen(_ listening: inout Listening) {
        let wanted = reception.hasRoom && MonotonicClock.now() >= listening.pausedUntil
        guard wanted != listening.isOn else { return }
        if wanted {
            guard (try? epoll.add(listener.rawValue, token: Token.listener)) != nil else { return }
        } else {
            epoll.remove(listener.rawValue)
        }
        listening.isOn = wanted
    }

    private static let pauseNanoseconds: Nanoseconds = 100_000_000

    private func accept(_ listening: inout Listening) {
        do throws(SystemError) {
            reception.hear(try listener.accept())
        } catch {
            // With the spare descriptor one connection at a time is told why it is not served.
            if error.kind == .noDescriptors, turnAway(error) { return }
            log.warning("cannot accept connections", metadata: ["why": "\(error)"])
            listening.pausedUntil = MonotonicClock.now() + Self.pauseNanoseconds
        }
    }

    private func turnAway(_ shortage: SystemError) -> Bool {
        do throws(SystemError) {
            try spare.lend { () throws(SystemError) in
                reception.turnAway(try listener.accept(), shortage)
            }
            return true
        } catch { return false }
    }

    /// Commands get their answers first.
    private func endWhereDrained(_ programs: [UInt64: ProgramConnection]) {
        guard commands.isDraining, programs.isEmpty, reception.isQuiet,
            loop.ask(CountPrograms()) == 0
        else { return }
        log.notice("stopping", metadata: ["why": "drained: the last program has gone"])
        commands.stop()
    }

    /// Programs have said hello: from here on they are watched.
    private func takeOver(_ programs: inout [UInt64: ProgramConnection]) {
        for program in reception.takePrograms() {
            let token = UInt64(program.client.rawValue)
            programs[token] = program
            do throws(SystemError) {
                try epoll.add(program.connection.rawValue, token: token)
                if let process = program.process {
                    try epoll.add(process.rawValue, token: Token.process | token)
                }
            } catch {
                log.warning("connection failed", metadata: ["why": "\(error)"])
                end(token, &programs)
            }
        }
    }

    private func stopOnSignal() {
        while let signal = signals.next() {
            log.notice("stopping", metadata: ["signal": "\(signal)"])
            commands.stop()
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
