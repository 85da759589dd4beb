import Wire

/// The ready operations and virtual times behind `FairPolicy`, by client and device.
struct FairShares {
    private var slots = ClientSlots()
    private var freeSlots: ContiguousArray<Int> = []
    /// By client slot: what 1 ns of device time costs, the inverse of the weight.
    private var prices: ContiguousArray<Double> = []
    private var devices: ContiguousArray<DeviceShares> = []
    /// By operation slot: the generation whose dispatch was charged.
    private var charged: ContiguousArray<UInt32> = []

    mutating func attach(_ client: ClientID, weight: Double) {
        let price = 1 / max(weight, 1e-6)
        if let slot = slots[client] {
            prices[slot] = price
        } else {
            add(client, price: price)
        }
    }

    mutating func detach(_ client: ClientID) {
        guard let slot = slots[client] else { return }
        slots.remove(client)
        freeSlots.append(slot)
        for device in devices.indices { devices[device].clear(slot) }
    }

    mutating func push(_ operation: OperationFacts) {
        // A client that was never attached is served at weight 1 rather than not at all.
        let slot = slots[operation.client] ?? add(operation.client, price: 1)
        let device = Int(operation.device.rawValue)
        while devices.count <= device { devices.append(DeviceShares()) }
        devices[device].push(operation.id, costNanoseconds: operation.costNanoseconds, of: slot)
    }

    /// Takes out what goes next on the device, and charges its predicted time.
    mutating func pop(for device: DeviceID) -> OperationID? {
        let index = Int(device.rawValue)
        guard index < devices.count, let id = devices[index].pop(prices) else { return nil }
        let operation = Int(id.slot)
        while charged.count <= operation { charged.append(0) }
        charged[operation] = id.generation
        return id
    }

    /// Corrects the charge to the observed time. What somebody else dispatched (a predecessor, the
    /// fallback) was not charged yet.
    mutating func settle(_ operation: OperationFacts, tookNanoseconds: Nanoseconds) {
        let device = Int(operation.device.rawValue)
        guard let slot = slots[operation.client], device < devices.count else { return }
        let index = Int(operation.id.slot)
        let wasCharged = index < charged.count && charged[index] == operation.id.generation
        let predicted = wasCharged ? operation.costNanoseconds : 0
        devices[device].charge(slot, Double(tookNanoseconds - predicted) * prices[slot])
    }

    mutating func remove(_ operation: OperationID) {
        for device in devices.indices where devices[device].remove(operation) { return }
    }

    @discardableResult
    private mutating func add(_ client: ClientID, price: Double) -> Int {
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

    /// The next operation of the client with the least virtual time (of equals, the lower slot),
    /// which is charged its predicted time.
    mutating func pop(_ prices: ContiguousArray<Double>) -> OperationID? {
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
        clients[best].virtualTime += Double(costs[Int(id.slot)]) * prices[best]
        return id
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
