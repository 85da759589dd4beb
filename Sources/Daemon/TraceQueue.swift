import Synchronization
import Trace
import Wire

/// What the dispatch loop leaves for the trace thread: raw call records and events, in order.
///
/// A record is copied as it lies in the ring (a few dozen bytes); turning it into an event, and
/// that into bytes on disk, is the trace thread's work. When the queue is full, what does not fit
/// is lost and counted, and nobody waits.
final class TraceQueue: Sendable {
    /// A call whose record follows in `words`, from `start`.
    struct RawCall {
        var client: ClientID
        var thread: UInt32
        /// When it returned, or was taken from the ring.
        var time: Nanoseconds
        var durationNanoseconds: Nanoseconds
        var result: Int32
        var start: Int
        var count: Int
    }

    enum Entry {
        case call(RawCall)
        case event(TraceEvent)
    }

    /// Everything since the last take.
    struct Batch {
        var entries: [Entry] = []
        var words: [UInt64] = []
        var lost: [ClientID: UInt64] = [:]
    }

    private struct State {
        var batch = Batch()
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limitWords: Int

    init(limitBytes: Int) { limitWords = limitBytes / 8 }

    /// Adds a call; `record` is a whole `fx_record`.
    func append(_ call: RawCall, record: UnsafeBufferPointer<UInt64>) {
        state.withLock { state in
            guard state.batch.words.count + record.count <= limitWords else {
                state.batch.lost[call.client, default: 0] += 1
                return
            }
            var entry = call
            entry.start = state.batch.words.count
            entry.count = record.count
            state.batch.words.append(contentsOf: record)
            state.batch.entries.append(.call(entry))
        }
    }

    func append(_ event: TraceEvent, client: ClientID? = nil) {
        state.withLock { state in
            guard state.batch.entries.count <= limitWords / 8 else {
                if let client { state.batch.lost[client, default: 0] += 1 }
                return
            }
            state.batch.entries.append(.event(event))
        }
    }

    /// Takes what is there, leaving an empty batch that reuses `spare`'s storage.
    func take(reusing spare: inout Batch) {
        spare.entries.removeAll(keepingCapacity: true)
        spare.words.removeAll(keepingCapacity: true)
        spare.lost.removeAll(keepingCapacity: true)
        state.withLock { swap(&$0.batch, &spare) }
    }
}
