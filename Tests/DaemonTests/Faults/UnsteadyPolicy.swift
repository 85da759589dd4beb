import Scheduling
import Wire

/// A policy that now and then fails, lies or sulks, and otherwise takes what it likes.
final class UnsteadyPolicy: Policy {
    let name = "unsteady"
    let version = 1
    let origin = "test"
    private let inner: RandomPolicy
    private var random: SeededRandom
    private let failurePercent: Int

    init(seed: UInt64, failurePercent: Int) {
        inner = RandomPolicy(seed: seed)
        random = SeededRandom(seed: seed ^ 1)
        self.failurePercent = failurePercent
    }

    private func failure() -> PolicyBreach? {
        guard random.chance(percent: failurePercent) else { return nil }
        return PolicyBreach(kind: .error, message: "as the test says")
    }

    func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { failure() }
    func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { failure() }

    func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        failure() ?? inner.ready(operation, now: now)
    }

    func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        if let failure = failure() { return .breach(failure) }
        guard !random.chance(percent: failurePercent) else {
            return .dispatch(OperationID(rawValue: random.next()), line: 1)
        }
        return inner.decide(load, now: now)
    }

    func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    { failure() }

    func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds) -> PolicyBreach? {
        inner.forget(operation.id)
        return failure()
    }

    func forget(_ operation: OperationID) { inner.forget(operation) }

    var options: [PolicyOption] { [] }
    func set(_ key: String, to value: String) throws {
        throw PolicyOptionError("no option \(key)")
    }
    func save() -> SavedState? { nil }
}
