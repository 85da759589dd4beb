import CLinux
import Glibc

/// The service manager that started this process and wants to hear from it, as systemd's protocol
/// says it: lines `NAME=value` in a datagram to the socket that NOTIFY_SOCKET names.
package struct ServiceManager: Sendable {
    private let socket: String
    /// It ends this process where it hears no `WATCHDOG=1` for so long; nil: it does not watch.
    package let watchdogNanoseconds: Int64?

    /// Nil where no service manager asked to be told, which is so in a shell.
    package init?(environment: [String: String], pid: Int32 = getpid()) {
        guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@")
        else { return nil }
        socket = path
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == pid } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
        let isWatched = isForUs && microseconds > 0 && microseconds < .max / 1000
        watchdogNanoseconds = isWatched ? microseconds * 1000 : nil
    }

    /// Tells it something. A service manager that does not listen is no reason to stop.
    package func tell(_ lines: String...) {
        let text = lines.map { $0.replacing("\n", with: " ") }.joined(separator: "\n")
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes {
            unsafe cl_send_datagram(socket, $0.baseAddress, $0.count)
        }
    }
}
