import CWire
import Device
import LinuxIO
import Scheduling
import SharedRing
import Wire

/// Waits and questions.
extension DispatchLoop {
    /// [timeout ms or −1]
    func awaitStream(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let stream = stream(record.stream, of: ring, in: session) else {
            return answer(record, of: ring, status: FlexStatus.invalid, message: "no such stream")
        }
        park(
            record, of: ring, in: session, for: .stream(stream.id),
            timeoutMilliseconds: Int64(bitPattern: record.operand(0)))
    }

    /// [event, timeout ms or −1]
    func awaitEvent(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let event = session.events[record.operand(0)] else {
            return answer(record, of: ring, status: FlexStatus.invalid, message: "no such event")
        }
        park(
            record, of: ring, in: session, for: .event(event.id),
            timeoutMilliseconds: Int64(bitPattern: record.operand(1)))
    }

    /// [device, timeout ms or −1]
    func awaitDevice(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let device = DeviceID(rawValue: Int32(truncatingIfNeeded: record.operand(0)))
        park(
            record, of: ring, in: session, for: .device(session.id, device),
            timeoutMilliseconds: Int64(bitPattern: record.operand(1)))
    }

    /// Keeps a thread waiting until the scheduler reaches `target`, or answers at once where it
    /// has.
    func park(
        _ record: borrowing RecordView, of ring: SessionRing, in session: Session,
        for target: WaitTarget, timeoutMilliseconds: Int64
    ) {
        let refusal = takeRefusal(target, in: session)
        let now = clock.now()
        let deadline =
            timeoutMilliseconds < 0
            ? nil : now + min(timeoutMilliseconds, 1 << 40) * 1_000_000
        let token = waits.add(
            .thread(
                ring: ring, client: session.id, sequence: record.sequence, refusal: refusal),
            deadline: deadline)
        do {
            guard case .satisfied(let failure) = try scheduler.wait(for: target, token: token)
            else {
                return
            }
            waits.remove(token)
            answer(
                record, of: ring, status: failure?.code ?? refusal?.code ?? 0,
                message: failure?.message ?? refusal?.message ?? "")
        } catch {
            waits.remove(token)
            answer(record, of: ring, status: FlexStatus.invalid, message: "\(error)")
        }
    }

    /// The first refusal of the streams that a wait is about; it is reported once.
    private func takeRefusal(_ target: WaitTarget, in session: Session) -> DeviceError? {
        guard session.hasRefusals else { return nil }
        let stream = session.streams.objects.first { stream in
            guard stream.refusal != nil else { return false }
            switch target {
            case .stream(let id): return stream.id == id
            case .device(_, let device): return stream.device == device.rawValue
            case .event: return false
            }
        }
        defer { stream?.refusal = nil }
        return stream?.refusal
    }

    /// Answers the threads whose point was reached, and those whose time is up.
    func answerWaits() -> Bool {
        var progress = false
        while let satisfied = scheduler.nextSatisfied() {
            progress = true
            guard let waiting = waits.remove(satisfied.token) else { continue }
            finish(
                waiting, status: satisfied.failure?.code ?? 0,
                message: satisfied.failure?.message ?? "")
        }
        for token in waits.expired(now: clock.now()) {
            scheduler.cancelWait(token: token)
            guard let waiting = waits.remove(token) else { continue }
            finish(waiting, status: FlexStatus.timeout, message: "the wait's time is up")
        }
        return progress
    }

    private func finish(
        _ waiting: (waiter: WaitTable.Waiter, parked: WaitTable.ParkedCall?), status: Int32,
        message: String
    ) {
        switch waiting.waiter {
        case .thread(let ring, _, let sequence, let refusal):
            let final = status == 0 ? refusal?.code ?? 0 : status
            if let parked = waiting.parked { traceParked(parked, status: final) }
            ring.consumer.answer(
                sequence: sequence, status: final,
                message: status == 0 ? refusal?.message ?? "" : message)
        case .release(let body): body(self)
        }
    }

    func queryStream(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let stream = stream(record.stream, of: ring, in: session) else {
            return answer(record, of: ring, status: FlexStatus.invalid, message: "no such stream")
        }
        answer(
            record, of: ring, status: 0,
            words: [(try? scheduler.isComplete(stream.id)) == false ? 1 : 0])
    }

    /// [event] → 0 complete, 1 not ready
    func queryEvent(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let event = session.events[record.operand(0)] else {
            return answer(record, of: ring, status: FlexStatus.invalid, message: "no such event")
        }
        let isComplete =
            switch scheduler.status(of: event.id) {
            case .complete: true
            case .pending: false
            case .unrecorded: event.startsComplete
            }
        answer(record, of: ring, status: 0, words: [isComplete ? 0 : 1])
    }

    /// [start, end] → bits of a float, milliseconds
    func eventElapsed(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let start = session.events[record.operand(0)],
            let end = session.events[record.operand(1)]
        else {
            return answer(record, of: ring, status: FlexStatus.invalid, message: "no such event")
        }
        guard let times = scheduler.eventTimes(start.id, end.id) else {
            return answer(
                record, of: ring, status: FlexStatus.notComparable,
                message: "both events must have been recorded and be complete")
        }
        let milliseconds = Float(Double(times.end - times.start) / 1e6)
        answer(record, of: ring, status: 0, words: [UInt64(milliseconds.bitPattern)])
    }
}
