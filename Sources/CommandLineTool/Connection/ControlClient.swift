import Foundation
import LinuxIO
import SharedRing
import Wire

/// A command's connection to the daemon: questions and answers, one after another.
final class ControlClient {
    let path: String
    private let connection: UnixConnection
    /// No answer is longer; what says so is no daemon of ours.
    private static let answerLimitBytes = 64 << 20
    /// Loading a policy takes as long as its checks.
    private static let patienceSeconds = 30

    /// Connects and introduces itself.
    init(path: String) throws(CommandFailure) {
        self.path = path
        do throws(SystemError) {
            connection = try UnixConnection(path: path)
            connection.setTimeout(milliseconds: Self.patienceSeconds * 1000)
            try connection.send(CommandHandshake.hello(pid: getpid()).span)
            guard let welcome = try connection.receive(count: CommandHandshake.welcomeBytes) else {
                throw SystemError("the daemon closed the connection", code: ECONNRESET)
            }
            if let refusal = CommandHandshake.refusal(inWelcome: welcome) {
                throw SystemError("refused: \(refusal)", code: 0)
            }
        } catch {
            throw CommandFailure(Self.explanation(of: error, path: path))
        }
    }

    /// Asks, and returns what the daemon answers. A failure that it reports is thrown.
    func ask(_ request: ControlRequest) throws -> ControlReply {
        let reply: ControlReply
        do {
            try connection.send(
                ControlFrame.framed(try JSONEncoder().encode(request)).span)
            reply = try JSONDecoder().decode(ControlReply.self, from: try receive())
        } catch let error as SystemError {
            throw CommandFailure(Self.explanation(of: error, path: path))
        } catch is DecodingError {
            throw CommandFailure("\(path): the daemon's answer is of another version")
        }
        if case .failure(let message) = reply { throw CommandFailure(message) }
        return reply
    }

    func status() throws -> DaemonStatus {
        guard case .status(let status) = try ask(.status) else { throw unexpected }
        return status
    }

    func clients() throws -> [ClientStatus] {
        guard case .clients(let clients) = try ask(.clients) else { throw unexpected }
        return clients
    }

    /// Policies, for the requests that answer with such.
    func policies(_ request: ControlRequest) throws -> [PolicyStatus] {
        guard case .policies(let policies) = try ask(request) else { throw unexpected }
        return policies
    }

    /// The recording, for the requests that answer with it.
    func trace(_ request: ControlRequest) throws -> TraceStatus {
        guard case .trace(let status) = try ask(request) else { throw unexpected }
        return status
    }

    /// Asks for something to be done; returns the daemon's words.
    func order(_ request: ControlRequest) throws -> String {
        switch try ask(request) {
        case .done(let message): message
        case .policies(let policies):
            policies.map { PolicyListing.headline($0) }.joined(separator: "\n")
        default: throw unexpected
        }
    }

    private var unexpected: CommandFailure {
        CommandFailure("\(path): the daemon answered something else than was asked")
    }

    private func receive() throws -> Data {
        guard let head = try connection.receive(count: ControlFrame.headBytes) else {
            throw SystemError("the daemon closed the connection", code: ECONNRESET)
        }
        let count = ControlFrame.length(head)
        guard count <= Self.answerLimitBytes, let body = try connection.receive(count: count) else {
            throw SystemError("the daemon's answer is cut off", code: EPROTO)
        }
        return Data(body)
    }

    /// What is wrong and what to do, in one line.
    static func explanation(of error: SystemError, path: String) -> String {
        switch error.kind {
        case .noSuchFile, .refused:
            "no daemon listens at \(path); start one with flexnpu daemon, or name its --socket"
        case .denied: "\(path): the socket is not yours (\(error.reason))"
        case .timedOut: "\(path): the daemon does not answer"
        default: error.code == 0 ? "\(path): \(error.action)" : "\(path): \(error)"
        }
    }
}
