import LinuxIO
import Synchronization

/// Messages that other threads leave for the core: it takes them between two passes.
package final class LoopMailbox: Sendable {
    /// The mailbox's token in the loop's epoll set; clients' tokens are their ids, which are 32
    /// bits wide.
    static let token = UInt64.max

    private let letters = Mutex<[any Letter]>([])
    private let hasLetters = Atomic<Bool>(false)
    private let bell: EventFD

    package init() throws { bell = try EventFD() }

    func watch(with epoll: Epoll) throws {
        try epoll.add(bell.rawValue, token: Self.token)
    }

    /// Leaves a message and wakes the loop.
    package func post(_ message: some LoopMessage) { put(Note(message: message)) }

    /// Leaves a message and waits for its answer. Not to be called on the loop itself.
    package func ask<Message: LoopMessage>(_ message: Message) -> Message.Answer {
        let question = Question(message)
        put(question)
        return question.wait()
    }

    private func put(_ letter: any Letter) {
        letters.withLock { $0.append(letter) }
        hasLetters.store(true, ordering: .releasing)
        bell.ring()
    }

    /// Wakes the loop without a message.
    func wake() { bell.ring() }

    /// Gives the core what is there, on the loop's thread. Returns whether there was anything.
    @discardableResult
    package func deliver(to core: DispatchCore) -> Bool {
        guard hasLetters.exchange(false, ordering: .acquiring) else { return false }
        let taken = letters.withLock { letters in
            defer { letters.removeAll() }
            return letters
        }
        for letter in taken { letter.deliver(to: core) }
        return !taken.isEmpty
    }

    /// Takes the ringing away after a sleep.
    func quiet() { bell.drain() }
}

/// A message on its way.
private protocol Letter: Sendable {
    func deliver(to core: DispatchCore)
}

/// One that nobody waits for.
private struct Note<Message: LoopMessage>: Letter {
    let message: Message
    func deliver(to core: DispatchCore) { core.take(message) }
}

/// One whose sender waits for the answer.
private final class Question<Message: LoopMessage>: Letter {
    private let message: Message
    private let answer = Mutex<Message.Answer?>(nil)
    private let given = Semaphore()

    init(_ message: Message) { self.message = message }

    func deliver(to core: DispatchCore) {
        let value = core.take(message)
        answer.withLock { $0 = value }
        given.signal()
    }

    func wait() -> Message.Answer {
        while true {
            given.wait()
            if let value = answer.withLock({ $0 }) { return value }
        }
    }
}
