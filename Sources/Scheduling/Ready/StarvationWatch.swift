import Wire

/// Who waits for which device, and for how long already: what the host needs to see to it that no
/// policy starves a client, whatever else is busy.
struct StarvationWatch {
    /// How long a client may have ready work for a device and get nothing.
    var boundNanoseconds: Nanoseconds {
        didSet { for device in devices.indices { devices[device].checkSoon() } }
    }
    private var slots = ClientSlots()
    private var numbers = NumberPool()
    /// By slot.
    private var clients: ContiguousArray<ClientID> = []
    private var devices: ContiguousArray<WaitingClients> = []

    init(boundNanoseconds: Nanoseconds) { self.boundNanoseconds = boundNanoseconds }

    mutating func attach(_ client: ClientID) {
        guard slots[client] == nil, slots.canInsert(client) else { return }
        let slot = Int(numbers.takeNumber())
        if slot == clients.count { clients.append(client) } else { clients[slot] = client }
        slots.insert(client, slot: slot)
    }

    /// What the client had ready was dropped before.
    mutating func detach(_ client: ClientID) {
        guard let slot = slots[client] else { return }
        for device in devices.indices { devices[device].forget(slot) }
        slots.remove(client)
        numbers.giveBack(UInt32(slot))
    }

    mutating func becameReady(_ facts: OperationFacts, now: Nanoseconds) {
        let device = Int(facts.device.rawValue)
        while devices.count <= device { devices.append(WaitingClients()) }
        guard let slot = slots[facts.client] else { return }
        devices[device].becameReady(slot, now: now, bound: boundNanoseconds)
    }

    mutating func dispatched(_ client: ClientID, on device: Int) {
        guard let slot = slots[client] else { return }
        devices[device].dispatched(slot)
    }

    mutating func dropped(_ client: ClientID, on device: Int) {
        guard let slot = slots[client] else { return }
        devices[device].dropped(slot)
    }

    /// A client that left is not known any more when the last of its work ends.
    mutating func finished(_ facts: OperationFacts, now: Nanoseconds) {
        let device = Int(facts.device.rawValue)
        guard let slot = slots[facts.client], device < devices.count else { return }
        devices[device].finished(slot, now: now, bound: boundNanoseconds)
    }

    /// The client that has waited longest for the device, where that is too long.
    mutating func starved(
        on device: Int, now: Nanoseconds
    ) -> (client: ClientID, since: Nanoseconds)? {
        guard let found = devices[device].starved(now: now, bound: boundNanoseconds) else {
            return nil
        }
        return (clients[found.client], found.since)
    }

    /// When somebody may have waited too long for the device; nil: nobody waits.
    func deadline(on device: Int) -> Nanoseconds? { devices[device].deadline }
}
