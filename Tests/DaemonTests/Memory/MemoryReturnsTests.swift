import CWire
import Daemon
import Device
import RingDoubles
import Testing

/// Memory that a program gave up, on its way back, and allocations that need it.
@Suite struct MemoryReturnsTests {
    private static let outOfMemory: Int32 = 207_001

    private func frees(_ device: FakeExecutor) -> Int {
        device.asks { if case .free = $0 { true } else { false } }
    }

    /// A program whose only block is freed behind work that runs, and that asks for another, which the
    /// device refuses.
    private func starved(_ bench: CoreBench) throws -> (CoreBench.Equipped, asked: UInt32) {
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        one.program.tell(Int(FX_VERB_FREE), [one.address])
        bench.settle()
        #expect(frees(bench.device) == 0)
        bench.device.answersAtOnce = false
        let asked = one.program.malloc(1 << 20)
        bench.settle()
        refuse(bench)
        return (one, asked)
    }

    /// The device refuses what it was asked last.
    private func refuse(_ bench: CoreBench) {
        guard let last = bench.device.openAsks.last else { return #expect(Bool(false)) }
        bench.device.answer(last, status: Self.outOfMemory, message: "no memory")
        bench.settle()
    }

    @Test func `memory that fails only for frees on their way comes when they are through`() throws
    {
        let bench = CoreBench()
        let (one, asked) = try starved(bench)
        #expect(one.program.answer(to: asked) == nil, "it waits")
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(frees(bench.device) == 1)
        bench.device.answersAtOnce = true
        bench.device.answerAll()
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
        #expect(one.program.session.memory.blocks.count == 1)
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `memory that is still not enough is refused at once`() throws {
        let bench = CoreBench()
        let (one, asked) = try starved(bench)
        bench.device.finishAll(at: bench.now)
        bench.settle()
        // The free is answered, and the allocation is tried again: nothing is on its way any more.
        bench.device.answer(bench.device.openAsks[0], status: 0)
        bench.settle()
        refuse(bench)
        #expect(one.program.answer(to: asked)?.status == Self.outOfMemory)
    }

    @Test func `a device that has no memory and gets none back refuses at once`() throws {
        let bench = CoreBench()
        let (program, _) = try bench.attachWithStream()
        bench.device.answersAtOnce = false
        let asked = program.malloc(1 << 20)
        bench.settle()
        refuse(bench)
        #expect(program.answer(to: asked)?.status == Self.outOfMemory)
    }

    @Test func `memory is not waited for without end`() throws {
        let bench = CoreBench()
        let (one, asked) = try starved(bench)
        bench.advance(by: MemoryReturns.patience - 1_000_000)
        #expect(one.program.answer(to: asked) == nil)
        #expect(bench.core.nextDeadline != nil)
        bench.advance(by: 2_000_000)
        let answer = try #require(one.program.answer(to: asked))
        #expect(answer.status == Self.outOfMemory)
        #expect(answer.text.contains("enqueued before"))
    }

    @Test func `a program that ends while it waits for memory leaves nothing`() throws {
        let bench = CoreBench()
        let (one, _) = try starved(bench)
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.device.finishAll(at: bench.now)
        bench.device.answersAtOnce = true
        bench.device.answerAll()
        bench.settle()
        bench.device.answerAll()
        bench.settle()
        #expect(bench.core.holdings == Holdings())
        #expect(one.program.isLeft)
    }

    @Test func `memory of a program that has gone is waited for too`() throws {
        let bench = CoreBench()
        let (old, new) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        old.program.fill(old.address, bytes: 1, stream: old.stream)
        bench.settle()
        bench.core.take(ProgramEnded(client: old.program.session.id))
        bench.settle()
        bench.device.answersAtOnce = false
        let asked = new.program.malloc(1 << 20)
        bench.settle()
        refuse(bench)
        #expect(new.program.answer(to: asked) == nil)
        bench.device.answersAtOnce = true
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(new.program.answer(to: asked)?.status == 0)
    }

    @Test func `a device that is reset gives the program's memory there back, and no other`() throws
    {
        let bench = CoreBench(devices: 2)
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        let elsewhere = one.program.malloc(4096, device: 1)
        bench.settle()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        bench.settle()
        let asked = one.program.ask(Int(FX_VERB_DEVICE_RESET), [0])
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
        #expect(one.program.session.memory.blocks.map(\.device) == [1])
        #expect(other.program.session.memory.blocks.count == 1)
        #expect(frees(bench.device) == 0, "work that was enqueued before may still use it")
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(frees(bench.device) == 1)
        #expect(frees(bench.devices[1]) == 0)
        _ = elsewhere
    }
}
