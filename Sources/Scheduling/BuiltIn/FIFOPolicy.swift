package import Wire

/// In the order in which operations became ready.
///
/// As `fifo` it keeps a bounded amount of work on a device. As `passthrough` it has no window: what
/// orders work is the device's own queues. That is what programs would do to each other without a
/// scheduler, and the first row of comparisons.
package final class FIFOPolicy: Policy {
    package let name: String
    package let version = 1
    package let origin = "built in"
    private var queues = OperationLists()
    private var window: DispatchWindow?

    /// Wide: what waits behind it would go out in the same order.
    package convenience init() {
        self.init(name: "fifo", window: DispatchWindow(microseconds: 5000))
    }

    private init(name: String, window: DispatchWindow?) {
        self.name = name
        self.window = window
    }

    package static func passthrough() -> FIFOPolicy {
        FIFOPolicy(name: "passthrough", window: nil)
    }

    package func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    package func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }

    package func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        queues.append(operation.id, to: Int(operation.device.rawValue))
        return nil
    }

    package func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        let isFull = window?.isFull(load) ?? false
        guard !isFull, let id = queues.first(in: Int(load.device.rawValue)) else {
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

    package var options: [PolicyOption] { window?.options ?? [] }
    package func set(_ key: String, to value: String) throws {
        guard window != nil else {
            throw PolicyOptionError("\(name) has no options, so none called \(key)")
        }
        try window?.set(key, to: value)
    }
    package func save() -> SavedState? { nil }
}
