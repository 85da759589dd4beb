import LinuxIO
import SharedRing
import Synchronization
import Trace
import Wire

/// One thread's ring of an observed program.
// Made by the thread that gives it away, then used by the draining thread alone.
final class ObservedRing: @unchecked Sendable {
    let client: ClientID
    let thread: UInt32
    let consumer: RingConsumer
    /// Records that were lost and told.
    var toldLost: UInt64 = 0
    /// When something was last taken.
    var takenAt: Nanoseconds = 0

    init(client: ClientID, thread: UInt32, consumer: RingConsumer) {
        self.client = client
        self.thread = thread
        self.consumer = consumer
    }
}

/// The rings of observed programs, and the thread that empties them while a recording runs.
///
/// It is not the dispatch loop's work: nothing is decided about these calls, and a loop that is
/// busy must not lose them. A ring is left standing until a packet's worth lies in it, or for a
/// tenth of a second; then a piece of it is copied once and handed to the recording.
final class ObservedRings: Sendable {
    /// What is known of a program.
    struct Totals: Sendable, Equatable {
        /// Calls that were recorded; the others are not seen.
        var calls: UInt64 = 0
        var lost: UInt64 = 0
        var rings = 0
    }

    private enum Order {
        case add(ObservedRing)
        case leave(ClientID, ClientEvent)
        case record(TraceRecorder?, done: Semaphore)
        case end(Semaphore)
    }

    private struct State {
        var orders: [Order] = []
        var totals: [ClientID: Totals] = [:]
    }

    private let state = Mutex(State())
    private let wake = Semaphore()
    private let clock: TickClock
    private let expel: @Sendable (ClientID, RingError) -> Void

    /// Starts the thread. `expel` is told of a program that broke the ring's protocol.
    init(
        clock: TickClock, expel: @escaping @Sendable (ClientID, RingError) -> Void
    ) throws {
        self.clock = clock
        self.expel = expel
        try startThread("flexnpu-observe") { [self] in run() }
    }

    func totals(of client: ClientID) -> Totals {
        state.withLock { $0.totals[client] ?? Totals() }
    }

    /// Takes a new ring over; false where the program has `limit` of them.
    func add(_ ring: ObservedRing, limit: Int) -> Bool {
        state.withLock { state in
            guard state.totals[ring.client, default: Totals()].rings < limit else { return false }
            state.totals[ring.client, default: Totals()].rings += 1
            state.orders.append(.add(ring))
            return true
        }
    }

    /// The program is gone: what its rings still hold is taken, then `event` is told.
    func leave(_ event: ClientEvent) {
        state.withLock { $0.orders.append(.leave(event.client, event)) }
        wake.signal()
    }

    /// From now on what is in the rings goes there, or (nil) nowhere. Returns when what was in them
    /// before is dealt with.
    func record(into recorder: TraceRecorder?) {
        let done = Semaphore()
        state.withLock { $0.orders.append(.record(recorder, done: done)) }
        wake.signal()
        done.wait()
    }

    /// Ends the thread, after all that was ordered before.
    func end() {
        let done = Semaphore()
        state.withLock { $0.orders.append(.end(done)) }
        wake.signal()
        done.wait()
    }

    // MARK: The draining thread

    private func run() {
        var drain = ObservedDrain(clock: clock)
        while true {
            let orders = state.withLock { state in
                defer { state.orders.removeAll(keepingCapacity: true) }
                return state.orders
            }
            for order in orders {
                if obey(order, &drain) { return }
            }
            let taken = drain.pass(force: false)
            report(&drain)
            guard taken < ObservedDrain.muchWords else { continue }
            _ = wake.wait(milliseconds: drain.waitMilliseconds)
        }
    }

    /// True: that was the last.
    private func obey(_ order: Order, _ drain: inout ObservedDrain) -> Bool {
        switch order {
        case .add(let ring): drain.rings.append(ring)
        case .leave(let client, let event):
            drain.leave(client)
            report(&drain)
            drain.recorder?.append(.client(event), client: client)
            state.withLock { $0.totals[client] = nil }
        case .record(let recorder, let done):
            drain.record(into: recorder)
            report(&drain)
            done.signal()
        case .end(let done):
            drain.record(into: nil)
            done.signal()
            return true
        }
        return false
    }

    private func report(_ drain: inout ObservedDrain) {
        for (client, error) in drain.violations { expel(client, error) }
        drain.violations.removeAll()
        guard !drain.changes.isEmpty else { return }
        let changes = drain.changes
        drain.changes.removeAll(keepingCapacity: true)
        state.withLock { state in
            for change in changes {
                state.totals[change.client]?.calls += change.calls
                state.totals[change.client]?.lost += change.lost
                state.totals[change.client]?.rings -= change.ringsGone
            }
        }
    }
}
