import CWire
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

    /// Keeps a thread waiting until the scheduler reaches `target`, or answers at once where it has.
    func park(
        _ record: borrowing RecordView, of ring: SessionRing, in session: Session,
        for target: WaitTarget, timeoutMilliseconds: Int64
    ) {
        let now = clock.now()
        let deadline =
            timeoutMilliseconds < 0
            ? nil : now + min(timeoutMilliseconds, 1 << 40) * 1_000_000
        let token = waits.add(
            .thread(
                ring: ring, client: session.id, sequence: record.sequence,
                enteredAt: clock.nanoseconds(ticks: record.enterTicks)),
            deadline: deadline)
        guard let outcome = scheduler.wait(for: target, token: token) else { return }
        waits.remove(token)
        answer(record, of: ring, status: outcome.code, message: outcome.message)
    }

    /// Answers the threads whose point was reached, and those whose time is up.
    func answerWaits() -> Bool {
        var progress = false
        for satisfied in scheduler.takeSatisfied() {
            progress = true
            guard let waiter = waits.remove(satisfied.token) else { continue }
            finish(waiter, status: satisfied.outcome.code, message: satisfied.outcome.message)
        }
        for token in waits.expired(now: clock.now()) {
            scheduler.cancelWait(token: token)
            guard let waiter = waits.remove(token) else { continue }
            finish(waiter, status: FlexStatus.timeout, message: "the wait's time is up")
        }
        return progress
    }

    private func finish(_ waiter: WaitTable.Waiter, status: Int32, message: String) {
        switch waiter {
        case .thread(let ring, _, let sequence, _):
            ring.consumer.answer(sequence: sequence, status: status, words: [], message: message)
        case .release(let body): body(self)
        }
    }

    func queryStream(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let stream = stream(record.stream, of: ring, in: session) else {
            return answer(record, of: ring, status: FlexStatus.invalid, message: "no such stream")
        }
        answer(record, of: ring, status: 0, words: [scheduler.isComplete(stream.id) ? 0 : 1])
    }

    /// [event] → 0 complete, 1 not ready
    func queryEvent(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let event = session.events[record.operand(0)] else {
            return answer(record, of: ring, status: FlexStatus.invalid, message: "no such event")
        }
        answer(record, of: ring, status: 0, words: [scheduler.isComplete(event.id) ? 0 : 1])
    }

    /// [start, end] → bits of a float, milliseconds
    func eventElapsed(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let start = session.events[record.operand(0)],
            let end = session.events[record.operand(1)],
            let first = scheduler.completionTime(of: start.id),
            let last = scheduler.completionTime(of: end.id)
        else {
            return answer(
                record, of: ring, status: FlexStatus.invalid,
                message: "both events must have been recorded and be complete")
        }
        let milliseconds = Float(Double(last - first) / 1e6)
        answer(record, of: ring, status: 0, words: [UInt64(milliseconds.bitPattern)])
    }
}
