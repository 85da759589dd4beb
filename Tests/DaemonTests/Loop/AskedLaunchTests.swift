import CWire
import Daemon
import Device
import RingDoubles
import Testing

/// A launch whose sender waits for it, as libflexnpu.so never sends one.
@Suite struct AskedLaunchTests {
    /// A launch on a device that has not heard of its plan, asked for by its thread.
    private func launch(_ bench: CoreBench) throws -> (CoreBench.Equipped, asked: UInt32) {
        let one = try bench.attachWithMemory()
        try one.program.addRing(device: 1)
        let planned = one.program.plan(0, elements: 16, values: [one.address, 0], ring: 1)
        bench.settle()
        #expect(one.program.answer(to: planned, ring: 1)?.status == 0)
        bench.device.answersAtOnce = false
        let asked = one.program.ask(
            Int(FX_VERB_KERNEL), [0, 0, one.address, 0], stream: one.stream)
        bench.settle()
        return (one, asked)
    }

    @Test func `it is answered when it has run, and not before`() throws {
        let bench = CoreBench(devices: 2)
        let (one, asked) = try launch(bench)
        #expect(one.program.answer(to: asked) == nil, "the device is still asked about the plan")
        bench.device.answerAll()
        bench.settle()
        #expect(bench.device.launches.count == 1)
        #expect(one.program.answer(to: asked) == nil, "it runs")
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
    }

    @Test func `a plan that the device refuses is its answer`() throws {
        let bench = CoreBench(devices: 2)
        let (one, asked) = try launch(bench)
        bench.device.answer(bench.device.openAsks[0], status: 161_002, message: "a bad shape")
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 161_002)
        let waiting = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: waiting)?.status == 0, "it was told once")
    }
}
