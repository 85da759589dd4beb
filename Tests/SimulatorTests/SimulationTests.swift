import CostModel
import Scheduling
import Simulator
import Testing
import Wire

@Suite struct SimulationTests {
    private let client = ClientID(rawValue: 1)

    private func stream(_ index: UInt32) -> StreamID { StreamID(client: client, index: index) }

    private func begin(_ simulation: Simulation, devices: Int32 = 1) {
        simulation.perform(.attach(ClientFacts(id: client, name: "one")))
        for device in 0..<devices {
            simulation.perform(.createStream(stream(UInt32(device)), DeviceID(rawValue: device)))
        }
    }

    private func work(_ index: UInt32, takes duration: Nanoseconds) -> WorkloadAction {
        .submit(
            Submission(stream: stream(index), payload: 0, costNanoseconds: duration),
            durationNanoseconds: duration)
    }

    @Test func `devices work side by side, operations of one device one after another`() {
        let simulation = Simulation(devices: 2, policy: FIFOPolicy())
        begin(simulation, devices: 2)
        for _ in 0..<2 {
            simulation.schedule(WorkloadStep(at: 10, work(0, takes: 100)))
            simulation.schedule(WorkloadStep(at: 10, work(1, takes: 70)))
        }
        simulation.run()
        #expect(simulation.finished.map(\.finishedAt) == [80, 110, 150, 210])
        #expect(simulation.finished.map(\.startedAt) == [10, 10, 80, 110])
        #expect(simulation.now == 210)
    }

    @Test func `work of a known size takes what the cost model says`() {
        let simulation = Simulation(policy: FIFOPolicy())
        begin(simulation)
        simulation.perform(
            .submit(
                .matrix, flops: 1_000_000_000_000, bytes: 0, phase: .prefill, on: stream(0),
                chip: .ascend910B2))
        simulation.run()
        let predicted = OperationCost.predict(
            .matrix, flops: 1_000_000_000_000, bytes: 0, on: .ascend910B2)
        #expect(simulation.finished.map(\.finishedAt) == [predicted])
    }

    @Test func `a program can go on when its wait is over`() {
        let simulation = Simulation(policy: FIFOPolicy())
        begin(simulation)
        simulation.schedule(WorkloadStep(at: 0, work(0, takes: 500)))
        simulation.schedule(WorkloadStep(at: 0, .synchronize(.stream(stream(0)), token: 7)))
        simulation.run()
        #expect(simulation.satisfied.map(\.wait.token) == [7])
        #expect(simulation.satisfied.map(\.at) == [500])
    }

    @Test func `a run can stop at a time and go on`() {
        let simulation = Simulation(policy: FIFOPolicy())
        begin(simulation)
        for time in 0..<10 as Range<Nanoseconds> {
            simulation.schedule(WorkloadStep(at: time * 100, work(0, takes: 10)))
        }
        simulation.run(until: 450)
        #expect(simulation.finished.count == 5)
        #expect(simulation.now == 450)
        simulation.run()
        #expect(simulation.finished.count == 10)
    }

    @Test func `what the scheduler refuses is kept`() {
        let simulation = Simulation(policy: FIFOPolicy())
        simulation.schedule(WorkloadStep(at: 0, work(0, takes: 10)))
        simulation.run()
        #expect(simulation.refusals == [.unknownClient(client)])
    }

    /// Work on so many cube cores for so long.
    private func half(_ index: UInt32, cores: Int, takes duration: Double, count: Int = 1)
        -> WorkloadAction
    {
        let work = ChipWork(resource: .cube, coresMax: cores, fixedNanoseconds: duration)
        return .launch(
            Submission(stream: stream(index), payload: 0),
            Array(repeating: work, count: count))
    }

    @Test func `operations of different streams overlap on their cores`() {
        let simulation = Simulation(policy: FIFOPolicy())
        simulation.perform(.attach(ClientFacts(id: client, name: "one")))
        for index in 0..<3 as Range<UInt32> {
            simulation.perform(.createStream(stream(index), DeviceID(rawValue: 0)))
        }
        simulation.perform(half(0, cores: 12, takes: 100, count: 2))
        simulation.perform(half(0, cores: 12, takes: 100))
        simulation.perform(half(1, cores: 12, takes: 150))
        simulation.perform(half(2, cores: 24, takes: 10))
        simulation.run()
        #expect(simulation.finished.map(\.startedAt) == [100, 0, 0, 210])
        #expect(simulation.finished.map(\.finishedAt) == [110, 150, 210, 310])
        #expect(simulation.busy(device: 0).cubeCoreNanoseconds == 5_520)
    }

    @Test func `streams of higher priority get cores first`() {
        let simulation = Simulation(policy: FIFOPolicy())
        simulation.perform(.attach(ClientFacts(id: client, name: "one")))
        for index in 0..<3 as Range<UInt32> {
            simulation.perform(
                .createStream(stream(index), DeviceID(rawValue: 0), priority: 3 - Int(index)))
            simulation.perform(work(index, takes: 100))
        }
        simulation.run()
        // The first took the idle chip.
        #expect(simulation.finished.map(\.facts.stream.index) == [0, 2, 1])
    }

    @Test func `a run without a history tells of each end and keeps nothing`() {
        let simulation = Simulation(keepsHistory: false, policyHost: PolicyHost(FIFOPolicy()))
        begin(simulation)
        var ends: [Nanoseconds] = []
        simulation.onFinish = { simulation, life in
            ends.append(life.finishedAt)
            if ends.count < 5 { simulation.perform(self.work(0, takes: 10)) }
        }
        simulation.perform(work(0, takes: 10))
        simulation.perform(.launch(Submission(stream: stream(0), payload: 0), []))
        simulation.run()
        #expect(ends == [10, 10, 20, 30, 40, 50])
        #expect(simulation.finished.isEmpty && simulation.dispatched.isEmpty)
    }

    @Test func `a closed stream's work is done before its name means another`() {
        let simulation = Simulation(policy: FIFOPolicy())
        begin(simulation)
        simulation.perform(work(0, takes: 100))
        simulation.perform(.destroyStream(stream(0), force: false))
        simulation.perform(.createStream(stream(0), DeviceID(rawValue: 0)))
        simulation.perform(half(0, cores: 12, takes: 30))
        simulation.run()
        #expect(simulation.finished.map(\.finishedAt) == [100, 130])
        #expect(simulation.refusals.isEmpty)
    }
}
