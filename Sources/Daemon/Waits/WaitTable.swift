package import LinuxIO
package import Wire

/// What happens when a point of the scheduler is reached.
package enum Waiter {
    case thread(ParkedThread, refusal: TakenRefusal?)
    case release(Release)
}

/// A refusal that a wait is to report, and the stream that it goes back to where the wait reports
/// something else.
package struct TakenRefusal {
    var stream: StreamSlot
    var refusal: CallRefusal
}

/// Something that is given back once the work before it is done.
package enum Release {
    case deviceMemory(AllocationMap.Block, lane: UInt32)
    case hostBlock(SharedMemory, lane: UInt32)
    case stream(StreamSlot, lane: UInt32)
    /// All that a gone program held.
    case session(Session)
}

/// Who waits for the scheduler to reach a point, by token.
package struct WaitTable {
    package init() {}

    private struct Entry {
        var waiter: Waiter
        var deadline: Nanoseconds?
    }

    private var entries: [UInt64: Entry] = [:]
    private var nextToken: UInt64 = 1
    /// How many entries have a deadline: mostly none, so most passes look at nothing.
    private var withDeadline = 0

    package var count: Int { entries.count }

    package mutating func add(_ waiter: Waiter, deadline: Nanoseconds? = nil) -> UInt64 {
        defer { nextToken += 1 }
        entries[nextToken] = Entry(waiter: waiter, deadline: deadline)
        if deadline != nil { withDeadline += 1 }
        return nextToken
    }

    /// Takes a waiter out.
    @discardableResult
    package mutating func remove(_ token: UInt64) -> Waiter? {
        guard let entry = entries.removeValue(forKey: token) else { return nil }
        if entry.deadline != nil { withDeadline -= 1 }
        return entry.waiter
    }

    /// The tokens of a client's threads, in the order in which they came.
    package func tokens(of client: ClientID) -> [UInt64] {
        entries.compactMap { token, entry in
            if case .thread(let parked, _) = entry.waiter, parked.session.id == client {
                return token
            }
            return nil
        }.sorted()
    }

    /// Streams that a client has destroyed and that go when what they were told is done.
    func leavingStreams(of client: ClientID) -> [StreamSlot] {
        entries.sorted { $0.key < $1.key }.compactMap { _, entry in
            if case .release(.stream(let stream, client.rawValue)) = entry.waiter {
                return stream
            }
            return nil
        }
    }

    package var nextDeadline: Nanoseconds? {
        withDeadline == 0 ? nil : entries.values.compactMap(\.deadline).min()
    }

    /// The tokens whose deadline has passed.
    package func expired(now: Nanoseconds) -> [UInt64] {
        guard withDeadline > 0 else { return [] }
        return entries.compactMap { token, entry in
            entry.deadline.flatMap { $0 <= now ? token : nil }
        }.sorted()
    }
}
