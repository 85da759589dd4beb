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
    /// How long a daemon may take to greet: a thread of its own does nothing else.
    private static let greetingMilliseconds = 5000

    /// Connects and introduces itself.
    init(path: String) throws(CommandFailure) {
        self.path = path
        let connection: UnixConnection
        do throws(SystemError) {
            connection = try UnixConnection(
                path: path, patienceMilliseconds: Self.greetingMilliseconds)
        } catch {
            throw CommandFailure(Self.explanation(of: error, path: path))
        }
        self.connection = connection
        do throws(SystemError) {
            try Self.greet(connection)
        } catch {
            throw CommandFailure(
                Self.explanation(of: error, path: path, pid: try? connection.peer().pid))
        }
    }

    private static func greet(_ connection: UnixConnection) throws(SystemError) {
        do throws(SystemError) {
            try connection.send(CommandHandshake.hello(pid: getpid()).span)
        } catch {
            // A daemon that refuses may have closed before it had read all; its reason is there.
            guard error.kind == .closed else { throw error }
        }
        guard let welcome = try connection.receive(count: CommandHandshake.welcomeBytes) else {
            throw SystemError("the daemon closed the connection", code: ECONNRESET)
        }
        if let refusal = CommandHandshake.refusal(inWelcome: welcome) {
            throw SystemError("refused: \(refusal)", code: 0)
        }
    }

    /// How long an answer may take: a policy as long as its checks, a trace until it is on disk.
    private static func patienceSeconds(for request: ControlRequest) -> Int {
        switch request {
        case .policyLoad, .policyBuiltIn, .policySet, .policyRollback: 60
        case .traceStart, .traceStop: 600
        case .status, .clients, .policies, .policyShow, .limit, .drain, .shutdown: 20
        }
    }

    /// Asks, and returns what the daemon answers. A failure that it reports is thrown.
    func ask(_ request: ControlRequest) throws -> ControlReply {
        let reply: ControlReply
        do {
            connection.setTimeout(milliseconds: Self.patienceSeconds(for: request) * 1000)
            try connection.send(
                ControlFrame.framed(try JSONEncoder().encode(request)).span)
            reply = try JSONDecoder().decode(ControlReply.self, from: try receive())
        } catch let error as SystemError {
            throw CommandFailure(
                Self.explanation(of: error, path: path, pid: try? connection.peer().pid))
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
        case .done(let message): message.printableLines
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
    static func explanation(of error: SystemError, path: String, pid: Int32? = nil) -> String {
        switch error.kind {
        case .noSuchFile, .refused:
            "no daemon listens at \(path); start one with flexnpu daemon, or name its --socket"
        case .denied: "\(path): the socket is not yours (\(error.reason))"
        case .timedOut: silence(path: path, pid: pid)
        default: error.code == 0 ? "\(path): \(error.action)" : "\(path): \(error)"
        }
    }

    /// A daemon that is there and says nothing, and what can be done about it.
    private static func silence(path: String, pid: Int32?) -> String {
        guard let pid, pid > 0 else {
            return "\(path): the daemon takes no connections: it is stopped or overloaded; look at "
                + "its process, or restart it"
        }
        let what = "\(path): the daemon, process \(pid), does not answer in time: "
        if processState(pid) == "T" {
            return what + "it is stopped; kill -CONT \(pid) lets it go on"
        }
        return what + "it is busy or stuck; look at its log, or end it with kill \(pid)"
    }
}
