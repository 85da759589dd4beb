/// One record of an event: a point in a stream that is reached once.
final class Mark {
    fileprivate(set) var isReached = false
    /// When the device got there.
    fileprivate(set) var nanoseconds: UInt64 = 0
    /// Where the record is among what its chip has to do; nil: no chip knows of it.
    var place: PacedPlace?
    /// Streams that stand still until it is reached.
    fileprivate(set) var waitingStreams: [Stream] = []

    func addWaiting(_ stream: Stream) {
        waitingStreams.append(stream)
    }

    /// Notes that the device got here, and returns the streams that may go on.
    func reach(at time: UInt64) -> [Stream] {
        isReached = true
        nanoseconds = time
        place = nil
        if waitingStreams.isEmpty { return [] }
        defer { waitingStreams = [] }
        return waitingStreams
    }

    /// Makes a mark nobody else refers to ready for the next record.
    fileprivate func renew() {
        isReached = false
        place = nil
    }
}

/// An event: which of its records counts now.
final class Event {
    /// What a query says before the first record.
    let isCompleteUnrecorded: Bool
    /// The latest record; a wait binds to it when the wait is enqueued.
    private(set) var mark: Mark?
    /// Waits for this event that streams have not passed yet.
    var pendingWaitCount = 0

    init(isCompleteUnrecorded: Bool) { self.isCompleteUnrecorded = isCompleteUnrecorded }

    var isComplete: Bool { mark?.isReached ?? isCompleteUnrecorded }

    /// When the device got to the latest record, if it did.
    var reachedNanoseconds: UInt64? {
        guard let mark, mark.isReached else { return nil }
        return mark.nanoseconds
    }

    /// A new record, which takes the place of the one before.
    func record() -> Mark {
        if mark?.isReached == true, isKnownUniquelyReferenced(&mark), let mark {
            // No stream waits for it and no wait is bound to it: it can serve again.
            mark.renew()
            return mark
        }
        let fresh = Mark()
        mark = fresh
        return fresh
    }

    func reset() {
        mark = nil
    }
}
