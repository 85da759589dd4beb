import Glibc
import LinuxIO
import Testing

@Suite struct ServiceManagerTests {
    private let folder = TemporaryFolder()

    @Test func `nobody asked to be told`() {
        #expect(ServiceManager(environment: [:]) == nil)
        #expect(ServiceManager(environment: ["NOTIFY_SOCKET": ""]) == nil)
        #expect(ServiceManager(environment: ["NOTIFY_SOCKET": "relative"]) == nil)
    }

    @Test func `the watchdog is for the process that it names`() {
        let base = ["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "2000000"]
        #expect(ServiceManager(environment: base)?.watchdogNanoseconds == 2_000_000_000)
        let other = base.merging(["WATCHDOG_PID": "7"]) { $1 }
        #expect(ServiceManager(environment: other, pid: 7)?.watchdogNanoseconds == 2_000_000_000)
        #expect(ServiceManager(environment: other, pid: 8)?.watchdogNanoseconds == nil)
        for wrong in ["", "0", "-5", "x", "99999999999999999999"] {
            let set = base.merging(["WATCHDOG_USEC": wrong]) { $1 }
            #expect(ServiceManager(environment: set) != nil)
            #expect(ServiceManager(environment: set)?.watchdogNanoseconds == nil)
        }
    }

    @Test(arguments: [false, true]) func `lines arrive as one datagram`(isAbstract: Bool) throws {
        let name = isAbstract ? "@flexnpu-test-\(getpid())" : folder.file("notify")
        let listener = try bound(name)
        let manager = try #require(ServiceManager(environment: ["NOTIFY_SOCKET": name]))
        manager.tell("READY=1", "STATUS=one\ntwo")
        #expect(received(listener) == "READY=1\nSTATUS=one two")
        close(listener)
        // One that has gone changes nothing.
        manager.tell("STOPPING=1")
    }

    private func bound(_ name: String) throws -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            for (index, byte) in name.utf8.enumerated() {
                place[index] = index == 0 && byte == UInt8(ascii: "@") ? 0 : byte
            }
        }
        let size = socklen_t(2 + name.utf8.count)
        let done = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        try #require(done == 0)
        return listener
    }

    private func received(_ listener: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(listener, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
