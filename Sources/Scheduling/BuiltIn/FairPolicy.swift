package import Wire

/// Shares each device's time among clients in proportion to their weights.
///
/// Start-time fair queueing: every client has a virtual time, the device time it got divided by its
/// weight, and the client with the least goes next. A dispatch charges the predicted time,
/// completion corrects it to the observed one. Who comes, or comes back, starts at the virtual time
/// of the client served last, so idling earns no credit. The policy is written to be unable to
/// fail: the host falls back on it.
package final class FairPolicy: Policy {
    package let name = "fair"
    package let version = 1
    package let origin = "built in"
    /// A client of little weight may have to wait for long: that is what weights mean.
    package let starvationNanoseconds: Nanoseconds? = 60_000_000_000
    private var shares = FairShares()
    private var window = DispatchWindow()

    package init() {}

    package func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? {
        shares.attach(client.id, weight: client.weight)
        return nil
    }

    package func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? {
        shares.detach(client)
        return nil
    }

    package func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        shares.push(operation)
        return nil
    }

    package func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        guard !window.isFull(load), let id = shares.pop(for: load.device) else {
            return .hold(wakeAt: nil)
        }
        return .dispatch(id, line: 0)
    }

    package func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    {
        shares.settle(operation, tookNanoseconds: tookNanoseconds)
        return nil
    }

    package func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds)
        -> PolicyBreach?
    {
        shares.remove(operation.id)
        return nil
    }

    package func forget(_ operation: OperationID) { shares.remove(operation) }

    package var options: [PolicyOption] { window.options }
    package func set(_ key: String, to value: String) throws { try window.set(key, to: value) }
    package func save() -> SavedState? { nil }
}
