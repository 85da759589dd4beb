import Scheduling
import Wire

/// Waits and questions about points of the order.
extension DispatchCore {
    func waitStream(_ operands: WaitStreamOperands, _ call: borrowing CallContext) {
        wait(call, for: .stream(operands.stream.id), timeoutMilliseconds: operands.timeout)
    }

    func waitEvent(_ operands: WaitEventOperands, _ call: borrowing CallContext) {
        wait(
            call, for: .event(operands.event.id, number: operands.number),
            timeoutMilliseconds: operands.timeout)
    }

    func waitDevice(_ operands: WaitDeviceOperands, _ call: borrowing CallContext) {
        wait(
            call, for: .device(call.session.id, operands.device),
            timeoutMilliseconds: operands.timeout)
    }

    /// Keeps a thread waiting until the scheduler reaches `target`, or answers at once where it
    /// has.
    /// No timeout: for as long as it takes.
    func wait(_ call: borrowing CallContext, for target: WaitTarget, timeoutMilliseconds: Int64?) {
        wait(park(call), for: target, timeoutMilliseconds: timeoutMilliseconds)
    }

    func wait(_ parked: ParkedThread, for target: WaitTarget, timeoutMilliseconds: Int64?) {
        let refusal = takeRefusal(target, in: parked.session)
        let deadline = timeoutMilliseconds.map { now + $0 * 1_000_000 }
        let waiter = Waiter.thread(parked, refusal: refusal)
        let token = waits.add(waiter, deadline: deadline)
        do {
            guard case .satisfied(let failure) = try scheduler.wait(for: target, token: token)
            else { return }
            waits.remove(token)
            finish(waiter, failure.map { CallRefusal($0.code, $0.message) })
        } catch {
            waits.remove(token)
            finish(waiter, CallRefusal(AclStatus.invalidParameter, "\(error)"))
        }
    }

    /// The first refusal of the streams that a wait is about; it is reported once.
    private func takeRefusal(_ target: WaitTarget, in session: Session) -> TakenRefusal? {
        guard session.hasRefusals else { return nil }
        let stream = session.objects.streams.objects.first { stream in
            guard stream.refusal != nil else { return false }
            switch target {
            case .stream(let id): return stream.id == id
            case .device(_, let device): return stream.device == device.rawValue
            case .event: return false
            }
        }
        guard let stream, let refusal = stream.refusal else { return nil }
        stream.refusal = nil
        return TakenRefusal(stream: stream, refusal: refusal)
    }

    /// Answers the threads whose point was reached, and those whose time is up.
    func answerWaits() -> Bool {
        var progress = false
        while let satisfied = scheduler.nextSatisfied() {
            progress = true
            guard let waiter = waits.remove(satisfied.token) else { continue }
            finish(waiter, satisfied.failure.map { CallRefusal($0.code, $0.message) })
        }
        for token in waits.expired(now: now) {
            progress = true
            scheduler.cancelWait(token: token)
            guard let waiter = waits.remove(token) else { continue }
            finish(waiter, CallRefusal(AclStatus.timeout, "the wait's time is up"))
        }
        return progress
    }

    private func finish(_ waiter: Waiter, _ failure: CallRefusal?) {
        switch waiter {
        case .thread(let parked, let refusal):
            guard let failure else {
                return refusal.map { answer(parked, $0.refusal) } ?? answer(parked)
            }
            // What the wait does not tell, as its time is up or for another failure, the next does.
            if let refusal { noteRefusal(refusal.refusal, on: refusal.stream, in: parked.session) }
            answer(parked, failure)
        case .release(let release): perform(release)
        }
    }

    // MARK: Questions

    func queryStream(_ operands: QueryStreamOperands, _ call: borrowing CallContext) {
        let isBusy = (try? scheduler.isComplete(operands.stream.id)) == false
        answer(call, words: QueryStreamReply(incomplete: isBusy ? 1 : 0).words)
    }

    func queryEvent(_ operands: QueryEventOperands, _ call: borrowing CallContext) {
        let event = operands.event
        let isComplete =
            switch scheduler.status(of: event.id, number: operands.number) {
            case .complete: true
            case .pending: false
            case .unrecorded: event.startsComplete
            }
        answer(call, words: QueryEventReply(incomplete: isComplete ? 0 : 1).words)
    }

    func eventElapsed(_ operands: EventElapsedOperands, _ call: borrowing CallContext)
        throws(CallRefusal)
    {
        guard let times = scheduler.eventTimes(operands.start.id, operands.end.id) else {
            throw CallRefusal(
                AclStatus.notComparable,
                "both events must have been recorded and be complete")
        }
        let span = time.hostSpan(times.end - times.start)
        let milliseconds = Float(Double(span) / 1e6)
        answer(
            call, words: EventElapsedReply(milliseconds: UInt64(milliseconds.bitPattern)).words)
    }
}
