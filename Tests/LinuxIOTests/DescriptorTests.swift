import Glibc
import LinuxIO
import Testing

@Suite struct DescriptorTests {
    @Test func `the limit is raised to what the system allows`() throws {
        let raised = try #require(raiseDescriptorLimit())
        var limit = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        #expect(raised == Int(limit.rlim_cur) && limit.rlim_cur == limit.rlim_max)
    }

    @Test func `without a descriptor left, the spare one takes a connection`() async {
        // In a process of its own, which has none left for anything else.
        await #expect(processExitsWith: .success) {
            let folder = TemporaryFolder()
            let listener = try UnixListener(path: folder.file("s"))
            let spare = try SpareDescriptor()
            let clients = try (0..<2).map { _ in try UnixConnection(path: folder.file("s")) }
            var few = rlimit(rlim_cur: 64, rlim_max: 64)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &few) == 0)
            while open("/dev/null", O_RDONLY) >= 0 {}
            for client in clients {
                let error = #expect(throws: SystemError.self) { try listener.accept() }
                #expect(error?.kind == .noDescriptors)
                try spare.lend { () throws(SystemError) in
                    try listener.accept().send([7].span)
                }
                #expect(try client.receive(count: 1) == [7])
            }
        }
    }

    @Test func `shared memory lives on without its descriptor`() throws {
        let memory = try SharedMemory(name: "test", count: 4096)
        let raw = memory.rawValue
        #expect(fcntl(raw, F_GETFD) >= 0)
        memory.base.storeBytes(of: 7, as: UInt8.self)
        memory.closeDescriptor()
        memory.closeDescriptor()
        #expect(memory.rawValue == -1)
        #expect(memory.base.load(as: UInt8.self) == 7)
    }

    @Test func `no descriptors and a peer that has gone are told apart`() {
        #expect(SystemError("x", code: EMFILE).kind == .noDescriptors)
        #expect(SystemError("x", code: ENFILE).kind == .noDescriptors)
        #expect(SystemError("x", code: EPIPE).kind == .closed)
        #expect(SystemError("x", code: ECONNRESET).kind == .closed)
    }
}
