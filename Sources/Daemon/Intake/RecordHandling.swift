import AscendCL
import CWire
import SharedRing
import Wire

/// From a record to the function of its verb, and from a refusal to the program.
extension DispatchCore: VerbHandler {
    func handle(_ record: RecordView, of ring: ProgramRing, in session: Session) {
        session.calls &+= 1
        lastAnswer = nil
        wasParked = false
        let call = CallContext(
            core: self, session: session, ring: ring,
            function: FunctionID(rawValue: record.function),
            sequence: record.sequence, isAsk: record.flags & UInt8(FX_FLAG_ASK) != 0,
            record: record)
        do throws(CallRefusal) {
            guard try handle(verb: record.verb, call) else {
                throw CallRefusal(
                    AclStatus.runtimeUnsupported,
                    "the daemon knows no verb \(record.verb); it and libflexnpu.so differ")
            }
        } catch {
            refuse(call, error)
        }
        // A program that waits where nobody answers waits for ever.
        if call.isAsk, lastAnswer == nil, !wasParked { answer(call) }
        recordCall(call)
    }

    /// Answers a call whose thread waits; does nothing for one that does not ask.
    func answer(
        _ call: borrowing CallContext, status: Int32 = 0, words: [UInt64] = [], bytes: [UInt8] = []
    ) {
        guard call.isAsk else { return }
        lastAnswer = status
        call.ring.consumer.answer(
            sequence: call.sequence, status: status, words: words, bytes: bytes)
    }

    /// Keeps the call's thread waiting; it is answered later.
    func park(_ call: borrowing CallContext) -> ParkedThread {
        wasParked = true
        return ParkedThread(call, recorded: recorder == nil ? nil : recordedCall(call))
    }

    /// Answers a parked thread.
    func answer(
        _ parked: ParkedThread, status: Int32 = 0, words: [UInt64] = [], bytes: [UInt8] = []
    ) {
        recordAnswer(parked, status: status)
        guard parked.isAsk else { return }
        parked.ring.consumer.answer(
            sequence: parked.sequence, status: status, words: words, bytes: bytes)
    }

    func answer(_ parked: ParkedThread, _ refusal: CallRefusal) {
        answer(parked, status: refusal.code, bytes: Array(refusal.message.utf8))
    }

    /// A call that cannot be carried out. One that does not ask has returned already: the first
    /// such of a stream is reported by the stream's next wait.
    private func refuse(_ call: borrowing CallContext, _ refusal: CallRefusal) {
        let refusal = CallRefusal(refusal.code, "\(name(of: call)): \(refusal.message)")
        freeStagingSlots(of: call.record, in: call.session)
        if call.isAsk {
            answer(call, status: refusal.code, bytes: Array(refusal.message.utf8))
        } else if let stream = call.session.objects.streams[call.record.stream] {
            noteRefusal(refusal, on: stream, in: call.session)
        }
    }

    /// Keeps the first refusal of a stream's work until a wait reports it.
    func noteRefusal(_ refusal: CallRefusal, on stream: StreamSlot, in session: Session) {
        session.hasRefusals = true
        stream.refusal = stream.refusal ?? refusal
    }

    /// Gives back the staging slots of a copy that will not be made, however wrong its operands
    /// are: the program waits for them.
    private func freeStagingSlots(of record: RecordView, in session: Session) {
        guard record.verb == VerbName.copy else { return }
        for end in [0, 2] where record.operand(end) == UInt64(FX_SPACE_STAGING) {
            let slot = record.operand(end + 1) / UInt64(FX_STAGING_SLOT_BYTES)
            if slot < UInt64(FX_STAGING_SLOTS) { session.page.freeSlot(Int(slot)) }
        }
    }

    func name(of call: borrowing CallContext) -> String {
        table[call.function]?.name ?? "call \(call.function.rawValue)"
    }
}
