import Glibc
import LinuxIO
import Testing

@Suite struct UnixSocketTests {
    private let folder = TemporaryFolder()

    @Test func `bytes and descriptors go over, and the peer is known`() throws {
        let path = folder.file("s")
        let listener = try UnixListener(path: path)
        let client = try UnixConnection(path: path)
        let server = try listener.accept()
        let peer = try server.peer()
        #expect(peer.pid == getpid() && peer.user == getuid())
        let bell = try EventFD()
        try send([1, 2, 3], client, [bell.rawValue])
        #expect(try server.receive(count: 3) == [1, 2, 3])
        client.setTimeout(milliseconds: 1000)
        try send([9], server)
        #expect(try client.receive(count: 1) == [9])
    }

    @Test func `an end before the first byte is no error, in the middle it is`() throws {
        let path = folder.file("s")
        let listener = try UnixListener(path: path)
        for (sent, isError) in [(0, false), (2, true)] {
            var client: UnixConnection? = try UnixConnection(path: path)
            let server = try listener.accept()
            if let client { try send([UInt8](repeating: 1, count: sent), client) }
            client = nil
            if isError {
                #expect(throws: SystemError.self) { try server.receive(count: 4) }
            } else {
                #expect(try server.receive(count: 4) == nil)
            }
        }
    }

    @Test func `a peer that is silent does not hold its reader`() throws {
        let path = folder.file("s")
        let listener = try UnixListener(path: path)
        let client = try UnixConnection(path: path)
        let server = try listener.accept()
        server.setTimeout(milliseconds: 1000)
        let error = #expect(throws: SystemError.self) { try server.receive(count: 1) }
        #expect(error?.kind == .timedOut)
        withExtendedLifetime(client) {}
    }

    @Test func `a peer that sends a byte now and then is as silent as one that sends none`() throws
    {
        let path = folder.file("s")
        let listener = try UnixListener(path: path)
        let client = try UnixConnection(path: path)
        let server = try listener.accept()
        let begun = MonotonicClock.now()
        try startThread("drips") {
            for _ in 0..<20 {
                try? client.send([1].span)
                usleep(20_000)
            }
        }
        let error = #expect(throws: SystemError.self) {
            try server.receive(count: 100, until: begun + 100_000_000)
        }
        #expect(error?.kind == .timedOut)
        #expect(try server.receive(count: 1, until: begun + 60_000_000_000) == [1])
    }

    @Test func `a group may connect to the socket that is its own`() throws {
        let path = folder.file("s")
        do {
            let listener = try UnixListener(path: path)
            #expect(Paths.facts(path)?.st_mode == S_IFSOCK | 0o600)
            withExtendedLifetime(listener) {}
        }
        let listener = try UnixListener(path: path, group: getgid())
        #expect(Paths.facts(path)?.st_mode == S_IFSOCK | 0o660)
        #expect(Paths.facts(path)?.st_gid == getgid())
        let client = try UnixConnection(path: path)
        let server = try listener.accept()
        #expect(server.peerHasGroup(getgid()))
        #expect(!server.peerHasGroup(4_000_000_000))
        #expect(try groupNumber("root") == 0 && groupNumber("77") == 77)
        #expect(throws: SystemError.self) { try groupNumber("no such group") }
        withExtendedLifetime(client) {}
    }

    @Test func `a listener that accepts nobody is alive, and does not keep its callers`() throws {
        let path = folder.file("s")
        let listener = try UnixListener(path: path, backlog: 4)
        var waiting: [UnixConnection] = []
        let error = #expect(throws: SystemError.self) {
            while waiting.count < 100 {
                waiting.append(try UnixConnection(path: path, patienceMilliseconds: 50))
            }
        }
        #expect(error?.kind == .timedOut)
        // It is not taken for one that was left behind.
        let second = #expect(throws: SystemError.self) { try UnixListener(path: path) }
        #expect(second?.kind == .inUse)
        #expect(exists(path))
        withExtendedLifetime(listener) {}
    }

    @Test func `a connection that is shut down ends for whoever reads it`() throws {
        let path = folder.file("s")
        let listener = try UnixListener(path: path)
        let client = try UnixConnection(path: path)
        let server = try listener.accept()
        try startThread("ends") { server.shutDown() }
        #expect(try client.receive(count: 1) == nil)
        #expect(try server.receive(count: 1) == nil)
    }

    @Test func `a socket that nobody listens on is replaced`() throws {
        let path = folder.file("s")
        let old = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            for (index, byte) in path.utf8.enumerated() { place[index] = byte }
        }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(old, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(old)
        let listener = try UnixListener(path: path)
        _ = try UnixConnection(path: path)
        withExtendedLifetime(listener) {}
    }

    @Test func `a live one is an error that names the process`() throws {
        let path = folder.file("s")
        let listener = try UnixListener(path: path)
        let error = #expect(throws: SystemError.self) { try UnixListener(path: path) }
        #expect(error?.kind == .inUse)
        #expect(error.map { "\($0)".contains("process \(getpid())") } == true)
        withExtendedLifetime(listener) {}
    }

    @Test func `a file that is no socket is left alone`() throws {
        let path = folder.file("precious")
        try replaceFile(path, with: [1, 2, 3])
        #expect(throws: SystemError.self) { try UnixListener(path: path) }
        #expect(try readFile(path) == [1, 2, 3])
    }

    @Test func `the socket is this user's alone and goes with the listener`() throws {
        let path = folder.file("s")
        var listener: UnixListener? = try UnixListener(path: path)
        var facts = stat()
        #expect(stat(path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
        withExtendedLifetime(listener) {}
        listener = nil
        #expect(!exists(path))
    }

    @Test func `a path that is too long is an error`() {
        let path = folder.file(String(repeating: "x", count: 200))
        #expect(throws: SystemError.self) { try UnixListener(path: path) }
    }

    private func send(
        _ bytes: [UInt8], _ connection: UnixConnection, _ descriptors: [Int32] = []
    ) throws {
        try connection.send(bytes.span, descriptors: descriptors)
    }
}
