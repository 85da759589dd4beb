import CWire
import SharedRing
import Wire

/// What each verb of a record does. One function a verb, in the files `…Verbs.swift` beside this one.
extension DispatchLoop {
    /// Handles a record that lies in `ring`'s private buffer; `record` is valid during the call.
    func handle(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let verb = Int32(record.verb)
        guard session.mode == .route || verb == Int32(FX_VERB_CALL.rawValue) else {
            return observedMark(record, verb, of: ring, in: session)
        }
        if record.function >= UInt16(table.functions.count) { escapes += 1 }
        switch verb {
        case Int32(FX_VERB_CALL.rawValue): break
        case Int32(FX_VERB_INITIALIZE.rawValue), Int32(FX_VERB_FINALIZE.rawValue):
            answer(record, of: ring, status: 0)
        case Int32(FX_VERB_DEVICE_RESET.rawValue): resetDevice(record, of: ring, in: session)
        case Int32(FX_VERB_CONTEXT_CREATE.rawValue): createContext(record, of: ring, in: session)
        case Int32(FX_VERB_CONTEXT_DESTROY.rawValue): destroyContext(record, of: ring, in: session)
        case Int32(FX_VERB_STREAM_CREATE.rawValue): createStream(record, of: ring, in: session)
        case Int32(FX_VERB_STREAM_DESTROY.rawValue): destroyStream(record, of: ring, in: session)
        case Int32(FX_VERB_STREAM_ABORT.rawValue): abortStream(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_CREATE.rawValue): createEvent(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_DESTROY.rawValue): destroyEvent(record, in: session)
        case Int32(FX_VERB_MALLOC.rawValue): allocate(record, of: ring, in: session)
        case Int32(FX_VERB_FREE.rawValue): free(record, in: session)
        case Int32(FX_VERB_HOST_FREE.rawValue): freeHost(record, in: session)
        case Int32(FX_VERB_QUERY.rawValue): query(record, of: ring, in: session)
        case Int32(FX_VERB_SIGNATURE.rawValue): sign(record, of: ring, in: session)
        case Int32(FX_VERB_KERNEL.rawValue): enqueueKernel(record, of: ring, in: session)
        case Int32(FX_VERB_COPY.rawValue): copy(record, of: ring, in: session)
        case Int32(FX_VERB_FILL.rawValue): fill(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_RECORD.rawValue): recordEvent(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_WAIT.rawValue): waitEvent(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_RESET.rawValue): resetEvent(record, of: ring, in: session)
        case Int32(FX_VERB_WAIT_STREAM.rawValue): awaitStream(record, of: ring, in: session)
        case Int32(FX_VERB_WAIT_EVENT.rawValue): awaitEvent(record, of: ring, in: session)
        case Int32(FX_VERB_WAIT_DEVICE.rawValue): awaitDevice(record, of: ring, in: session)
        case Int32(FX_VERB_QUERY_STREAM.rawValue): queryStream(record, of: ring, in: session)
        case Int32(FX_VERB_QUERY_EVENT.rawValue): queryEvent(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_ELAPSED.rawValue): eventElapsed(record, of: ring, in: session)
        case Int32(FX_VERB_MARK.rawValue), Int32(FX_VERB_RANGE_BEGIN.rawValue),
            Int32(FX_VERB_RANGE_END.rawValue):
            mark(record, verb, of: ring)
        default:
            escapes += 1
            answer(
                record, of: ring, status: FlexStatus.unsupported,
                message: "the daemon knows no verb \(verb); it and libflexnpu.so differ in version")
        }
        traceCall(record, of: ring, in: session)
    }

    /// Answers a record whose thread waits; does nothing for one that does not ask.
    func answer(
        _ record: borrowing RecordView, of ring: SessionRing, status: Int32, words: [UInt64] = [],
        message: String = ""
    ) {
        guard record.flags & UInt8(FX_FLAG_ASK.rawValue) != 0 else { return }
        ring.consumer.answer(
            sequence: record.sequence, status: status, words: words, message: message)
    }

    /// The stream of a record, or nil where the client has none of that handle.
    func stream(_ handle: UInt64, of ring: SessionRing, in session: Session) -> StreamSlot? {
        if let last = ring.lastStream, last.handle == handle { return last }
        let found = session.streams[handle]
        ring.lastStream = found
        return found
    }

    /// Work that cannot be done although its call has returned: the stream's next wait reports it.
    func fail(
        _ record: borrowing RecordView, of ring: SessionRing, in session: Session, status: Int32,
        message: String
    ) {
        if record.flags & UInt8(FX_FLAG_ASK.rawValue) != 0 {
            answer(record, of: ring, status: status, message: message)
        } else if let stream = stream(record.stream, of: ring, in: session) {
            scheduler.fail(stream.id, code: status, message: message)
        }
    }

    private func observedMark(
        _ record: borrowing RecordView, _ verb: Int32, of ring: SessionRing, in session: Session
    ) {
        let marks = Int32(FX_VERB_MARK.rawValue)...Int32(FX_VERB_RANGE_END.rawValue)
        if marks.contains(verb) { mark(record, verb, of: ring) }
        traceCall(record, of: ring, in: session)
    }
}

/// AscendCL's error codes as this daemon uses them.
enum FlexStatus {
    static let success: Int32 = 0
    static let invalid: Int32 = 107_000
    static let invalidDevice: Int32 = 107_001
    static let outOfMemory: Int32 = 207_001
    static let unsupported: Int32 = 207_000
    static let limit: Int32 = 207_018
    static let badAddress: Int32 = 507_015
    static let timeout: Int32 = 507_046
    static let driver: Int32 = 507_899
    static let operatorInvalid: Int32 = 161_002
    static let operatorInternal: Int32 = 561_000
}
