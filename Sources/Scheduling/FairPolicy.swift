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
    private var window = DispatchWindow()
    private var slots = ClientSlots()
    private var freeSlots: ContiguousArray<Int> = []
    /// By slot: what 1 ns of device time costs a client, the inverse of its weight.
    private var prices: ContiguousArray<Double> = []
    private var devices: ContiguousArray<DeviceShares> = []
    /// By operation slot: the generation whose dispatch was charged.
    private var charged: ContiguousArray<UInt32> = []

    package init() {}

    package func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? {
        let price = 1 / max(client.weight, 1e-6)
        if let slot = slots[client.id] {
            prices[slot] = price
            return nil
        }
        add(client.id, price: price)
        return nil
    }

    package func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? {
        guard let slot = slots[client] else { return nil }
        slots.remove(client)
        freeSlots.append(slot)
        for device in devices.indices { devices[device].clear(slot) }
        return nil
    }

    package func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        let slot = slots[operation.client] ?? add(operation.client, price: 1)
        let device = Int(operation.device.rawValue)
        while devices.count <= device { devices.append(DeviceShares()) }
        devices[device].push(operation.id, costNanoseconds: operation.costNanoseconds, of: slot)
        return nil
    }

    package func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        let device = Int(load.device.rawValue)
        guard !window.isFull(load), device < devices.count,
            let (id, cost, slot) = devices[device].pop()
        else { return .hold(wakeAt: nil) }
        devices[device].charge(slot, Double(cost) * prices[slot])
        let operation = Int(id.slot)
        while charged.count <= operation { charged.append(0) }
        charged[operation] = id.generation
        return .dispatch(id, line: 0)
    }

    package func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    {
        let device = Int(operation.device.rawValue)
        guard let slot = slots[operation.client], device < devices.count else { return nil }
        // What somebody else dispatched (a predecessor, the fallback) was not charged yet.
        let index = Int(operation.id.slot)
        let wasCharged = index < charged.count && charged[index] == operation.id.generation
        let predicted = wasCharged ? operation.costNanoseconds : 0
        devices[device].charge(slot, Double(tookNanoseconds - predicted) * prices[slot])
        return nil
    }

    package func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds)
        -> PolicyBreach?
    {
        forget(operation.id)
        return nil
    }

    package func forget(_ operation: OperationID) {
        for device in devices.indices where devices[device].remove(operation) { return }
    }

    package var options: [PolicyOption] { window.options }
    package func set(_ key: String, to value: String) throws { try window.set(key, to: value) }
    package func save() -> SavedState? { nil }

    /// A client that was never attached is served at weight 1 rather than not at all.
    @discardableResult
    private func add(_ client: ClientID, price: Double) -> Int {
        let slot = freeSlots.popLast() ?? prices.count
        if slot == prices.count { prices.append(price) } else { prices[slot] = price }
        slots.insert(client, slot: slot)
        return slot
    }
}

/// One device's clients: their ready operations and virtual times.
private struct DeviceShares {
    private struct Client {
        var virtualTime: Double = 0
        var isActive = false
    }
    private var queues = OperationLists()
    private var costs: ContiguousArray<Nanoseconds> = []
    private var clients: ContiguousArray<Client> = []
    /// Slots of the clients that have ready operations, in no particular order.
    private var active: ContiguousArray<Int32> = []
    /// The virtual time of the client served last.
    private var clock: Double = 0

    mutating func push(_ id: OperationID, costNanoseconds: Nanoseconds, of slot: Int) {
        while clients.count <= slot { clients.append(Client()) }
        let index = Int(id.slot)
        while costs.count <= index { costs.append(0) }
        costs[index] = costNanoseconds
        queues.append(id, to: slot)
        if !clients[slot].isActive {
            clients[slot].isActive = true
            clients[slot].virtualTime = max(clients[slot].virtualTime, clock)
            active.append(Int32(slot))
        }
    }

    /// The next operation of the client with the least virtual time; of equals, the lower slot.
    mutating func pop() -> (id: OperationID, costNanoseconds: Nanoseconds, slot: Int)? {
        var best = -1
        var least = Double.infinity
        for entry in active {
            let slot = Int(entry)
            let time = clients[slot].virtualTime
            if time < least || (time == least && slot < best) {
                best = slot
                least = time
            }
        }
        guard best >= 0, let id = queues.first(in: best) else { return nil }
        clock = max(clock, least)
        remove(id)
        return (id, costs[Int(id.slot)], best)
    }

    @discardableResult
    mutating func remove(_ id: OperationID) -> Bool {
        guard let slot = queues.list(of: id) else { return false }
        queues.remove(id)
        if queues.count(in: slot) == 0 { deactivate(slot) }
        return true
    }

    mutating func charge(_ slot: Int, _ amount: Double) {
        while clients.count <= slot { clients.append(Client()) }
        clients[slot].virtualTime += amount
    }

    /// Forgets the client; its operations are dropped one by one beforehand.
    mutating func clear(_ slot: Int) {
        guard slot < clients.count else { return }
        while let id = queues.first(in: slot) { remove(id) }
        clients[slot] = Client()
    }

    private mutating func deactivate(_ slot: Int) {
        clients[slot].isActive = false
        if let index = active.firstIndex(of: Int32(slot)) {
            active.swapAt(index, active.count - 1)
            active.removeLast()
        }
    }
}
