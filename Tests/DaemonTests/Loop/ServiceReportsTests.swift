import Daemon
import Foundation
import Glibc
import LinuxIO
import Testing
import Wire

/// What the service manager hears.
@Suite final class ServiceReportsTests {
    private let folder = NSTemporaryDirectory() + "flexnpu-notify-\(UUID().uuidString.prefix(8))"
    private let socket: Int32

    init() throws {
        try makeFolder(folder)
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            for (index, byte) in "\(folder)/s".utf8.enumerated() { place[index] = byte }
        }
        let raw = socket
        let done = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(done == 0)
    }

    deinit {
        close(socket)
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func reports(_ mailbox: LoopMailbox, watchdog: Int? = nil) throws -> ServiceReports {
        var environment = ["NOTIFY_SOCKET": "\(folder)/s"]
        environment["WATCHDOG_USEC"] = watchdog.map { "\($0)" }
        return try #require(ServiceReports(ServiceManager(environment: environment), mailbox))
    }

    /// What came since this was last asked.
    private func news() -> [String] {
        var found: [String] = []
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return found }
            found.append(String(decoding: bytes.prefix(count), as: UTF8.self))
        }
    }

    @Test func `nobody listens, nobody is told`() throws {
        #expect(try ServiceReports(ServiceManager(environment: [:]), LoopMailbox()) == nil)
    }

    @Test func `whom the daemon serves is told when it changes`() throws {
        let reports = try reports(LoopMailbox())
        reports.tellReady()
        for (programs, isDraining) in [(0, false), (0, false), (1, false), (1, true), (1, true)] {
            reports.turn(programs: programs, isDraining: isDraining, now: 0)
        }
        reports.tellStopping()
        #expect(
            news() == [
                "READY=1", "STATUS=serving, 0 programs", "STATUS=serving, 1 program",
                "STATUS=draining, 1 program", "STOPPING=1\nSTATUS=stopping",
            ])
    }

    @Test func `a loop that stands still gives no sign of life`() throws {
        let (bench, mailbox) = (CoreBench(), try LoopMailbox())
        let reports = try reports(mailbox, watchdog: 4_000_000)
        let second: Nanoseconds = 1_000_000_000
        var now: Nanoseconds = 0
        func turn() -> [String] {
            now += second
            reports.turn(programs: 0, isDraining: false, now: now)
            return news().filter { $0.hasPrefix("WATCHDOG") }
        }
        #expect(turn() == [])
        for _ in 0..<5 {
            mailbox.deliver(to: bench.core)
            #expect(turn() == ["WATCHDOG=1"])
        }
        // Nobody takes the mail: the control thread alone is no life, however long it turns.
        for _ in 0..<100 { #expect(turn() == []) }
        mailbox.deliver(to: bench.core)
        #expect(turn() == ["WATCHDOG=1"])
    }

    @Test func `without a watchdog the loop is not disturbed`() throws {
        let (bench, mailbox) = (CoreBench(), try LoopMailbox())
        let reports = try reports(mailbox)
        for now in 0..<10 {
            reports.turn(programs: 0, isDraining: false, now: Nanoseconds(now) * 1_000_000_000)
        }
        #expect(!mailbox.deliver(to: bench.core))
    }
}
