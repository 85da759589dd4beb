import LuaPolicy
import Scheduling
import Wire

/// Nanoseconds of one operation's life in a policy, while every client always has one that is ready.
func decisions(policy path: String, clients count: UInt32) throws -> [Double] {
    let policy: any Policy = try LuaPolicy.load(
        source: text(of: path), path: path, clients: clients(count), devices: [device])
    var operations = operations(count)
    var now: Nanoseconds = 0
    for operation in operations { check(policy.ready(operation, now: now)) }
    return (0..<9).map { _ in
        let (begun, rounds) = (nanoseconds(), 200_000)
        for _ in 0..<rounds { cycle(policy, &operations, &now) }
        return Double(nanoseconds() - begun) / Double(rounds)
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
