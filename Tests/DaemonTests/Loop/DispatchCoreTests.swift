import CWire
import Daemon
import Device
import RingDoubles
import Scheduling
import Testing
import Wire

/// The whole way of a call, with fake devices.
@Suite struct DispatchCoreTests {
    /// A program with a stream and a block of device memory.
    private func start(
        _ bench: CoreBench
    ) throws -> (program: ProgramDouble, stream: UInt64, address: UInt64) {
        let (program, stream) = try bench.attachWithStream()
        let asked = program.malloc(1 << 20)
        bench.settle()
        let answer = try #require(program.answer(to: asked))
        #expect(answer.status == 0)
        return (program, stream, answer.words[0])
    }

    @Test func `work goes to the device, and who waits is answered when it is done`() throws {
        let bench = CoreBench()
        let (program, stream, address) = try start(bench)
        program.fill(address, bytes: 4096, stream: stream)
        let waiting = program.synchronize(stream)
        bench.settle()
        #expect(bench.device.running.count == 1)
        #expect(program.answer(to: waiting) == nil)
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(program.answer(to: waiting)?.status == 0)
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `a device that runs ahead is given a stream's work at once, in order`() throws {
        let bench = CoreBench()
        let (program, stream, address) = try start(bench)
        for count in 1...3 { program.fill(address, bytes: UInt64(count), stream: stream) }
        bench.settle()
        let bytes = bench.device.sent.compactMap { sent -> UInt64? in
            if case .fill(let fill) = sent.command { fill.bytes } else { nil }
        }
        #expect(bytes == [1, 2, 3])
    }

    @Test func `a device that does not run ahead is given one operation of a stream at a time`()
        throws
    {
        let bench = CoreBench(submitsAhead: false)
        let (program, stream, address) = try start(bench)
        for count in 1...3 { program.fill(address, bytes: UInt64(count), stream: stream) }
        bench.settle()
        #expect(bench.device.running.count == 1)
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.device.running.count == 1)
    }

    @Test func `a wait across streams becomes a device's wait once the record is submitted`() throws
    {
        let bench = CoreBench()
        let (program, first, address) = try start(bench)
        let second = program.makeStream(index: 1)
        bench.settle()
        let event = program.makeEvent(index: 0)
        program.fill(address, bytes: 1, stream: first)
        program.tell(Int(FX_VERB_EVENT_RECORD), [event, 1], stream: first)
        program.tell(Int(FX_VERB_EVENT_WAIT), [event, 1], stream: second)
        program.fill(address, bytes: 2, stream: second)
        bench.settle()
        let kinds = bench.device.sent.map { sent -> String in
            switch sent.command {
            case .fill(let fill): "fill \(fill.bytes)"
            case .record: "record"
            case .wait: "wait"
            case .forgetMark: "forget"
            default: "other"
            }
        }
        #expect(kinds == ["fill 1", "record", "wait", "fill 2"])
        // The second stream is done only when both are.
        let waiting = program.synchronize(second)
        let (one, two) = (bench.device.running[0].stream, bench.device.running[1].stream)
        bench.device.finish(stream: one, from: 0, to: bench.now)
        bench.settle()
        #expect(program.answer(to: waiting) == nil)
        bench.device.finish(stream: two, from: 0, to: bench.now)
        bench.settle()
        #expect(program.answer(to: waiting)?.status == 0)
        #expect(bench.device.sent.last?.command == .forgetMark(0))
    }

    @Test func `a stalled device delays no other, and no other program`() throws {
        let bench = CoreBench(devices: 2)
        let (program, stream, address) = try start(bench)
        program.fill(address, bytes: 1, stream: stream)
        bench.settle()
        let other = try bench.attach()
        try other.addRing(device: 1)
        let context = other.makeContext(device: 1)
        bench.settle()
        #expect(other.answer(to: context)?.status == 0)
        let asked = other.malloc(64, device: 1)
        bench.settle()
        #expect(other.answer(to: asked)?.status == 0)
        #expect(bench.device.running.count == 1)
    }

    @Test func `an ask that takes long parks its thread and nobody else`() throws {
        let bench = CoreBench()
        let (program, stream, address) = try start(bench)
        let (other, otherStream) = try bench.attachWithStream()
        bench.device.answersAtOnce = false
        let slow = program.malloc(1 << 30)
        bench.settle()
        #expect(program.answer(to: slow) == nil)
        let waiting = other.synchronize(otherStream)
        bench.settle()
        #expect(other.answer(to: waiting)?.status == 0)
        bench.device.answerAll()
        bench.settle()
        #expect(program.answer(to: slow)?.status == 0)
        _ = (stream, address)
    }

    @Test func `a failure on the device is reported by the stream's next wait, once`() throws {
        let bench = CoreBench()
        let (program, stream, address) = try start(bench)
        program.fill(address, bytes: 1, stream: stream)
        bench.settle()
        bench.device.fail(stream: bench.device.running[0].stream, code: 507_011, at: bench.now)
        let first = program.synchronize(stream)
        bench.settle()
        #expect(program.answer(to: first)?.status == 507_011)
        #expect(program.answer(to: first)?.text == "as the test says")
        let second = program.synchronize(stream)
        bench.settle()
        #expect(program.answer(to: second)?.status == 0)
    }

    @Test func `work outside of the program's memory is refused and never reaches the device`()
        throws
    {
        let bench = CoreBench()
        let (program, stream, address) = try start(bench)
        program.fill(address + (1 << 20) - 1, bytes: 2, stream: stream)
        program.fill(0x42, bytes: 2, stream: stream)
        let waiting = program.synchronize(stream)
        bench.settle()
        #expect(bench.device.running.isEmpty)
        #expect(program.answer(to: waiting)?.status == 107_000)
    }

    @Test func `a wait that is given up is answered at its time`() throws {
        let bench = CoreBench()
        let (program, stream, address) = try start(bench)
        program.fill(address, bytes: 1, stream: stream)
        let waiting = program.synchronize(stream, milliseconds: 5)
        bench.settle()
        #expect(program.answer(to: waiting) == nil)
        let deadline = try #require(bench.core.nextDeadline)
        #expect(deadline <= bench.now + 5_000_000)
        bench.advance(by: 5_000_000)
        #expect(program.answer(to: waiting)?.status == 507_046)
    }

    @Test func `a gone program's memory goes back when its work on the device is done`() throws {
        let bench = CoreBench()
        let (program, stream, address) = try start(bench)
        program.fill(address, bytes: 1, stream: stream)
        bench.settle()
        bench.core.take(ProgramEnded(client: program.session.id))
        bench.settle()
        #expect(bench.core.sessions.isEmpty)
        #expect(!bench.device.asked.contains(.free(address: address)))
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.device.asked.contains(.free(address: address)))
        #expect(bench.device.closedLanes == [program.session.id.rawValue])
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `freed memory goes back once the work enqueued before is done`() throws {
        let bench = CoreBench()
        let (program, stream, address) = try start(bench)
        program.fill(address, bytes: 1, stream: stream)
        program.tell(Int(FX_VERB_FREE), [address])
        program.fill(address, bytes: 1, stream: stream)
        bench.settle()
        // The second fill names memory that is the program's no longer.
        #expect(bench.device.running.count == 1)
        #expect(!bench.device.asked.contains(.free(address: address)))
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.device.asked.contains(.free(address: address)))
    }

    @Test func `an allocation that is answered after its program has gone is given back`() throws {
        let bench = CoreBench()
        let (program, _) = try bench.attachWithStream()
        bench.device.answersAtOnce = false
        _ = program.malloc(4096)
        bench.settle()
        bench.core.take(ProgramEnded(client: program.session.id))
        bench.settle()
        bench.device.answersAtOnce = true
        bench.device.answerAll()
        bench.settle()
        let freed = bench.device.asked.filter { if case .free = $0 { true } else { false } }
        #expect(freed.count == 1)
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `a program that writes nonsense is let go and others are served`() throws {
        let bench = CoreBench()
        let (program, _) = try bench.attachWithStream()
        let (other, stream) = try bench.attachWithStream()
        program.rings[0].pretend(tail: 13)
        bench.settle()
        #expect(bench.core.sessions.map(\.id) == [other.session.id])
        let waiting = other.synchronize(stream)
        bench.settle()
        #expect(other.answer(to: waiting)?.status == 0)
    }

    @Test
    func `a policy that becomes live is asked at once, also after one that held back for ever`()
        throws
    {
        let bench = CoreBench(policy: HoldingPolicy())
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 8, stream: one.stream)
        bench.settle()
        #expect(bench.device.kinds == [])
        _ = bench.core.take(MakeLive(policy: HandedPolicy(value: FIFOPolicy())))
        _ = bench.core.step(now: bench.now)
        #expect(bench.device.kinds == ["fill 8"])
    }

    @Test func `a program with too much queued may still ask a device`() throws {
        var limits = DaemonLimits()
        limits.queuedPerSession = 16
        let bench = CoreBench(policy: HoldingPolicy(), limits: limits)
        let one = try bench.attachWithMemory()
        try one.program.addRing()
        for _ in 0..<600 { one.program.fill(one.address, bytes: 8, stream: one.stream) }
        // Behind work in its own ring a question waits; from another thread it does not.
        bench.settle()
        let asked = one.program.malloc(64, ring: 1)
        bench.settle()
        #expect(one.program.answer(to: asked, ring: 1)?.status == 0)
        #expect(one.program.session.queuedOperations < 600)
    }

    @Test
    func `what a gone program left in its rings is told, a piece a pass, and not carried out`()
        throws
    {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        let other = try bench.attachWithMemory()
        let recording = try FaultRecording(bench.core)
        for _ in 0..<700 { one.program.tell(Int(FX_VERB_MARK)) }
        one.program.fill(one.address, bytes: 8, stream: one.stream)
        bench.core.take(ProgramEnded(client: one.program.session.id))
        // What comes after its end is nobody's.
        one.program.tell(Int(FX_VERB_MARK))
        let asked = other.program.ask(Int(FX_VERB_QUERY_STREAM), stream: other.stream)
        _ = bench.core.step(now: bench.now)
        #expect(other.program.answer(to: asked)?.status == 0)
        #expect(bench.core.sessions.count == 2)
        bench.settle()
        #expect(bench.core.sessions.count == 1)
        #expect(bench.device.kinds == [])
        #expect(one.program.session.calls >= 701)
        #expect(try recording.end(bench.core) == [])
    }
}
