import AscendCL
import CWire
import Device
import LinuxIO
import SharedRing
import Wire

/// What each verb of a record does. One function a verb, in the files `…Verbs.swift` beside this
/// one.
extension DispatchLoop {
    /// Handles a record that lies in `ring`'s private buffer; `record` is valid during the call.
    func handle(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let verb = Int32(record.verb)
        lastAnswer = nil
        guard session.mode == .route || verb == Int32(FX_VERB_CALL) else {
            return observedMark(record, verb, of: ring, in: session)
        }
        if record.function >= UInt16(table.functions.count) { escapes += 1 }
        switch verb {
        case Int32(FX_VERB_CALL): break
        case Int32(FX_VERB_INITIALIZE), Int32(FX_VERB_FINALIZE):
            answer(record, of: ring, status: 0)
        case Int32(FX_VERB_DEVICE_RESET): resetDevice(record, of: ring, in: session)
        case Int32(FX_VERB_CONTEXT_CREATE): createContext(record, of: ring, in: session)
        case Int32(FX_VERB_CONTEXT_DESTROY): destroyContext(record, of: ring, in: session)
        case Int32(FX_VERB_STREAM_CREATE): createStream(record, of: ring, in: session)
        case Int32(FX_VERB_STREAM_DESTROY): destroyStream(record, of: ring, in: session)
        case Int32(FX_VERB_STREAM_ABORT): abortStream(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_CREATE): createEvent(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_DESTROY): destroyEvent(record, in: session)
        case Int32(FX_VERB_MALLOC): allocate(record, of: ring, in: session)
        case Int32(FX_VERB_FREE): free(record, in: session)
        case Int32(FX_VERB_HOST_FREE): freeHost(record, in: session)
        case Int32(FX_VERB_QUERY): query(record, of: ring, in: session)
        case Int32(FX_VERB_SIGNATURE): sign(record, of: ring, in: session)
        case Int32(FX_VERB_KERNEL): enqueueKernel(record, of: ring, in: session)
        case Int32(FX_VERB_COPY): copy(record, of: ring, in: session)
        case Int32(FX_VERB_FILL): fill(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_RECORD): recordEvent(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_WAIT): waitEvent(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_RESET): resetEvent(record, of: ring, in: session)
        case Int32(FX_VERB_WAIT_STREAM): awaitStream(record, of: ring, in: session)
        case Int32(FX_VERB_WAIT_EVENT): awaitEvent(record, of: ring, in: session)
        case Int32(FX_VERB_WAIT_DEVICE): awaitDevice(record, of: ring, in: session)
        case Int32(FX_VERB_QUERY_STREAM): queryStream(record, of: ring, in: session)
        case Int32(FX_VERB_QUERY_EVENT): queryEvent(record, of: ring, in: session)
        case Int32(FX_VERB_EVENT_ELAPSED): eventElapsed(record, of: ring, in: session)
        case Int32(FX_VERB_MARK), Int32(FX_VERB_RANGE_BEGIN),
            Int32(FX_VERB_RANGE_END):
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
        guard record.flags & UInt8(FX_FLAG_ASK) != 0 else { return }
        lastAnswer = status
        if recorder != nil { lastAnsweredAt = clock.now() }
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

    /// Work that cannot be done although its call has returned: the first such is reported by the
    /// stream's next wait.
    func fail(
        _ record: borrowing RecordView, of ring: SessionRing, in session: Session, status: Int32,
        message: String
    ) {
        if record.flags & UInt8(FX_FLAG_ASK) != 0 {
            answer(record, of: ring, status: status, message: message)
        } else if let stream = stream(record.stream, of: ring, in: session) {
            session.hasRefusals = true
            stream.refusal = stream.refusal ?? DeviceError(code: status, message: message)
        }
    }

    private func observedMark(
        _ record: borrowing RecordView, _ verb: Int32, of ring: SessionRing, in session: Session
    ) {
        let marks = Int32(FX_VERB_MARK)...Int32(FX_VERB_RANGE_END)
        if marks.contains(verb) { mark(record, verb, of: ring) }
        traceCall(record, of: ring, in: session)
    }
}

/// AscendCL's error codes as this daemon uses them.
enum FlexStatus {
    static let success: Int32 = 0
    /// Of two events, one was not recorded or is not over.
    static let notComparable: Int32 = 100_000
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
