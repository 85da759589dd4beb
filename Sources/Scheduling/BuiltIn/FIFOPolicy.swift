package import Wire

/// In the order in which operations became ready.
package final class FIFOPolicy: Policy {
    package let name = "fifo"
    package let version = 1
    package let origin = "built in"
    private var queues = OperationLists()
    /// Wide: what waits behind it would go out in the same order.
    private var window = DispatchWindow(microseconds: 5000)

    package init() {}

    package func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    package func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }

    package func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        queues.append(operation.id, to: Int(operation.device.rawValue))
        return nil
    }

    package func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        guard !window.isFull(load), let id = queues.first(in: Int(load.device.rawValue)) else {
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

    package var options: [PolicyOption] { window.options }
    package func set(_ key: String, to value: String) throws { try window.set(key, to: value) }
    package func save() -> SavedState? { nil }
}
