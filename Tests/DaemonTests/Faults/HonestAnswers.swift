import Daemon
import RingDoubles
import Scheduling
import SharedRing
import Wire

/// What an honest program makes of the answers that it gets.
extension HonestProgram {
    /// Takes the answers that have come; one pass may bring several.
    func noticeAnswers() {
        var told: [(Pending, RingProducer.Answer)] = []
        for index in threads.indices {
            let isAnswered =
                double.rings[threads[index].ring].answer.sequence != threads[index].answered
            checkCount(index, isAnswered: isAnswered)
            let answer = double.rings[threads[index].ring].answer
            guard answer.sequence != threads[index].answered else {
                if threads[index].hasTaken, answer.status != Self.taken {
                    problems.append("\(answer.sequence) is answered twice")
                }
                continue
            }
            guard let pending = threads[index].pending, pending.sequence == answer.sequence else {
                problems.append("\(answer.sequence) is answered, which nobody asked")
                continue
            }
            threads[index].answered = answer.sequence
            threads[index].pending = nil
            threads[index].hasTaken = true
            double.rings[threads[index].ring].pretend(status: Self.taken)
            told.append((pending, answer))
        }
        for (pending, answer) in told where answer.status != 0 { noticeFailure(pending, answer) }
        for (pending, answer) in told where answer.status == 0 { noticeSuccess(pending, answer) }
    }

    /// A ring is given one answer an ask.
    private func checkCount(_ index: Int, isAnswered: Bool) {
        guard let given = answersGiven(threads[index].ring) else { return }
        let expected = threads[index].answers + (isAnswered ? 1 : 0)
        if given != expected { problems.append("\(given) answers where \(expected) were asked") }
        threads[index].answers = given
    }

    /// Nil: the daemon has let go of the ring.
    func answersGiven(_ ring: Int) -> UInt64? {
        let daemonsEnd = double.session.rings.all.first { $0.thread.id == UInt32(ring + 1) }
        return daemonsEnd?.consumer.answersGiven
    }

    /// Written over an answer's status when it was taken, so that a second one is seen.
    private static let taken: Int32 = 0x5a5a_5a5a

    private func noticeFailure(_ pending: Pending, _ answer: RingProducer.Answer) {
        let isExpected =
            switch (answer.status, pending.purpose) {
            case (AclStatus.timeout, .wait): pending.mayTimeOut
            case (Self.failureCode, .wait), (Self.failureCode, .destroy): true
            case (Self.refusalCode, _): true
            default: false
            }
        if !isExpected {
            problems.append("\(pending.purpose) got status \(answer.status): \(answer.text)")
        }
        guard case .wait = pending.purpose, answer.status != AclStatus.timeout else { return }
        for index in streams.indices where pending.streams.contains(streams[index].handle) {
            streams[index].owed = []
        }
    }

    private func noticeSuccess(_ pending: Pending, _ answer: RingProducer.Answer) {
        let early = pending.behind.intersection(unfinished)
        if !early.isEmpty {
            problems.append("\(pending.purpose) was over before \(early.sorted())")
        }
        switch pending.purpose {
        case .malloc: blocks.append(answer.words[0])
        case .plan(let slot): plans.insert(slot)
        case .stream(let handle): streams.append(Stream(handle: handle))
        case .wait:
            for stream in streams where pending.streams == [stream.handle] {
                let unsaid = stream.owed.filter(pending.tells.contains)
                if !unsaid.isEmpty { problems.append("nobody was told that \(unsaid) failed") }
            }
        case .destroy, .device, .query: break
        }
    }
}
