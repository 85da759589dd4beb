import Scheduling
import Wire

/// A policy that never lets anything go.
final class HoldingPolicy: Policy {
    let name = "holding"
    let version = 1
    let origin = "test"
    var options: [PolicyOption] { [] }

    func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }
    func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision { .hold(wakeAt: nil) }
    func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    { nil }
    func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds) -> PolicyBreach? {
        nil
    }
    func forget(_ operation: OperationID) {}
    func set(_ key: String, to value: String) throws {
        throw PolicyOptionError("no option \(key)")
    }
    func save() -> SavedState? { nil }
}
