import Daemon
import LinuxIO
import RingDoubles
import Scheduling
import SharedRing
import Testing
import Wire

/// Which programs are served.
@Suite struct AdmissionTests {
    private func admit(_ number: UInt32, user: UInt32, to bench: CoreBench) throws -> String? {
        let id = ClientID(rawValue: number)
        return bench.core.take(
            AdmitProgram(
                id: id, pid: 0, mode: .route, page: try SessionPage(),
                staging: try SharedMemory(name: "staging", count: 4096), doorbell: try EventFD(),
                facts: ClientFacts(id: id, name: "p"), limits: DaemonLimits(), user: user))
    }

    @Test func `a user has so many programs, and another his own`() throws {
        var limits = DaemonLimits()
        limits.sessionsPerUser = 2
        limits.sessions = 3
        let bench = CoreBench(limits: limits)
        #expect(try admit(1, user: 10, to: bench) == nil)
        #expect(try admit(2, user: 10, to: bench) == nil)
        #expect(try admit(3, user: 10, to: bench)?.contains("2 programs of user 10") == true)
        #expect(try admit(4, user: 11, to: bench) == nil)
        #expect(try admit(5, user: 12, to: bench)?.contains("3 programs, its limit") == true)
        bench.core.take(ProgramEnded(client: ClientID(rawValue: 1)))
        bench.settle()
        #expect(try admit(6, user: 10, to: bench) == nil)
    }

    @Test func `a draining daemon admits nobody and serves who is there`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        #expect(bench.core.take(BeginDrain()) == 1)
        #expect(bench.core.take(BeginDrain()) == 1)
        #expect(try admit(9, user: 0, to: bench)?.contains("draining") == true)
        #expect(bench.core.sessions.count == 1)
        one.program.fill(one.address, bytes: 64, stream: one.stream)
        let synchronised = one.program.synchronize(one.stream)
        bench.settle()
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(one.program.answer(to: synchronised)?.status == 0)
    }
}
