import Scheduling
import Simulator
import Testing
import Wire

/// Random programs under honest and lying policies. The seed is in the name of each case: a failure
/// can be run again.
@Suite struct RandomProgramTests {
    private func run(
        _ program: RandomProgram, _ policy: any Policy, breachesMax: Int = 8,
        submitAhead: Bool = false,
        change: (Simulation) -> Void = { _ in }
    ) -> Simulation {
        var hostLimits = PolicyHostLimits()
        hostLimits.breachesMax = breachesMax
        if breachesMax == .max { hostLimits.holdsInARowMax = .max }
        hostLimits.holdNanosecondsMax = 2_000_000
        var limits = SchedulerLimits()
        limits.submitAhead = submitAhead
        let simulation = Simulation(
            devices: 2, limits: limits, policyHost: PolicyHost(policy, limits: hostLimits))
        simulation.schedule(program.steps)
        change(simulation)
        // Virtual seconds after the last arrival: whatever is not over by then hangs.
        simulation.run(until: (program.steps.last?.time ?? 0) + 3_000_000_000)
        return simulation
    }

    private func check(_ program: RandomProgram, _ simulation: Simulation, _ seed: UInt64) {
        let faults = program.faults(of: simulation)
        #expect(faults.isEmpty, "seed \(seed): \(faults.count) faults, first: \(faults.prefix(3))")
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `order holds under honest policies`(seed: UInt64) {
        let program = RandomProgram(seed: seed, operations: 400)
        let policies: [any Policy] = [
            FIFOPolicy(), FairPolicy(), RandomPolicy(seed: seed), DecodeFirst(),
        ]
        for policy in policies {
            let simulation = run(program, policy)
            check(program, simulation, seed)
            #expect(simulation.scheduler.host.liveStatus.breaches == 0)
        }
    }

    @Test(arguments: LyingPolicy.Lie.allCases)
    fileprivate func `order holds under lying policies`(lie: LyingPolicy.Lie) {
        for seed in 1...12 as ClosedRange<UInt64> {
            let program = RandomProgram(seed: seed, operations: 250)
            let quarantined = run(program, LyingPolicy(lie, seed: seed))
            check(program, quarantined, seed)
            // And once with a host that never loses patience.
            let endured = run(program, LyingPolicy(lie, seed: seed), breachesMax: .max)
            check(program, endured, seed)
            #expect(endured.scheduler.host.live.name == "liar")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `nothing is lost when policies are exchanged at random moments`(seed: UInt64) {
        let program = RandomProgram(seed: seed, operations: 400)
        var random = SeededRandom(seed: seed &* 77)
        let end = Int(program.steps.last?.time ?? 0)
        let simulation = run(program, FIFOPolicy()) { simulation in
            for _ in 0..<40 {
                let policy: any Policy =
                    switch random.below(5) {
                    case 0: FairPolicy()
                    case 1: RandomPolicy(seed: random.next())
                    case 2: LyingPolicy(.everything, seed: random.next())
                    case 3: DecodeFirst()
                    default: FIFOPolicy()
                    }
                let goesBack = random.chance(percent: 25)
                simulation.schedule(at: Nanoseconds(random.below(end))) { simulation in
                    let host = simulation.scheduler.host
                    // A liar may fail while it is told, and there may be nothing to go back to:
                    // both leave all as it was.
                    if goesBack {
                        _ = try? host.rollback(now: simulation.now)
                    } else {
                        _ = try? host.exchange(to: policy, now: simulation.now)
                    }
                }
            }
        }
        check(program, simulation, seed)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `the same seed makes the same decisions`(seed: UInt64) {
        let program = RandomProgram(seed: seed, operations: 300)
        let policies: [() -> any Policy] = [
            { FIFOPolicy() }, { FairPolicy() }, { RandomPolicy(seed: seed) },
            { LyingPolicy(.everything, seed: seed) },
        ]
        for policy in policies {
            #expect(run(program, policy()).dispatched == run(program, policy()).dispatched)
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `submitting ahead keeps order on devices that keep it`(seed: UInt64) {
        let program = RandomProgram(seed: seed, operations: 400, devices: 1)
        let simulation = run(program, RandomPolicy(seed: seed), submitAhead: true)
        // The device does one after another in the order of dispatch, so what must be over at the
        // start is.
        let started = Dictionary(
            uniqueKeysWithValues: simulation.finished.map { ($0.payload, $0.startedAt) })
        let finished = Dictionary(
            uniqueKeysWithValues: simulation.finished.map { ($0.payload, $0.finishedAt) })
        let dropped = Set(simulation.dropped.map(\.payload))
        for (payload, start) in started {
            for earlier in program.predecessors(of: payload) where !dropped.contains(earlier) {
                #expect(finished[earlier].map { $0 <= start } ?? false, "seed \(seed)")
            }
        }
        #expect(started.count + dropped.count == program.operationCount)
        #expect(simulation.satisfied.count == program.waitCount)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `order holds where operations overlap`(seed: UInt64) {
        for submitAhead in [false, true] {
            let program = RandomProgram(seed: seed, operations: 400, devices: 1).overlapping
            let simulation = run(program, RandomPolicy(seed: seed), submitAhead: submitAhead)
            if !submitAhead { check(program, simulation, seed) }
            let lives = Dictionary(
                uniqueKeysWithValues: simulation.finished.map { ($0.payload, $0) })
            let dropped = Set(simulation.dropped.map(\.payload))
            for (payload, life) in lives {
                for earlier in program.predecessors(of: payload) where !dropped.contains(earlier) {
                    let end = lives[earlier]?.finishedAt ?? .max
                    #expect(end <= life.startedAt, "seed \(seed): \(earlier) before \(payload)")
                }
            }
            #expect(lives.count + dropped.count == program.operationCount)
            #expect(simulation.satisfied.count == program.waitCount)
        }
    }
}
