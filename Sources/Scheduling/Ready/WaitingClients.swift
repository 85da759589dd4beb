import Wire

/// Who waits for one device: the clients that have something ready for it and nothing on it, the
/// one that has waited longest first.
///
/// A client stops waiting when anything of it is given to the device, whoever decided that, and
/// waits anew when all of that is done. Everything is by the clients' slots and in linked lists, so
/// each call takes the same time and nothing is allocated for an operation.
struct WaitingClients {
    private struct Client {
        var since: Nanoseconds = 0
        /// Operations on the device.
        var inFlight = 0
        var previous: Int32 = -1
        var next: Int32 = -1
        var isWaiting = false
    }
    private var clients: ContiguousArray<Client> = []
    /// What is ready, a list a client.
    private var operations = OperationLists()
    private var first: Int32 = -1
    private var last: Int32 = -1

    /// The client that has waited longest, and since when.
    var longest: (client: Int, since: Nanoseconds)? {
        first < 0 ? nil : (Int(first), clients[Int(first)].since)
    }

    /// What of the client's has been ready longest.
    func oldest(of client: Int) -> OperationID? { operations.first(in: client) }

    mutating func insert(_ id: OperationID, of client: Int, now: Nanoseconds) {
        while clients.count <= client { clients.append(Client()) }
        operations.append(id, to: client)
        startWaiting(client, now)
    }

    /// The operation goes to the device.
    mutating func dispatch(_ id: OperationID, of client: Int) {
        operations.remove(id)
        clients[client].inFlight += 1
        stopWaiting(client)
    }

    /// The operation leaves without having run.
    mutating func drop(_ id: OperationID, of client: Int) {
        operations.remove(id)
        if operations.count(in: client) == 0 { stopWaiting(client) }
    }

    /// The device is done with an operation of the client's.
    mutating func finishOne(of client: Int, now: Nanoseconds) {
        guard client < clients.count, clients[client].inFlight > 0 else { return }
        clients[client].inFlight -= 1
        startWaiting(client, now)
    }

    /// The client left; what it had ready was dropped before.
    mutating func forget(_ client: Int) {
        guard client < clients.count else { return }
        stopWaiting(client)
        clients[client] = Client()
    }

    private mutating func startWaiting(_ client: Int, _ now: Nanoseconds) {
        guard !clients[client].isWaiting, clients[client].inFlight == 0,
            operations.count(in: client) > 0
        else { return }
        clients[client].isWaiting = true
        clients[client].since = now
        clients[client].previous = last
        clients[client].next = -1
        if last < 0 {
            first = Int32(client)
        } else {
            clients[Int(last)].next = Int32(client)
        }
        last = Int32(client)
    }

    private mutating func stopWaiting(_ client: Int) {
        guard clients[client].isWaiting else { return }
        clients[client].isWaiting = false
        let (before, after) = (clients[client].previous, clients[client].next)
        if before < 0 { first = after } else { clients[Int(before)].next = after }
        if after < 0 { last = before } else { clients[Int(after)].previous = before }
    }
}
