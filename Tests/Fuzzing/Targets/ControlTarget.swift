import CWire
import Daemon
import Foundation
import LinuxIO
import SharedRing
import Wire

/// A real daemon's socket, in this process. The first byte says how the input is a conversation:
///
/// - 0: all bytes are sent as they are;
/// - 1: a command's hello, then the bytes;
/// - 2: a command's hello, then each line as a request with its length before it;
/// - 3 and 4: the hello of a program that is routed or observed, whose settings are the bytes up to
///   the first NUL; then the rest.
///
/// Whatever it is, the daemon hangs up once the peer has, and goes on answering others.
final class ControlTarget: Sendable {
    static let shared = Result { try ControlTarget() }

    private static let answerNanoseconds: Int64 = 20_000_000_000
    private let socket: String

    /// Goes when the process ends.
    private static let folder = FileManager.default.temporaryDirectory.appending(
        path: "flexnpu-fuzz.\(ProcessInfo.processInfo.processIdentifier)")

    private init() throws {
        socket = Self.folder.appending(path: "daemon.sock").path
        let options = DaemonOptions(
            socketPath: socket, deviceLibrary: BuiltProducts.deviceLibrary)
        try startThread("daemon") {
            do {
                _ = try runDaemon(options)
                fatalError("the daemon stopped")
            } catch { fatalError("the daemon does not start: \(error)") }
        }
        let deadline = MonotonicClock.now() + Self.answerNanoseconds
        while (try? UnixConnection(path: socket)) == nil {
            guard MonotonicClock.now() < deadline else {
                throw SystemError("\(socket): the daemon does not listen", code: ETIMEDOUT)
            }
            sched_yield()
        }
        atexit { try? FileManager.default.removeItem(at: ControlTarget.folder) }
    }

    func run(_ input: [UInt8]) throws -> String? {
        let sent = Self.conversation(input)
        // It would write where the input says, or stop the daemon, as it is told.
        guard !Self.isForbidden(sent) else { return nil }
        if let broken = try say(sent) { return broken }
        return try isServing() ? nil : "another command is answered no longer"
    }

    private static func conversation(_ input: [UInt8]) -> [UInt8] {
        var choices = Choices(input)
        let kind = choices.byte()
        switch kind {
        case 1: return CommandHandshake.hello(pid: getpid()) + choices.rest()
        case 2:
            let lines = choices.rest().split(separator: UInt8(ascii: "\n"))
            return CommandHandshake.hello(pid: getpid()) + lines.flatMap(ControlFrame.framed)
        case 3, 4:
            let settings = choices.slice(until: 0)
            return hello(kind == 3 ? FX_MODE_ROUTE : FX_MODE_OBSERVE, settings) + choices.rest()
        default: return choices.rest()
        }
    }

    private static func hello(_ mode: Int, _ settings: [UInt8]) -> [UInt8] {
        var hello = fx_hello()
        hello.magic = UInt32(FX_MAGIC)
        hello.version = UInt32(FX_WIRE_VERSION)
        hello.kind = UInt32(FX_HELLO_PROGRAM)
        hello.mode = UInt32(mode)
        hello.table_hash = UInt64(FX_TABLE_HASH)
        hello.text_bytes = UInt32(settings.count)
        return hello.bytes + settings
    }

    private static func isForbidden(_ sent: [UInt8]) -> Bool {
        var rest = sent.dropFirst(fx_hello.byteCount)
        while rest.count >= ControlFrame.headBytes {
            let length = ControlFrame.length(Array(rest.prefix(ControlFrame.headBytes)))
            let body = rest.dropFirst(ControlFrame.headBytes).prefix(length)
            switch try? JSONDecoder().decode(ControlRequest.self, from: Data(body)) {
            case .traceStart, .shutdown: return true
            default: break
            }
            rest = rest.dropFirst(ControlFrame.headBytes + length)
        }
        return false
    }

    /// Sends the bytes, hangs up, and hears the daemon out.
    private func say(_ bytes: [UInt8]) throws -> String? {
        let connection = try UnixConnection(path: socket)
        // Answers are read while the rest is sent: neither side waits for the other for ever.
        let deadline = MonotonicClock.now() + Self.answerNanoseconds
        connection.setTimeout(milliseconds: 1)
        var left = bytes[...]
        var hasHungUp = false
        while MonotonicClock.now() < deadline {
            if left.isEmpty, !hasHungUp {
                shutdown(connection.rawValue, Int32(SHUT_WR))
                connection.setTimeout(milliseconds: 1000)
                hasHungUp = true
            }
            if !left.isEmpty { left = left.dropFirst(Self.write(left, to: connection)) }
            var answer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(connection.rawValue, &answer, answer.count, 0)
            if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { return nil }
        }
        return "the daemon does not hang up"
    }

    /// How many bytes were taken; all of them where nobody reads them any more.
    private static func write(_ bytes: ArraySlice<UInt8>, to connection: UnixConnection) -> Int {
        let sent = bytes.withUnsafeBytes {
            send(connection.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent >= 0 { return sent }
        return errno == EAGAIN || errno == EINTR ? 0 : bytes.count
    }

    private func isServing() throws -> Bool {
        let connection = try UnixConnection(path: socket)
        connection.setTimeout(milliseconds: Int(Self.answerNanoseconds / 1_000_000))
        let request = ControlFrame.framed(try JSONEncoder().encode(ControlRequest.policyShow))
        try connection.send((CommandHandshake.hello(pid: getpid()) + request).span)
        _ = try connection.receive(count: CommandHandshake.welcomeBytes)
        guard let head = try connection.receive(count: ControlFrame.headBytes),
            let body = try connection.receive(count: ControlFrame.length(head)),
            case .policies = try JSONDecoder().decode(ControlReply.self, from: Data(body))
        else { return false }
        return true
    }
}
