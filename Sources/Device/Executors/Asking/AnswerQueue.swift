import Synchronization
import Wire

/// Answers of all lanes, on their way to the loop.
final class AnswerQueue: Sendable {
    private struct Waiting {
        var answers: [DeviceCompletion] = []
        var next = 0
    }

    private let waiting = Mutex(Waiting())
    /// How many wait, so that an empty queue costs the loop one load.
    private let count = Atomic<Int>(0)
    private let doorbell: LoopDoorbell

    init(_ doorbell: LoopDoorbell) { self.doorbell = doorbell }

    func append(_ answer: DeviceAnswer, ticket: UInt64) {
        waiting.withLock { $0.answers.append(.answer(ticket: ticket, answer)) }
        count.wrappingAdd(1, ordering: .releasing)
        doorbell.ringIfLoopSleeps()
    }

    func popFirst() -> DeviceCompletion? {
        guard count.load(ordering: .acquiring) > 0 else { return nil }
        count.wrappingSubtract(1, ordering: .relaxed)
        return waiting.withLock { waiting in
            let answer = waiting.answers[waiting.next]
            waiting.next += 1
            if waiting.next == waiting.answers.count {
                waiting.answers.removeAll(keepingCapacity: true)
                waiting.next = 0
            }
            return answer
        }
    }
}
