import Device
import SharedRing
import Wire

/// Who waits for the scheduler to reach a point, by token.
struct WaitTable {
    enum Waiter {
        /// A thread of a program sleeps on its reply.
        case thread(
            ring: SessionRing, client: ClientID, sequence: UInt32, refusal: DeviceError?)
        /// Memory is given back, a stream is destroyed …
        case release((DispatchLoop) -> Void)
    }

    /// The call of a thread that waits, for the trace: told when it is answered.
    struct ParkedCall {
        var call: TraceQueue.RawCall
        var record: [UInt64]
    }

    private struct Entry {
        var waiter: Waiter
        var deadline: Nanoseconds?
        var parked: ParkedCall?
    }

    private var entries: [UInt64: Entry] = [:]
    private var nextToken: UInt64 = 1
    /// How many entries have a deadline: mostly none, so most passes look at nothing.
    private var withDeadline = 0

    mutating func add(_ waiter: Waiter, deadline: Nanoseconds? = nil) -> UInt64 {
        defer { nextToken += 1 }
        entries[nextToken] = Entry(waiter: waiter, deadline: deadline)
        if deadline != nil { withDeadline += 1 }
        return nextToken
    }

    /// Keeps the call of the waiter that was added last.
    mutating func keep(_ call: TraceQueue.RawCall, record: [UInt64]) {
        entries[nextToken - 1]?.parked = ParkedCall(call: call, record: record)
    }

    /// Takes a waiter out, with its call where a recording runs.
    @discardableResult
    mutating func remove(_ token: UInt64) -> (waiter: Waiter, parked: ParkedCall?)? {
        guard let entry = entries.removeValue(forKey: token) else { return nil }
        if entry.deadline != nil { withDeadline -= 1 }
        return (entry.waiter, entry.parked)
    }

    /// The tokens of a client's threads.
    func tokens(of client: ClientID) -> [UInt64] {
        entries.compactMap { token, entry in
            if case .thread(_, client, _, _) = entry.waiter { return token }
            return nil
        }.sorted()
    }

    var nextDeadline: Nanoseconds? {
        withDeadline == 0 ? nil : entries.values.compactMap(\.deadline).min()
    }

    /// The tokens whose deadline has passed.
    func expired(now: Nanoseconds) -> [UInt64] {
        guard withDeadline > 0 else { return [] }
        return entries.filter { ($0.value.deadline ?? .max) <= now }.keys.sorted()
    }
}
