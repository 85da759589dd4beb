import CWire
import Daemon
import Device
import LinuxIO
import RingDoubles
import Scheduling
import Testing
import Wire

/// A program goes, in good order or not: what it held goes back, and nobody else notices.
@Suite struct DepartureTests {
    private func expectNothingLeft(_ bench: CoreBench) {
        #expect(bench.core.holdings == Holdings())
        #expect(bench.core.sessions.isEmpty)
        #expect(bench.violations == [])
    }

    @Test func `with asks open, which are answered to nobody later`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        try one.program.addRing()
        bench.device.answersAtOnce = false
        _ = one.program.malloc(4096)
        one.program.copyFromStaging(0, to: one.address, bytes: 64, ring: 1)
        bench.settle()
        #expect(one.program.session.asksInFlight == 2)
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        bench.device.answersAtOnce = true
        bench.device.answerAll()
        bench.settle()
        #expect(one.program.session.asksInFlight == 0)
        #expect(bench.device.asks { if case .free = $0 { true } else { false } } == 2)
        expectNothingLeft(bench)
    }

    @Test func `with a wait parked, which is told that it is over`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        let waiting = one.program.synchronize(one.stream)
        bench.settle()
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        #expect(one.program.answer(to: waiting).map { $0.status != 0 } == true)
        #expect(one.program.isLeft)
        bench.device.finishAll(at: bench.now)
        bench.settle()
        expectNothingLeft(bench)
    }

    @Test(arguments: [true, false])
    func `with work queued, of which the device finishes what it has`(submitsAhead: Bool) throws {
        let bench = CoreBench(submitsAhead: submitsAhead)
        let one = try bench.attachWithMemory()
        _ = one.program.plan(0, elements: 16, values: [one.address, 0])
        bench.settle()
        for _ in 0..<5 { one.program.launch(0, [one.address, 0], stream: one.stream) }
        bench.settle()
        let onDevice = bench.device.running.count
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        #expect(bench.core.holdings.operations == onDevice)
        #expect(!bench.device.asked.contains(.free(address: one.address)))
        #expect(!bench.device.asked.contains(.dropPlan(0)))
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.device.asked.contains(.free(address: one.address)))
        #expect(bench.device.asked.contains(.dropPlan(0)))
        expectNothingLeft(bench)
    }

    @Test func `with records in its rings, of which the frees hold`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        one.program.tell(Int(FX_VERB_FREE), [one.address])
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.device.asks { $0 == .free(address: one.address) } == 1)
        expectNothingLeft(bench)
    }

    @Test func `with a piece of a record in one of its rings`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        try one.program.addRing()
        one.program.rings[1].pretend(tail: 8)
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        expectNothingLeft(bench)
    }

    @Test func `with waits on the device between its streams`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        let second = one.program.makeStream(index: 1)
        bench.settle()
        let event = one.program.makeEvent(index: 0)
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        one.program.record(event, 1, stream: one.stream)
        one.program.wait(event, 1, stream: second)
        one.program.fill(one.address, bytes: 2, stream: second)
        bench.settle()
        #expect(bench.device.kinds == ["fill 1", "record", "wait", "fill 2"])
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        bench.device.finishAll(at: bench.now)
        bench.settle()
        expectNothingLeft(bench)
    }

    @Test func `with a launch held for its plan`() throws {
        let bench = CoreBench(devices: 2)
        let one = try bench.attachWithMemory()
        let context = ProgramDouble.handle(kind: 1, index: 1)
        let stream = ProgramDouble.handle(kind: 2, index: 1001)
        one.program.ask(Int(FX_VERB_CONTEXT_CREATE), [context, 1, stream])
        bench.settle()
        _ = one.program.plan(0, elements: 16, values: [one.address, 0])
        bench.settle()
        bench.devices[1].answersAtOnce = false
        one.program.launch(0, [one.address, 0], stream: stream)
        bench.settle()
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        bench.devices[1].answersAtOnce = true
        bench.devices[1].answerAll()
        bench.settle()
        expectNothingLeft(bench)
        #expect(bench.devices[1].launches.isEmpty)
    }

    @Test func `expelled with work on the device`() throws {
        let bench = CoreBench()
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        bench.settle()
        one.program.rings[0].pretend(tail: 1 << 40)
        bench.settle()
        #expect(one.program.isLeft)
        #expect(bench.core.sessions.map(\.id) == [other.program.session.id])
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.core.holdings == Holdings())
        #expect(bench.device.closedLanes == [one.program.session.id.rawValue])
        #expect(bench.violations == [])
    }

    @Test func `pinned memory stays mapped until its devices have let go of it`() throws {
        let bench = CoreBench(devices: 2)
        let one = try bench.attachWithMemory()
        let memory = try SharedMemory(name: "pinned", count: 4096)
        let address = memory.address
        let number = try #require(
            bench.core.take(PinMemory(client: one.program.session.id, memory: memory)))
        bench.settle()
        one.program.tell(
            Int(FX_VERB_COPY), [0, one.address, 2, number << 40, 64], stream: one.stream)
        one.program.tell(Int(FX_VERB_HOST_FREE), [number])
        bench.settle()
        for device in bench.devices {
            #expect(device.asked.contains(.registerHost(address: address, bytes: 4096)))
            #expect(!device.asked.contains(.unregisterHost(address: address)))
        }
        bench.device.finishAll(at: bench.now)
        bench.settle()
        for device in bench.devices {
            #expect(device.asked.contains(.unregisterHost(address: address)))
        }
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `the daemon's own end tells every program`() throws {
        let bench = CoreBench()
        let programs = try (0..<3).map { _ in try bench.attachWithMemory() }
        let waits = programs.map { one in
            one.program.fill(one.address, bytes: 1, stream: one.stream)
            return one.program.synchronize(one.stream)
        }
        bench.settle()
        bench.core.endAll(because: "the test is over")
        for (one, wait) in zip(programs, waits) {
            #expect(one.program.isLeft)
            #expect(one.program.answer(to: wait).map { $0.status != 0 } == true)
        }
    }

    @Test func `a policy that holds for ever keeps nobody from going`() throws {
        let bench = CoreBench(policy: HoldingPolicy())
        let one = try bench.attachWithMemory()
        for _ in 0..<3 { one.program.fill(one.address, bytes: 1, stream: one.stream) }
        let waiting = one.program.synchronize(one.stream, milliseconds: 5)
        bench.settle()
        #expect(bench.device.sent.isEmpty)
        bench.advance(by: 5_000_000)
        #expect(one.program.answer(to: waiting)?.status == 507_046)
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        expectNothingLeft(bench)
    }
}
