import CWire
import Daemon
import Device
import RingDoubles
import Testing

/// Work that nobody wants any more does not go on.
@Suite struct AbandonedWorkTests {
    private func aborted(_ device: FakeExecutor) -> [UInt32] {
        device.sent.compactMap {
            if case .abort(let stream) = $0.command { stream } else { nil }
        }
    }

    @Test func `work of a program that is gone is aborted, and nobody else's`() throws {
        let bench = CoreBench()
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        other.program.fill(other.address, bytes: 1, stream: other.stream)
        bench.settle()
        let busy = bench.device.running[0].stream
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        #expect(aborted(bench.device) == [busy])
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.violations == [])
    }

    @Test func `work of a stream that its program had destroyed is aborted as well`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        _ = one.program.destroyStream(one.stream)
        bench.settle()
        #expect(aborted(bench.device) == [], "the program still waits for it")
        let busy = bench.device.running[0].stream
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        #expect(aborted(bench.device) == [busy])
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `a stream destroyed by force is aborted on its device`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        bench.settle()
        _ = one.program.destroyStream(one.stream, force: true)
        bench.settle()
        #expect(aborted(bench.device) == [bench.device.running[0].stream])
    }

    @Test func `a program that leaves nothing behind aborts nothing`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        bench.settle()
        bench.device.finishAll(at: bench.now)
        bench.settle()
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        #expect(aborted(bench.device) == [])
    }
}
