import Wire

/// Waits from outside, and questions.
extension OrderGraph {
    mutating func wait(for target: WaitTarget, token: UInt64) throws(SchedulerError) -> WaitAnswer {
        switch target {
        case .stream(let id):
            let stream = try locate(id)
            let scope = PendingWait.Scope.stream(Int32(stream))
            guard !streams[stream].isEmpty else { return .satisfied(takeFailure(of: scope)) }
            let wait = takeWait(token, scope)
            mark(stream, wait)
            return .pending
        case .event(let event, let number):
            guard let record = try pendingRecord(of: event, number: number) else {
                return .satisfied(nil)
            }
            let wait = takeWait(token, .none)
            waits[wait].remaining = 1
            let marker = items.take(.marker, stream: -1)
            items[marker].reference = UInt64(wait)
            addWaiter(marker, to: record)
            return .pending
        case .device(let id, let device):
            guard let client = clientSlots[id] else { throw .unknownClient(id) }
            let scope = PendingWait.Scope.device(client: Int32(client), device)
            guard markAll(of: client, on: device, token, scope) else {
                return .satisfied(takeFailure(of: scope))
            }
            return .pending
        }
    }

    /// True when nothing of the client is before this point; else `token` comes out later.
    mutating func barrier(behind id: ClientID, token: UInt64) -> Bool {
        guard let client = clientSlots[id] else { return true }
        return !markAll(of: client, on: nil, token, .none)
    }

    /// The token will not come out. False if no such wait is pending.
    mutating func cancel(token: UInt64) -> Bool {
        let wait = waits.firstIndex {
            $0.remaining > 0 && $0.token == token && !$0.isCancelled
        }
        guard let wait else { return false }
        waits[wait].isCancelled = true
        return true
    }

    func isComplete(_ id: StreamID) throws(SchedulerError) -> Bool {
        streams[try locate(id)].isEmpty
    }

    func status(of event: EventID, number: UInt64?) -> EventStatus {
        guard let client = clientSlots[event.client] else { return .unrecorded }
        let index = Int(event.index)
        guard index < clients[client].events.count else { return .unrecorded }
        let state = clients[client].events[index]
        guard let number, number < state.number else { return state.status }
        guard number > 0 else { return .unrecorded }
        // When an older record was reached is not kept: nothing asks for it.
        return olderRecord(of: event, number: number, client) == nil ? .complete(at: 0) : .pending
    }

    /// The item of a record of the event while that is pending: the one of `number`, or the latest.
    /// A number that was never recorded is an error: the wait would be for ever.
    func pendingRecord(of event: EventID, number: UInt64?) throws(SchedulerError) -> Int? {
        guard let client = clientSlots[event.client] else { return nil }
        let index = Int(event.index)
        let state = index < clients[client].events.count ? clients[client].events[index] : .init()
        guard let number, number != state.number else { return items.slot(of: state.latest) }
        guard number <= state.number else { throw .unknownRecord(event, number: number) }
        return olderRecord(of: event, number: number, client)
    }

    /// The last of that number: an event that had this index before counted its records as well.
    private func olderRecord(of event: EventID, number: UInt64, _ client: Int) -> Int? {
        let older = clients[client].olderRecords.last {
            $0.event == event.index && $0.number == number
        }
        return older.flatMap { items.slot(of: $0.item) }
    }

    /// The event's latest record is about to be another one: waits may still name this one.
    mutating func keepOlderRecord(of event: EventID, _ client: Int) {
        let state = clients[client].events[Int(event.index)]
        guard items.slot(of: state.latest) != nil else { return }
        // At each doubling, so that a program which records one event for ever pays little for it.
        let count = clients[client].olderRecords.count
        if count & (count - 1) == 0 {
            clients[client].olderRecords.removeAll { items.slot(of: $0.item) == nil }
        }
        clients[client].olderRecords.append(
            OlderRecord(event: event.index, number: state.number, item: state.latest))
    }

    /// Keeps the first failure of a stream until a wait reports it.
    mutating func keep(_ failure: OperationFailure, of stream: Int) {
        guard !streams[stream].hasFailure else { return }
        streams[stream].hasFailure = true
        failures.append((stream, failure))
    }

    // MARK: Markers

    /// A marker was reached; the last one of a wait ends it.
    mutating func arrive(_ wait: Int) {
        waits[wait].remaining -= 1
        guard waits[wait].remaining == 0 else { return }
        freeWaits.append(Int32(wait))
        guard !waits[wait].isCancelled else { return }
        let failure = takeFailure(of: waits[wait].scope)
        satisfied.append(SatisfiedWait(token: waits[wait].token, failure: failure))
    }

    private mutating func takeWait(_ token: UInt64, _ scope: PendingWait.Scope) -> Int {
        let wait = PendingWait(token: token, scope: scope)
        if let free = freeWaits.popLast() {
            waits[Int(free)] = wait
            return Int(free)
        }
        waits.append(wait)
        return waits.count - 1
    }

    private mutating func mark(_ stream: Int, _ wait: Int) {
        waits[wait].remaining += 1
        let marker = items.take(.marker, stream: Int32(stream))
        items[marker].reference = UInt64(wait)
        link(marker, to: stream)
        // The stream is not empty, so nothing is over by this: only the cursor may pass the marker.
        settle(stream, Moment(0))
    }

    /// Marks every stream that has work. False when none has.
    private mutating func markAll(
        of client: Int, on device: DeviceID?, _ token: UInt64, _ scope: PendingWait.Scope
    ) -> Bool {
        var wait: Int?
        for stream in clients[client].liveStreams {
            let state = streams[Int(stream)]
            guard !state.isEmpty, device == nil || state.device == device else { continue }
            let slot = wait ?? takeWait(token, scope)
            wait = slot
            mark(Int(stream), slot)
        }
        return wait != nil
    }

    /// Takes out the failures that a wait of this scope reports, and returns the first.
    private mutating func takeFailure(of scope: PendingWait.Scope) -> OperationFailure? {
        guard !failures.isEmpty else { return nil }
        var first: OperationFailure?
        var index = 0
        while index < failures.count {
            let stream = failures[index].stream
            guard isCovered(stream, by: scope) else {
                index += 1
                continue
            }
            streams[stream].hasFailure = false
            let failure = failures.remove(at: index).failure
            first = first ?? failure
        }
        return first
    }

    private func isCovered(_ stream: Int, by scope: PendingWait.Scope) -> Bool {
        switch scope {
        case .stream(let one): stream == Int(one)
        case .device(let client, let device):
            streams[stream].client == client && streams[stream].device == device
        case .none: false
        }
    }
}
