import AscendCL
import CWire
import Daemon
import Device
import RingDoubles
import Scheduling
import Testing
import Wire

/// Plans of operations, and launches by them, through the core.
@Suite struct PlanCallTests {
    private func preparations(_ device: FakeExecutor) -> Int {
        device.asks { if case .preparePlan = $0 { true } else { false } }
    }

    private func drops(_ device: FakeExecutor) -> Int {
        device.asks { if case .dropPlan = $0 { true } else { false } }
    }

    /// Makes a plan of that many floats and takes its answer.
    private func make(
        _ slot: UInt64, _ elements: Int, _ bench: CoreBench, _ one: CoreBench.Equipped
    ) -> Int32? {
        let asked = one.program.plan(slot, elements: elements, values: [one.address, 0])
        bench.settle()
        return one.program.answer(to: asked)?.status
    }

    @Test func `a plan that somebody has had checked costs no second check`() throws {
        let bench = CoreBench()
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        #expect(make(0, 16, bench, one) == 0)
        #expect(make(3, 16, bench, other) == 0)
        #expect(preparations(bench.device) == 1)
        #expect(bench.core.holdings.plans == 1)
        one.program.launch(0, [one.address, 0], stream: one.stream)
        other.program.launch(3, [other.address, 4], stream: other.stream)
        bench.settle()
        #expect(bench.device.launches.map(\.plan) == [0, 0])
        #expect(bench.device.sent.map(\.words) == [[one.address, 0], [other.address, 4]])
    }

    @Test func `a plan that the device refuses is told to the program and kept by nobody`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        bench.device.answersAtOnce = false
        let asked = one.program.plan(0, elements: 16, values: [one.address, 0])
        bench.settle()
        #expect(one.program.answer(to: asked) == nil)
        bench.device.answer(bench.device.openAsks[0], status: 161_002, message: "a bad shape")
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 161_002)
        #expect(one.program.answer(to: asked)?.text == "a bad shape")
        #expect(bench.core.holdings == Holdings())
        one.program.launch(0, [one.address, 0], stream: one.stream)
        bench.settle()
        #expect(bench.device.launches.isEmpty)
    }

    @Test func `a plan sent without waiting is not answered over what is asked next`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        bench.device.answersAtOnce = false
        let function = UInt64(PlanBytes.function.id.rawValue)
        one.program.tell(
            Int(FX_VERB_PLAN), [0, function, one.address, 0], bytes: PlanBytes.line(16))
        let asked = one.program.ask(Int(FX_VERB_QUERY_STREAM), stream: one.stream)
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
        bench.device.answerAll()
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 0)
    }

    @Test func `two programs may have the same plan checked at once`() throws {
        let bench = CoreBench()
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        bench.device.answersAtOnce = false
        let asked = one.program.plan(0, elements: 16, values: [one.address, 0])
        let also = other.program.plan(0, elements: 16, values: [other.address, 0])
        bench.settle()
        #expect(preparations(bench.device) == 2)
        #expect(bench.core.holdings.plans == 1)
        bench.device.answer(bench.device.openAsks[0], status: 161_002)
        bench.device.answer(bench.device.openAsks[0], status: 0)
        bench.settle()
        #expect(one.program.answer(to: asked)?.status == 161_002)
        #expect(other.program.answer(to: also)?.status == 0)
        other.program.launch(0, [other.address, 0], stream: other.stream)
        bench.settle()
        #expect(bench.device.launches.count == 1)
        #expect(bench.violations == [])
    }

    @Test(arguments: [[], [0x1000_0000], [0x1000_0000, 0, 0]] as [[UInt64]])
    func `a launch with a wrong count of values is refused`(values: [UInt64]) throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        #expect(make(0, 16, bench, one) == 0)
        one.program.launch(0, values, stream: one.stream)
        let waiting = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: waiting)?.status == 161_002)
        #expect(bench.device.launches.isEmpty)
        let again = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: again)?.status == 0, "it is reported once")
    }

    @Test func `a plan with a wrong count of values keeps nothing`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        let asked = one.program.plan(0, elements: 16, values: [one.address])
        bench.settle()
        #expect(one.program.answer(to: asked).map { $0.status != 0 } == true)
        #expect(preparations(bench.device) == 0)
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `a launch on another program's memory never reaches the device`() throws {
        let bench = CoreBench()
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        #expect(make(0, 16, bench, one) == 0)
        one.program.launch(0, [other.address, 0], stream: one.stream)
        one.program.launch(0, [one.address, 1 << 18], stream: one.stream)
        one.program.launch(0, [0, 0], stream: one.stream)
        let waiting = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: waiting).map { $0.status != 0 } == true)
        #expect(bench.device.launches.isEmpty)
        #expect(bench.core.holdings == Holdings(plans: 1))
    }

    @Test func `a slot that is filled anew leaves queued launches their plan`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        #expect(make(0, 16, bench, one) == 0)
        one.program.launch(0, [one.address, 0], stream: one.stream)
        bench.settle()
        #expect(make(0, 32, bench, one) == 0)
        #expect(bench.core.holdings.plans == 2)
        #expect(drops(bench.device) == 0)
        one.program.launch(0, [one.address, 0], stream: one.stream)
        bench.settle()
        #expect(bench.device.launches.map(\.plan) == [0, 1])
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(drops(bench.device) == 1)
        #expect(bench.core.holdings.plans == 1)
        #expect(bench.violations == [])
    }

    @Test func `a plan's number comes again only when its device has dropped it`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        #expect(make(0, 16, bench, one) == 0)
        bench.device.answersAtOnce = false
        let second = one.program.plan(0, elements: 32, values: [one.address, 0])
        bench.settle()
        bench.device.answer(bench.device.openAsks[0], status: 0)
        bench.settle()
        #expect(one.program.answer(to: second)?.status == 0)
        // The first plan's drop is asked for and not answered: its number is not free.
        let third = one.program.plan(1, elements: 48, values: [one.address, 0])
        bench.settle()
        bench.device.answerAll()
        bench.settle()
        #expect(one.program.answer(to: third)?.status == 0)
        let numbers = bench.device.asked.compactMap { ask -> UInt32? in
            if case .preparePlan(let number, _, _, _) = ask { number } else { nil }
        }
        #expect(numbers == [0, 1, 2])
        bench.device.answersAtOnce = true
        #expect(make(2, 64, bench, one) == 0)
        one.program.launch(2, [one.address, 0], stream: one.stream)
        bench.settle()
        #expect(bench.device.launches.last?.plan == 0)
        #expect(bench.violations == [])
    }

    @Test func `a plan that comes after its program has gone is dropped`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        bench.device.answersAtOnce = false
        _ = one.program.plan(0, elements: 16, values: [one.address, 0])
        bench.settle()
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        bench.device.answersAtOnce = true
        bench.device.answerAll()
        bench.settle()
        #expect(drops(bench.device) == 1)
        #expect(bench.core.holdings == Holdings())
        #expect(bench.violations == [])
    }

    @Test func `a plan is made known to a second device before work by it goes there`() throws {
        let bench = CoreBench(devices: 2)
        let one = try bench.attachWithMemory()
        let context = ProgramDouble.handle(kind: 1, index: 1)
        let stream = ProgramDouble.handle(kind: 2, index: 1001)
        one.program.ask(Int(FX_VERB_CONTEXT_CREATE), [context, 1, stream])
        bench.settle()
        #expect(make(0, 16, bench, one) == 0)
        bench.devices[1].answersAtOnce = false
        one.program.launch(0, [one.address, 0], stream: stream)
        one.program.fill(one.address, bytes: 1, stream: stream)
        bench.settle()
        #expect(preparations(bench.devices[1]) == 1)
        #expect(bench.devices[1].sent.isEmpty, "the device does not know the plan yet")
        bench.devices[1].answersAtOnce = true
        bench.devices[1].answerAll()
        bench.settle()
        #expect(bench.devices[1].kinds == ["launch", "fill 1"])
        #expect(bench.violations == [])
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.settle()
        bench.devices[1].finishAll(at: bench.now)
        bench.settle()
        #expect(drops(bench.devices[0]) == 1)
        #expect(drops(bench.devices[1]) == 1)
        #expect(bench.core.holdings == Holdings())
    }

    @Test func `a second device that refuses the plan fails the launch, not what is behind it`()
        throws
    {
        let bench = CoreBench(devices: 2)
        let one = try bench.attachWithMemory()
        let context = ProgramDouble.handle(kind: 1, index: 1)
        let stream = ProgramDouble.handle(kind: 2, index: 1001)
        one.program.ask(Int(FX_VERB_CONTEXT_CREATE), [context, 1, stream])
        bench.settle()
        #expect(make(0, 16, bench, one) == 0)
        bench.devices[1].answersAtOnce = false
        one.program.launch(0, [one.address, 0], stream: stream)
        one.program.fill(one.address, bytes: 1, stream: stream)
        let waiting = one.program.synchronize(stream)
        bench.settle()
        bench.devices[1].answer(bench.devices[1].openAsks[0], status: 161_002, message: "no")
        bench.settle()
        bench.devices[1].finishAll(at: bench.now)
        bench.settle()
        #expect(one.program.answer(to: waiting)?.status == 161_002)
        #expect(bench.devices[1].kinds == ["fill 1"])
        #expect(bench.violations == [])
    }
}
