import Wire

/// Who waits for which device, and for how long already: what the host needs to see to it that no
/// policy starves a client, whatever else is busy.
struct StarvationWatch {
    /// A client that has waited too long.
    struct Starved {
        let since: Nanoseconds
        let operation: OperationID
    }

    /// How long a client may have ready work for a device and get nothing.
    var boundNanoseconds: Nanoseconds
    private var slots = ClientSlots()
    private var numbers = NumberPool()
    private var devices: ContiguousArray<WaitingClients> = []

    init(boundNanoseconds: Nanoseconds) { self.boundNanoseconds = boundNanoseconds }

    mutating func attach(_ client: ClientID) {
        guard slots[client] == nil, slots.canInsert(client) else { return }
        slots.insert(client, slot: Int(numbers.takeNumber()))
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
        devices[device].insert(facts.id, of: slot, now: now)
    }

    mutating func dispatched(_ id: OperationID, of client: ClientID, on device: Int) {
        guard let slot = slots[client] else { return }
        devices[device].dispatch(id, of: slot)
    }

    mutating func dropped(_ id: OperationID, of client: ClientID, on device: Int) {
        guard let slot = slots[client] else { return }
        devices[device].drop(id, of: slot)
    }

    /// A client that left is not known any more when the last of its work ends.
    mutating func finished(_ facts: OperationFacts, now: Nanoseconds) {
        let device = Int(facts.device.rawValue)
        guard let slot = slots[facts.client], device < devices.count else { return }
        devices[device].finishOne(of: slot, now: now)
    }

    /// The client that has waited longest for the device, where that is too long.
    func starved(on device: Int, now: Nanoseconds) -> Starved? {
        guard let (client, since) = devices[device].longest, now - since >= boundNanoseconds,
            let operation = devices[device].oldest(of: client)
        else { return nil }
        return Starved(since: since, operation: operation)
    }

    /// When somebody will have waited too long for the device; nil: nobody waits.
    func deadline(on device: Int) -> Nanoseconds? {
        devices[device].longest.map { $0.since + boundNanoseconds }
    }
}
