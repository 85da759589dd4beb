import Wire

/// Who waits for one device: the clients that have something ready for it and nothing on it.
///
/// A client stops waiting when anything of it is given to the device, whoever decided that, and
/// waits anew when all of that is done. What every operation passes only counts. Who has waited
/// longest is looked for when somebody may have waited for too long, which is hardly ever.
struct WaitingClients {
    private struct Client {
        var since: Nanoseconds = 0
        var ready: Int32 = 0
        /// Operations on the device.
        var inFlight: Int32 = 0
        var isWaiting: Bool { ready > 0 && inFlight == 0 }
    }
    /// By slot.
    private var clients: ContiguousArray<Client> = []
    /// How many wait.
    private var count = 0
    /// Nobody will have waited for the bound before this.
    private var nextCheck = Nanoseconds.max

    mutating func becameReady(_ client: Int, now: Nanoseconds, bound: Nanoseconds) {
        while clients.count <= client { clients.append(Client()) }
        let before = clients[client]
        clients[client].ready = before.ready + 1
        if before.ready == 0, before.inFlight == 0 { startWaiting(client, now, bound) }
    }

    /// One of its operations goes to the device.
    mutating func dispatched(_ client: Int) {
        var state = clients[client]
        if state.isWaiting { count -= 1 }
        state.ready -= 1
        state.inFlight += 1
        clients[client] = state
    }

    /// One of its operations leaves without having run.
    mutating func dropped(_ client: Int) {
        let wasWaiting = clients[client].isWaiting
        clients[client].ready -= 1
        if wasWaiting, !clients[client].isWaiting { count -= 1 }
    }

    /// The device is done with one of its operations.
    mutating func finished(_ client: Int, now: Nanoseconds, bound: Nanoseconds) {
        guard client < clients.count, clients[client].inFlight > 0 else { return }
        clients[client].inFlight -= 1
        if clients[client].isWaiting { startWaiting(client, now, bound) }
    }

    /// The client left; what it had ready was dropped before.
    mutating func forget(_ client: Int) {
        guard client < clients.count else { return }
        if clients[client].isWaiting { count -= 1 }
        clients[client] = Client()
    }

    /// The bound is another one.
    mutating func checkSoon() { nextCheck = .min }

    /// The client that has waited longest, where that is for the bound.
    mutating func starved(now: Nanoseconds, bound: Nanoseconds) -> (
        client: Int, since: Nanoseconds
    )? {
        guard now >= nextCheck else { return nil }
        var longest: (client: Int, since: Nanoseconds)?
        for (slot, client) in clients.enumerated() where client.isWaiting {
            if client.since < longest?.since ?? .max { longest = (slot, client.since) }
        }
        nextCheck = longest.map { $0.since + bound } ?? .max
        return now >= nextCheck ? longest : nil
    }

    /// When to look again whether somebody has waited for the bound; nil: nobody waits.
    var deadline: Nanoseconds? { count == 0 ? nil : nextCheck }

    private mutating func startWaiting(_ client: Int, _ now: Nanoseconds, _ bound: Nanoseconds) {
        clients[client].since = now
        count += 1
        nextCheck = min(nextCheck, now + bound)
    }
}
