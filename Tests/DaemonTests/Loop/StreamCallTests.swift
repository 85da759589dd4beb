import CWire
import Daemon
import Device
import RingDoubles
import Scheduling
import Testing

/// Streams and contexts come and go, busy or not.
@Suite struct StreamCallTests {
    private func destroyed(_ device: FakeExecutor) -> Int {
        device.asks { if case .destroyStream = $0 { true } else { false } }
    }

    @Test func `a busy stream is destroyed when its work is done, and its handle is free at once`()
        throws
    {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        for _ in 0..<3 { one.program.fill(one.address, bytes: 1, stream: one.stream) }
        let asked = one.program.destroyStream(one.stream)
        bench.settle()
        #expect(one.program.answer(to: asked) == nil)
        #expect(destroyed(bench.device) == 0)
        try one.program.addRing()
        let again = ProgramDouble.handle(kind: 2, index: 0, generation: 2)
        let made = one.program.ask(
            Int(FX_VERB_STREAM_CREATE), [again, ProgramDouble.context, 0, 0], ring: 1)
        bench.settle()
        #expect(one.program.answer(to: made, ring: 1)?.status == 0)
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
        #expect(destroyed(bench.device) == 1)
        #expect(bench.violations == [])
    }

    @Test func `a stream goes without a word about its last failure`()
        throws
    {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        let asked = one.program.destroyStream(one.stream)
        bench.settle()
        bench.device.fail(stream: bench.device.running[0].stream, code: 507_011, at: bench.now)
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `a stream destroyed by force drops what the device does not have`() throws {
        let bench = CoreBench(submitsAhead: false)
        let one = try bench.attachWithMemory()
        for _ in 0..<3 { one.program.fill(one.address, bytes: 1, stream: one.stream) }
        bench.settle()
        let asked = one.program.destroyStream(one.stream, force: true)
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
        #expect(bench.core.holdings.operations == 1)
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(destroyed(bench.device) == 1)
        #expect(bench.core.holdings == Holdings())
        #expect(bench.violations == [])
    }

    @Test func `a context goes with its streams, another context's stay`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        let context = ProgramDouble.handle(kind: 1, index: 1)
        let other = ProgramDouble.handle(kind: 2, index: 1001)
        one.program.ask(Int(FX_VERB_CONTEXT_CREATE), [context, 0, other])
        bench.settle()
        one.program.ask(Int(FX_VERB_CONTEXT_DESTROY), [ProgramDouble.context])
        bench.settle()
        #expect(destroyed(bench.device) == 2)
        let gone = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: gone)?.status == 107_000)
        let alive = one.program.synchronize(other)
        bench.settle()
        #expect(one.program.answer(to: alive)?.status == 0)
    }

    @Test func `a device that is reset keeps nothing of this program, and all of the others`()
        throws
    {
        let bench = CoreBench()
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        other.program.fill(other.address, bytes: 2, stream: other.stream)
        bench.settle()
        let asked = one.program.ask(Int(FX_VERB_DEVICE_RESET), [0])
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
        #expect(destroyed(bench.device) == 1, "the idle default stream; the other one is busy")
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(destroyed(bench.device) == 2)
        let alive = other.program.synchronize(other.stream)
        bench.settle()
        #expect(other.program.answer(to: alive)?.status == 0)
        one.program.makeContext()
        bench.settle()
        let made = one.program.makeStream(index: 0)
        bench.settle()
        let waiting = one.program.synchronize(made)
        bench.settle()
        #expect(one.program.answer(to: waiting)?.status == 0, "the program may begin anew")
        #expect(bench.violations == [])
    }

    @Test func `a stream that the device does not make is not there, and its handle is free`()
        throws
    {
        let bench = CoreBench()
        let (program, _) = try bench.attachWithStream()
        bench.device.answersAtOnce = false
        let stream = ProgramDouble.handle(kind: 2, index: 1)
        let asked = program.ask(
            Int(FX_VERB_STREAM_CREATE), [stream, ProgramDouble.context, 0, 0])
        bench.settle()
        bench.device.answer(bench.device.openAsks[0], status: 207_006, message: "no more")
        bench.settle()
        #expect(program.answer(to: asked)?.status == 207_006)
        bench.device.answersAtOnce = true
        let again = program.ask(
            Int(FX_VERB_STREAM_CREATE), [stream, ProgramDouble.context, 0, 0])
        bench.settle()
        #expect(program.answer(to: again)?.status == 0)
    }

    @Test func `a context whose stream cannot be made is not there, and its handle is free`()
        throws
    {
        let bench = CoreBench(scheduler: { $0.streamsPerClientMax = 2 })
        let (program, stream) = try bench.attachWithStream()
        let context = ProgramDouble.handle(kind: 1, index: 1)
        let other = ProgramDouble.handle(kind: 2, index: 1001)
        let asked = program.ask(Int(FX_VERB_CONTEXT_CREATE), [context, 0, other])
        bench.settle()
        #expect(program.answer(to: asked).map { $0.status != 0 } == true)
        _ = program.destroyStream(stream)
        bench.settle()
        let again = program.ask(Int(FX_VERB_CONTEXT_CREATE), [context, 0, other])
        bench.settle()
        #expect(program.answer(to: again)?.status == 0)
        #expect(bench.violations == [])
    }

    @Test func `a stream made for a program that has gone is unmade`() throws {
        let bench = CoreBench()
        let (program, _) = try bench.attachWithStream()
        bench.device.answersAtOnce = false
        _ = program.makeStream(index: 5)
        bench.settle()
        bench.core.take(ProgramEnded(client: program.session.id))
        bench.settle()
        bench.device.answersAtOnce = true
        bench.device.answerAll()
        bench.settle()
        #expect(destroyed(bench.device) == 3)
        #expect(bench.core.holdings == Holdings())
        #expect(bench.violations == [])
    }

    @Test func `a launch has the limits it was prepared under, and its device's where it has none`()
        throws
    {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        // A stream's own limits count only for who prepares under them: the launch says so.
        one.program.tell(Int(FX_VERB_STREAM_LIMIT), [0, 12], stream: one.stream)
        one.program.tell(Int(FX_VERB_DEVICE_LIMIT), [0, 1, 24])
        _ = one.program.plan(0, elements: 16, values: [one.address, 0])
        bench.settle()
        one.program.launch(0, [one.address, 0], stream: one.stream)
        one.program.tell(
            Int(FX_VERB_KERNEL), [0, 30 << 16 | 6, one.address, 0], stream: one.stream)
        bench.settle()
        #expect(bench.device.launches.map(\.cubeCores) == [0, 6])
        #expect(bench.device.launches.map(\.vectorCores) == [24, 30])
    }

    @Test func `streams that end out of order are each answered at their own end`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        let second = one.program.makeStream(index: 1)
        bench.settle()
        try one.program.addRing()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        one.program.fill(one.address, bytes: 2, stream: second)
        let (first, last) = (
            one.program.synchronize(one.stream), one.program.synchronize(second, ring: 1)
        )
        bench.settle()
        bench.device.finish(stream: bench.device.running[1].stream, from: 0, to: bench.now)
        bench.settle()
        #expect(one.program.answer(to: last, ring: 1)?.status == 0)
        #expect(one.program.answer(to: first) == nil)
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(one.program.answer(to: first)?.status == 0)
    }
}
