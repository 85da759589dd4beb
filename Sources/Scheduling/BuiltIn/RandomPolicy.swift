package import Wire

/// Takes any ready operation, or none for a while: if order survives this policy, it survives every
/// one.
package final class RandomPolicy: Policy {
    package let name = "random"
    package let version = 1
    package let origin = "built in"
    private var random: SeededRandom
    private let holdPercent: Int
    private var ready: ContiguousArray<(id: OperationID, device: DeviceID)> = []

    /// `holdPercent` of its decisions are to wait for up to 50 µs.
    package init(seed: UInt64, holdPercent: Int = 20) {
        random = SeededRandom(seed: seed)
        self.holdPercent = holdPercent
    }

    package func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    package func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }

    package func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        ready.append((operation.id, operation.device))
        return nil
    }

    package func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        if random.chance(percent: holdPercent) {
            return .hold(wakeAt: now + 1000 + Nanoseconds(random.below(50_000)))
        }
        let candidates = ready.indices.filter { ready[$0].device == load.device }
        guard !candidates.isEmpty else { return .hold(wakeAt: nil) }
        let index = candidates[random.below(candidates.count)]
        return .dispatch(ready.remove(at: index).id, line: 0)
    }

    package func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    { nil }

    package func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds)
        -> PolicyBreach?
    {
        forget(operation.id)
        return nil
    }

    package func forget(_ operation: OperationID) { ready.removeAll { $0.id == operation } }

    package var options: [PolicyOption] { [] }
    package func set(_ key: String, to value: String) throws {
        throw PolicyOptionError("the random policy has no options, so no \(key)")
    }
    package func save() -> SavedState? { nil }
}
