import SharedRing
import Synchronization
import Trace
import Wire

/// What is left for the trace thread, in order: routed calls with their records, pieces of the
/// rings of observed programs, and events.
///
/// Records are copied as they lie in the ring (a few dozen bytes each); making packets of them is
/// the trace thread's work. When the queue is full, a routed call that does not fit is lost and
/// counted, and nobody waits; a piece stays in its ring.
final class TraceQueue: Sendable {
    /// A call whose record follows in `words`, from `start`.
    struct RawCall {
        var call: RecordedCall
        var isKernel = false
        var start = 0
        var count = 0
    }

    enum Entry {
        case call(RawCall)
        case piece(RecordPiece)
        case event(TraceEvent)
        /// A piece that is with the writer.
        case taken
    }

    /// Everything since the last take.
    struct Batch {
        var entries: [Entry] = []
        var words: [UInt64] = []
        var pieceWords = 0
        var lost: [ClientID: UInt64] = [:]

        var bytes: Int { (words.count + pieceWords) * 8 + entries.count * 128 }
    }

    private struct State {
        var batch = Batch()
        /// Buffers of pieces that were written.
        var spare: [[UInt64]] = []
    }

    private let state = Mutex(State())
    private let limitWords: Int
    /// Buffers that are kept for later pieces.
    private static let spareLimit = 16

    init(limitBytes: Int) { limitWords = limitBytes / 8 }

    /// Adds a call with its record.
    func append(_ call: RecordedCall, record: RecordView) {
        append(call, verb: record.verb, count: record.totalWords) { record.appendAll(to: &$0) }
    }

    /// Adds a call whose record was kept until now.
    func append(_ call: RecordedCall, record: RecordCopy) {
        append(call, verb: record.verb, count: record.words.count) {
            $0.append(contentsOf: record.words)
        }
    }

    private func append(
        _ call: RecordedCall, verb: UInt8, count: Int, _ copy: (inout [UInt64]) -> Void
    ) {
        state.withLock { state in
            guard state.batch.words.count + count <= limitWords else {
                state.batch.lost[call.client, default: 0] += 1
                return
            }
            let start = state.batch.words.count
            let entry = RawCall(
                call: call, isKernel: verb == VerbName.kernel, start: start, count: count)
            copy(&state.batch.words)
            state.batch.entries.append(.call(entry))
        }
    }

    func append(_ event: TraceEvent, client: ClientID? = nil) {
        state.withLock { state in
            guard state.batch.entries.count <= limitWords / 8 else {
                var count: UInt64 = 1
                if case .lost(let lost) = event { count = lost.count }
                if let client { state.batch.lost[client, default: 0] += count }
                return
            }
            state.batch.entries.append(.event(event))
        }
    }

    /// A buffer of `words` for a piece, or nil while the queue is full.
    func takeBuffer(words: Int) -> [UInt64]? {
        let found = state.withLock { state -> [UInt64]?? in
            guard state.batch.pieceWords + words <= limitWords else { return .some(nil) }
            return state.spare.popLast().map { .some($0) }
        }
        if let found { return found }
        return [UInt64](repeating: 0, count: words)
    }

    /// Adds a piece. True when the trace thread should not wait any longer.
    func append(_ piece: RecordPiece) -> Bool {
        state.withLock { state in
            state.batch.pieceWords += piece.words.count
            state.batch.entries.append(.piece(piece))
            return state.batch.pieceWords > limitWords / 8
        }
    }

    /// A piece's buffer that is not needed any more.
    func giveBack(_ buffer: [UInt64]) {
        state.withLock { state in
            if state.spare.count < Self.spareLimit { state.spare.append(buffer) }
        }
    }

    /// Takes what is there, leaving an empty batch that reuses `spare`'s storage.
    func take(reusing spare: inout Batch) {
        spare.entries.removeAll(keepingCapacity: true)
        spare.words.removeAll(keepingCapacity: true)
        spare.lost.removeAll(keepingCapacity: true)
        spare.pieceWords = 0
        state.withLock { swap(&$0.batch, &spare) }
    }
}
