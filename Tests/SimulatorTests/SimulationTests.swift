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
        // Something must happen for the loop to turn.
        simulation.schedule(at: 0) { _ in }
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
}
