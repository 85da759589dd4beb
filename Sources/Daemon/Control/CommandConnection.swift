import Foundation
import LinuxIO
import Synchronization
import Wire

/// Who sent a command.
struct CommandPeer: Sendable {
    var user: UInt32
    /// The daemon's own user, or root: may change it.
    var owns: Bool
}

/// A command's connection, from its welcome to its end: requests and answers on a thread of its own.
final class CommandConnection: Sendable {
    let peer: CommandPeer
    private let connection: UnixConnection
    private let limits: DaemonLimits
    private let state = Mutex(State())

    private enum Doing { case listening, working, sending }

    private struct State {
        var doing = Doing.listening
        /// When it began to do that.
        var since: Nanoseconds = 0
    }

    init(_ connection: UnixConnection, of peer: CommandPeer, _ limits: DaemonLimits) {
        self.connection = connection
        self.peer = peer
        self.limits = limits
        beginListening()
        connection.setTimeout(milliseconds: Int(limits.commandNanoseconds / 1_000_000))
    }

    /// Since when it does what it does.
    var since: Nanoseconds { state.withLock { $0.since } }

    /// It waits for its peer, and has done so long enough to give its place to another: a moment
    /// where the peer does not take its answer, longer where it does not ask.
    func mayMakeRoom(_ now: Nanoseconds) -> Bool {
        state.withLock { state in
            switch state.doing {
            case .working: false
            case .sending: now - state.since > limits.unreadBeforeRoomNanoseconds
            case .listening: now - state.since > limits.idleBeforeRoomNanoseconds
            }
        }
    }

    /// A request was taken and is not answered yet.
    var owesAnswer: Bool { state.withLock { $0.doing != .listening } }

    /// It has a place from now on: what it waited for one is not its own silence.
    func beginListening() { note(.listening) }

    /// Makes `serve` return.
    func hangUp() { connection.shutDown() }

    /// Tells the peer that it is not answered.
    func refuse(_ why: String) { try? send(.failure(message: why)) }

    /// Answers requests until the peer hangs up, or takes too long over one.
    func serve(_ answer: (_ body: [UInt8]) -> ControlReply) throws {
        while let head = try nextHead() {
            let length = ControlFrame.length(head)
            guard length <= limits.requestBytes else {
                return refuse("a request of \(length) bytes is too long")
            }
            let deadline = MonotonicClock.now() + limits.commandNanoseconds
            let body = try connection.receive(count: length, until: deadline) ?? []
            note(.working)
            let reply = answer(body)
            note(.sending)
            try send(reply)
            note(.listening)
        }
    }

    private func note(_ doing: Doing) {
        state.withLock { $0 = State(doing: doing, since: MonotonicClock.now()) }
    }

    private func nextHead() throws -> [UInt8]? {
        let deadline = MonotonicClock.now() + limits.idleCommandNanoseconds
        return try connection.receive(count: ControlFrame.headBytes, until: deadline)
    }

    private func send(_ reply: ControlReply) throws {
        let body = try JSONEncoder().encode(reply)
        try connection.send(ControlFrame.framed(body).span)
    }
}
