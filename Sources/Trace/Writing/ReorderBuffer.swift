package import Wire

extension TraceEvent {
    /// When it happened.
    package var time: Nanoseconds {
        get {
            switch self {
            case .client(let event): event.time
            case .call(let event): event.time
            case .signature(let event): event.time
            case .operation(let event): event.time
            case .policy(let event): event.time
            case .decision(let event): event.time
            case .lost(let event): event.time
            }
        }
    }
}

/// Puts the events of one stream into the order of their times. Threads hand in their events a
/// little late; what is older than the window is let go in order, the rest waits.
struct ReorderBuffer {
    /// How late an event may come.
    static let windowNanoseconds: Nanoseconds = 10_000_000
    /// Events that may wait; more let the oldest go early.
    static let limit = 4096

    private var events: [TraceEvent] = []
    private var times: [Nanoseconds] = []
    private var head = 0

    var isEmpty: Bool { head == events.count }

    mutating func insert(_ event: TraceEvent) {
        let time = event.time
        var position = times.count
        while position > head, times[position - 1] > time { position -= 1 }
        if position == times.count {
            times.append(time)
            events.append(event)
        } else {
            times.insert(time, at: position)
            events.insert(event, at: position)
        }
    }

    /// The oldest event, if its time has come.
    mutating func next(flushing: Bool) -> TraceEvent? {
        guard head < events.count, let newest = times.last else { return nil }
        let isDue = newest &- times[head] > Self.windowNanoseconds
        guard flushing || isDue || events.count - head > Self.limit else { return nil }
        let event = events[head]
        head += 1
        if head == events.count {
            events.removeAll(keepingCapacity: true)
            times.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= Self.limit {
            events.removeFirst(head)
            times.removeFirst(head)
            head = 0
        }
        return event
    }
}
