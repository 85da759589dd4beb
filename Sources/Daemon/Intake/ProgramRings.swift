package import SharedRing
package import Wire

/// One ring of a program: a thread's calls to one device.
package final class ProgramRing {
    package let consumer: RingConsumer
    package let thread: ProgramThread
    package let device: Int32
    /// How far this ring may be read in the pass that is going on.
    fileprivate var limit: UInt64 = 0
    /// The stream of the last record, to save a look-up.
    var lastStream: StreamSlot?
    /// Why a part of the synchronous copy that is going on failed: told by the copy's last part.
    private var copyRefusal: CallRefusal?

    init(consumer: RingConsumer, thread: ProgramThread, device: Int32) {
        self.consumer = consumer
        self.thread = thread
        self.device = device
    }

    /// Keeps the first refusal of a copy's parts.
    func noteCopyRefusal(_ refusal: CallRefusal) { copyRefusal = copyRefusal ?? refusal }

    func takeCopyRefusal() -> CallRefusal? {
        defer { copyRefusal = nil }
        return copyRefusal
    }
}

/// One thread of a program, and what its marks say it is doing.
package final class ProgramThread {
    package let id: UInt32
    /// Open mstx ranges, innermost last.
    private var ranges: [(id: UInt64, phase: Phase?)] = []
    private var pointPhase: Phase?
    /// The phase that the innermost mark names.
    package private(set) var phase: Phase?

    /// A program that opens ranges for ever keeps the newest.
    private static let rangesMax = 1024

    package init(id: UInt32) { self.id = id }

    package func markPoint(_ phase: Phase?) {
        if let phase { pointPhase = phase }
        settlePhase()
    }

    package func beginRange(_ id: UInt64, _ phase: Phase?) {
        if ranges.count >= Self.rangesMax { ranges.removeFirst() }
        ranges.append((id, phase))
        settlePhase()
    }

    package func endRange(_ id: UInt64) {
        if let index = ranges.lastIndex(where: { $0.id == id }) { ranges.remove(at: index) }
        settlePhase()
    }

    private func settlePhase() {
        phase = ranges.last(where: { $0.phase != nil })?.phase ?? pointPhase
    }
}

/// A program's rings, read in the order in which the program made its calls, across its threads.
///
/// One thread may record an event and tell another, which then waits for it; the wait must not be
/// seen first. A thread's record is published before it can tell anybody, so: read every ring's
/// tail, then read them all again. Whatever happened before a record inside the first reading is
/// inside the second. Records are taken by their time stamps as long as they lie inside the first
/// reading.
package struct ProgramRings {
    package private(set) var all: [ProgramRing] = []
    private var isFrozen = false
    private var threads: [UInt32: ProgramThread] = [:]
    private var lostBefore: UInt64 = 0

    package init() {}

    package var count: Int { all.count }
    package var hasRecords: Bool { all.contains(where: \.consumer.hasRecords) }

    /// Records lost in all, rings that have gone included.
    package var lost: UInt64 { all.reduce(lostBefore) { $0 &+ $1.consumer.lost } }

    package mutating func add(_ consumer: RingConsumer, thread: UInt32, device: Int32) {
        let owner = threads[thread] ?? ProgramThread(id: thread)
        threads[thread] = owner
        all.append(ProgramRing(consumer: consumer, thread: owner, device: device))
    }

    /// Begins a pass. False: there is nothing to take.
    package mutating func beginPass() throws(RingError) -> Bool {
        guard !isFrozen else { return all.contains { $0.consumer.position < $0.limit } }
        guard hasRecords else { return false }
        for ring in all { ring.limit = ring.consumer.publishedTail() }
        for ring in all { try ring.consumer.extendView() }
        return true
    }

    /// Passes have what is there now and nothing that comes later: who still writes could do so for
    /// ever.
    package mutating func freeze() throws(RingError) {
        _ = try beginPass()
        isFrozen = true
    }

    /// A ring whose next record, inside the first reading, is of one of these verbs.
    package func ring(before verbs: [UInt8]) -> ProgramRing? {
        all.first { ring in
            guard ring.consumer.position < ring.limit, let verb = ring.consumer.nextVerb() else {
                return false
            }
            return verbs.contains(verb)
        }
    }

    /// Records of one ring that come before those of every other.
    package struct Run {
        package let ring: ProgramRing
        /// The stamp of another ring's first record.
        fileprivate let endTicks: UInt64

        /// Whether there is another record, after one was taken.
        package var hasMore: Bool {
            guard ring.consumer.position < ring.limit, let ticks = ring.consumer.nextTicks() else {
                return false
            }
            return ticks < endTicks
        }
    }

    /// The records that are next, at least one, or nil where none lies inside the first reading.
    package func nextRun() -> Run? {
        if all.count == 1 {
            return all[0].consumer.position < all[0].limit ? Run(ring: all[0], endTicks: .max) : nil
        }
        var first: ProgramRing?
        var (firstTicks, endTicks) = (UInt64.max, UInt64.max)
        for ring in all {
            guard let ticks = ring.consumer.nextTicks() else {
                // What is too short for a record is for its reader to complain about: passed over,
                // it would lie there for ever.
                if ring.consumer.position < ring.limit { return Run(ring: ring, endTicks: 0) }
                continue
            }
            if ticks < firstTicks || first == nil {
                (first, endTicks, firstTicks) = (ring, firstTicks, ticks)
            } else {
                endTicks = min(endTicks, ticks)
            }
        }
        guard let first, first.consumer.position < first.limit else { return nil }
        return Run(ring: first, endTicks: endTicks)
    }

    /// Forgets the stream of each ring's last record: a stream has gone.
    func forgetLastStreams() {
        for ring in all { ring.lastStream = nil }
    }

    /// Lets go of the rings of threads that have ended, once they are empty.
    package mutating func dropFinished() {
        for ring in all where ring.consumer.isFinished && !ring.consumer.hasRecords {
            lostBefore &+= ring.consumer.lost
        }
        all.removeAll { $0.consumer.isFinished && !$0.consumer.hasRecords }
        let alive = Set(all.map(\.thread.id))
        threads = threads.filter { alive.contains($0.key) }
    }
}
