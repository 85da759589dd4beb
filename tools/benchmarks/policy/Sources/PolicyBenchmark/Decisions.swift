import CFloor
import LuaPolicy
import Scheduling
import Wire

/// How a policy is measured.
struct DecisionSetting {
    var path: String
    var clients: UInt32
    /// As while decisions are recorded.
    var recordsHolds = false
}

/// Nanoseconds of one operation's life in a policy, while every client always has one that is ready.
func decisions(_ setting: DecisionSetting) throws -> [Double] {
    var bench = try DecisionBench(setting)
    return (0..<9).map { _ in bench.nanosecondsOfOne() }
}

/// The same divided by the floor, which is measured before and after each round.
func ratios(_ setting: DecisionSetting) throws -> [Double] {
    var bench = try DecisionBench(setting)
    return (0..<9).map { _ in
        let before = floorNanoseconds()
        let one = bench.nanosecondsOfOne()
        return one / min(before, floorNanoseconds())
    }
}

/// So many lives, for a counter of instructions around the process.
func lives(_ rounds: Int, _ setting: DecisionSetting) throws {
    var bench = try DecisionBench(setting)
    bench.run(rounds)
}

/// Nanoseconds of three protected calls of empty functions.
func floorNanoseconds() -> Double {
    guard let state = floor_open() else { stop("not enough memory") }
    defer { floor_close(state) }
    let (begun, rounds) = (nanoseconds(), Int64(200_000))
    floor_run(state, rounds)
    return Double(nanoseconds() - begun) / Double(rounds)
}

/// A policy with the next operation of each client ready.
private struct DecisionBench {
    let policy: any Policy
    var operations: [OperationFacts]
    var now: Nanoseconds = 0

    init(_ setting: DecisionSetting) throws {
        policy = try LuaPolicy.load(
            source: text(of: setting.path), path: setting.path, clients: clients(setting.clients),
            devices: [device])
        policy.recordsHolds = setting.recordsHolds
        operations = PolicyBenchmark.operations(setting.clients)
        for operation in operations { check(policy.ready(operation, now: now)) }
    }

    mutating func nanosecondsOfOne() -> Double {
        let (begun, rounds) = (nanoseconds(), 200_000)
        run(rounds)
        return Double(nanoseconds() - begun) / Double(rounds)
    }

    mutating func run(_ rounds: Int) {
        for _ in 0..<rounds { cycle(policy, &operations, &now) }
    }
}

/// One is chosen, runs, is done, and its client's next one is ready.
private func cycle(
    _ policy: any Policy, _ operations: inout [OperationFacts], _ now: inout Nanoseconds
) {
    guard case .dispatch(let id, _, _, _) = policy.decide(DeviceLoad(device: device), now: now)
    else {
        stop("the policy held back or failed")
    }
    now += 1000
    let slot = Int(id.slot)
    check(policy.done(operations[slot], tookNanoseconds: 1100, now: now))
    operations[slot].id = OperationID(slot: id.slot, generation: id.generation + 1)
    operations[slot].enqueuedAt = now
    check(policy.ready(operations[slot], now: now))
}

private func check(_ breach: PolicyBreach?) {
    if let breach { stop("the policy failed: \(breach.message)") }
}

/// Microseconds to compile, check and open a policy.
func loads(policy path: String) throws -> [Double] {
    let source = text(of: path)
    return try (0..<9).map { _ in
        let begun = nanoseconds()
        for _ in 0..<50 {
            _ = try LuaPolicy.load(source: source, path: path, devices: [device])
        }
        return Double(nanoseconds() - begun) / 50_000
    }
}
