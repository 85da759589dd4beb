import CWire
import Daemon
import Device
import RingDoubles
import Scheduling
import Testing

/// Events: which record a wait is for, and what is answered about them.
@Suite struct EventCallTests {
    /// Two streams and an event of one program.
    private struct Pair {
        let bench: CoreBench
        let program: ProgramDouble
        let first: UInt64
        let second: UInt64
        let event: UInt64
        let address: UInt64

        init(submitsAhead: Bool = true) throws {
            bench = CoreBench(submitsAhead: submitsAhead)
            let one = try bench.attachWithMemory()
            program = one.program
            first = one.stream
            address = one.address
            second = program.makeStream(index: 1)
            bench.settle()
            event = program.makeEvent(index: 0)
            try program.addRing()
        }

        func fill(_ stream: UInt64, _ bytes: UInt64) {
            program.fill(address, bytes: bytes, stream: stream)
        }

        func finishOldest() {
            bench.device.finish(
                stream: bench.device.running[0].stream, from: bench.now, to: bench.now)
            bench.settle()
        }

        func status(of call: UInt32, ring: Int = 0) -> Int32? {
            bench.settle()
            return program.answer(to: call, ring: ring)?.status
        }
    }

    @Test(arguments: [true, false])
    func `a wait is for the record that it names, even if a newer one came`(submitsAhead: Bool)
        throws
    {
        let pair = try Pair(submitsAhead: submitsAhead)
        pair.fill(pair.first, 1)
        pair.program.record(pair.event, 1, stream: pair.first)
        pair.fill(pair.first, 2)
        pair.program.record(pair.event, 2, stream: pair.first)
        pair.program.wait(pair.event, 1, stream: pair.second)
        pair.fill(pair.second, 3)
        let waiting = pair.program.synchronize(pair.second)
        pair.bench.settle()
        pair.finishOldest()
        let second = pair.bench.device.sent.compactMap { sent -> UInt32? in
            if case .fill(let fill) = sent.command, fill.bytes == 3 { fill.stream } else { nil }
        }
        let stream = try #require(second.first, "the second stream does not wait for more")
        pair.bench.device.finish(stream: stream, from: 0, to: pair.bench.now)
        #expect(pair.status(of: waiting) == 0)
        #expect(pair.bench.violations == [])
    }

    @Test func `a record that was never made is refused, and reported once`() throws {
        let pair = try Pair()
        pair.program.wait(pair.event, 1, stream: pair.second)
        let waiting = pair.program.synchronize(pair.second)
        #expect(pair.status(of: waiting).map { $0 != 0 } == true)
        let again = pair.program.synchronize(pair.second)
        #expect(pair.status(of: again) == 0)
        let asked = pair.program.ask(
            Int(FX_VERB_WAIT_EVENT), [pair.event, 3, UInt64(bitPattern: -1)])
        #expect(pair.status(of: asked).map { $0 != 0 } == true)
    }

    @Test func `number 0 waits for nothing`() throws {
        let pair = try Pair()
        pair.fill(pair.first, 1)
        pair.program.record(pair.event, 1, stream: pair.first)
        pair.program.wait(pair.event, 0, stream: pair.second)
        let waiting = pair.program.synchronize(pair.second)
        #expect(pair.status(of: waiting) == 0)
    }

    @Test func `a new event is not the one that had its index before`() throws {
        let pair = try Pair()
        for number in 1...2 as ClosedRange<UInt64> {
            pair.fill(pair.first, 1)
            pair.program.record(pair.event, number, stream: pair.first)
        }
        pair.bench.settle()
        pair.bench.device.finishAll(at: pair.bench.now)
        pair.bench.settle()
        pair.program.tell(Int(FX_VERB_EVENT_DESTROY), [pair.event])
        let event = ProgramDouble.handle(kind: 3, index: 0, generation: 2)
        pair.program.tell(Int(FX_VERB_EVENT_CREATE), [event, 0, 0])
        for number in 1...2 as ClosedRange<UInt64> {
            pair.fill(pair.first, 1)
            pair.program.record(event, number, stream: pair.first)
        }
        let waiting = pair.program.ask(
            Int(FX_VERB_WAIT_EVENT), [event, 1, UInt64(bitPattern: -1)])
        #expect(pair.status(of: waiting) == nil)
        pair.finishOldest()
        #expect(pair.status(of: waiting) == 0)
        #expect(pair.bench.violations == [])
    }

    @Test func `a new event has no record, whatever the one before it had`() throws {
        let pair = try Pair()
        pair.program.record(pair.event, 1, stream: pair.first)
        pair.program.tell(Int(FX_VERB_EVENT_DESTROY), [pair.event])
        let event = ProgramDouble.handle(kind: 3, index: 0, generation: 2)
        pair.program.tell(Int(FX_VERB_EVENT_CREATE), [event, 0, 0])
        let waiting = pair.program.ask(
            Int(FX_VERB_WAIT_EVENT), [event, 1, UInt64(bitPattern: -1)])
        #expect(pair.status(of: waiting).map { $0 != 0 } == true)
    }

    @Test func `an event is asked about without waiting`() throws {
        let pair = try Pair()
        func isIncomplete() -> UInt64? {
            let asked = pair.program.ask(Int(FX_VERB_QUERY_EVENT), [pair.event, 1])
            pair.bench.settle()
            return pair.program.answer(to: asked)?.words[0]
        }
        pair.fill(pair.first, 1)
        pair.program.record(pair.event, 1, stream: pair.first)
        #expect(isIncomplete() == 1)
        pair.finishOldest()
        #expect(isIncomplete() == 0)
        pair.program.tell(Int(FX_VERB_EVENT_RESET), [pair.event], stream: pair.first)
        #expect(isIncomplete() == 1)
    }

    @Test func `elapsed time is in the host's time, stretched as the device is`() throws {
        let bench = CoreBench(scale: 10)
        let one = try bench.attachWithMemory()
        let (start, end) = (one.program.makeEvent(index: 0), one.program.makeEvent(index: 1))
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        one.program.record(start, 1, stream: one.stream)
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        one.program.record(end, 1, stream: one.stream)
        bench.settle()
        let stream = bench.device.running[0].stream
        let begun = bench.now
        bench.device.finish(stream: stream, from: begun, to: begun + 1_000_000)
        bench.device.finish(stream: stream, from: begun + 1_000_000, to: begun + 4_000_000)
        bench.settle()
        let asked = one.program.ask(Int(FX_VERB_EVENT_ELAPSED), [start, end])
        bench.settle()
        let bits = UInt32(truncatingIfNeeded: one.program.answer(to: asked)?.words[0] ?? 0)
        #expect(abs(Float(bitPattern: bits) - 3) < 0.001)
    }

    @Test func `records of a stream at its depth wait here, and lose none`() throws {
        let bench = CoreBench(scheduler: { $0.streamDepthMax = 4 })
        let one = try bench.attachWithMemory()
        let event = one.program.makeEvent(index: 0)
        for number in 1...10 as ClosedRange<UInt64> {
            one.program.fill(one.address, bytes: number, stream: one.stream)
            one.program.record(event, number, stream: one.stream)
        }
        let waiting = one.program.synchronize(one.stream)
        bench.settle()
        #expect(bench.device.sent.count <= 5)
        for _ in 0..<10 {
            bench.device.finishAll(at: bench.now)
            bench.settle()
        }
        #expect(one.program.answer(to: waiting)?.status == 0)
        #expect(bench.device.kinds.count { $0.hasPrefix("fill") } == 10)
        #expect(bench.violations == [])
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `a program with many records and little work waits, and is refused nothing`() throws
    {
        var limits = DaemonLimits()
        limits.queuedPerSession = 128
        let bench = CoreBench(
            limits: limits, scheduler: { $0.queuedPerClientMax = 4 * limits.queuedPerSession })
        let one = try bench.attachWithMemory()
        let event = one.program.makeEvent(index: 0)
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        for number in 1...800 as ClosedRange<UInt64> {
            one.program.record(event, number, stream: one.stream)
        }
        let waiting = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: waiting) == nil)
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(one.program.answer(to: waiting)?.status == 0)
        #expect(bench.violations == [])
    }
}
