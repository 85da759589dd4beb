import Glibc
import LuaPolicy
import Scheduling
import Wire

/// Calls of a script, after its first breach, that took longer than the limit and a millisecond of
/// this thread's time. A script that is refused when it is loaded makes none.
func stalls(script path: String) -> Int {
    guard
        let policy = try? LuaPolicy.load(
            source: text(of: path), path: path, clients: clients(4), devices: [device])
    else { return 0 }
    let allowed = LuaLimits().callNanoseconds + 1_000_000
    var operations = operations(4)
    var (stalls, now) = (0, Nanoseconds(0))

    /// One call: its time counts once there was a breach before it.
    func call<Result>(_ body: () -> Result) -> Result {
        let hadBreach = policy.lastBreach != nil
        let begun = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
        let result = body()
        if hadBreach, nanoseconds(CLOCK_THREAD_CPUTIME_ID) - begun > allowed { stalls += 1 }
        return result
    }

    for round in 0..<100 {
        for slot in operations.indices {
            operations[slot].id = OperationID(
                slot: UInt32(slot), generation: UInt32(round + 1))
            operations[slot].enqueuedAt = now
            _ = call { policy.ready(operations[slot], now: now) }
        }
        for _ in operations {
            now += 1000
            let answer = call { policy.decide(DeviceLoad(device: device), now: now) }
            guard case .dispatch(let id, _, _, _) = answer,
                let chosen = operations.first(where: { $0.id == id })
            else { continue }
            _ = call { policy.done(chosen, tookNanoseconds: 900, now: now) }
        }
    }
    return stalls
}
