package import Wire

/// Sends everything to its device at once, in the order in which it became ready.
///
/// There is no window: what orders work that is on a device is the device's own queues. This is
/// what programs would do to each other without a scheduler, and the first row of comparisons.
package final class PassthroughPolicy: Policy {
    package let name = "passthrough"
    package let version = 1
    package let origin = "built in"
    private var queues = OperationLists()

    package init() {}

    package func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    package func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }

    package func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        queues.append(operation.id, to: Int(operation.device.rawValue))
        return nil
    }

    package func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        guard let id = queues.first(in: Int(load.device.rawValue)) else {
            return .hold(wakeAt: nil)
        }
        queues.remove(id)
        return .dispatch(id, line: 0)
    }

    package func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    { nil }

    package func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds)
        -> PolicyBreach?
    {
        queues.remove(operation.id)
        return nil
    }

    package func forget(_ operation: OperationID) { queues.remove(operation) }

    package var options: [PolicyOption] { [] }
    package func set(_ key: String, to value: String) throws {
        throw PolicyOptionError("passthrough has no options, so none called \(key)")
    }
    package func save() -> SavedState? { nil }
}
