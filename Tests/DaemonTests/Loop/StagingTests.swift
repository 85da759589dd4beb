import CWire
import Daemon
import Device
import RingDoubles
import Scheduling
import Testing

/// A staging slot goes back to the program exactly once, whatever becomes of its copy.
@Suite struct StagingTests {
    private func expectBack(_ one: CoreBench.Equipped, _ count: Int) {
        #expect(one.program.slotsTaken == [])
        #expect(one.program.slotsGivenBack == count)
    }

    @Test func `when the copy is done`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.copyFromStaging(3, to: one.address, bytes: 64, stream: one.stream)
        bench.settle()
        #expect(one.program.slotsTaken == [3])
        bench.device.finishAll(at: bench.now)
        bench.settle()
        expectBack(one, 1)
    }

    @Test func `when the copy fails`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.copyFromStaging(3, to: one.address, bytes: 64, stream: one.stream)
        bench.settle()
        bench.device.fail(stream: bench.device.running[0].stream, code: 507_011, at: bench.now)
        bench.settle()
        expectBack(one, 1)
    }

    @Test func `when the copy is refused, whatever is wrong with it`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.copyFromStaging(3, to: 0x42, bytes: 64, stream: one.stream)
        one.program.copyFromStaging(4, to: one.address, bytes: 2 << 20, stream: one.stream)
        one.program.copyFromStaging(5, to: one.address, bytes: 64, stream: .max)
        one.program.copyFromStaging(6, to: one.address, bytes: .max, stream: one.stream)
        bench.settle()
        #expect(bench.device.sent.isEmpty)
        expectBack(one, 4)
    }

    @Test func `when the queue is full`() throws {
        let bench = CoreBench(scheduler: { $0.queuedPerClientMax = 2 })
        let one = try bench.attachWithMemory()
        for slot in 0..<4 {
            one.program.copyFromStaging(slot, to: one.address, bytes: 64, stream: one.stream)
        }
        bench.settle()
        #expect(one.program.slotsTaken == [0, 1])
        bench.device.finishAll(at: bench.now)
        bench.settle()
        expectBack(one, 4)
    }

    @Test func `when the stream is aborted`() throws {
        let bench = CoreBench(submitsAhead: false)
        let one = try bench.attachWithMemory()
        for slot in 0..<3 {
            one.program.copyFromStaging(slot, to: one.address, bytes: 64, stream: one.stream)
        }
        bench.settle()
        one.program.ask(Int(FX_VERB_STREAM_ABORT), stream: one.stream)
        bench.settle()
        #expect(one.program.slotsTaken == [0], "one is on the device")
        bench.device.fail(stream: bench.device.running[0].stream, code: 107_030, at: bench.now)
        bench.settle()
        expectBack(one, 3)
    }

    @Test func `when the stream is destroyed by force`() throws {
        let bench = CoreBench(submitsAhead: false)
        let one = try bench.attachWithMemory()
        for slot in 0..<3 {
            one.program.copyFromStaging(slot, to: one.address, bytes: 64, stream: one.stream)
        }
        bench.settle()
        _ = one.program.destroyStream(one.stream, force: true)
        bench.settle()
        #expect(one.program.slotsTaken == [0])
        bench.device.finishAll(at: bench.now)
        bench.settle()
        expectBack(one, 3)
        #expect(bench.violations == [])
    }

    @Test func `when the program dies`() throws {
        let bench = CoreBench(submitsAhead: false)
        let one = try bench.attachWithMemory()
        for slot in 0..<3 {
            one.program.copyFromStaging(slot, to: one.address, bytes: 64, stream: one.stream)
        }
        bench.settle()
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        bench.device.finishAll(at: bench.now)
        bench.settle()
        expectBack(one, 3)
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `before a synchronous copy is answered`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        bench.device.answersAtOnce = false
        let asked = one.program.copyFromStaging(3, to: one.address, bytes: 64)
        bench.settle()
        #expect(one.program.answer(to: asked) == nil)
        #expect(one.program.slotsTaken == [3])
        bench.device.answerAll()
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
        expectBack(one, 1)
    }

    @Test func `when a synchronous copy fails`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        bench.device.answersAtOnce = false
        let asked = one.program.copyFromStaging(3, to: one.address, bytes: 64)
        bench.settle()
        bench.device.answer(bench.device.openAsks[0], status: 507_011, message: "it broke")
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 507_011)
        expectBack(one, 1)
    }
}
