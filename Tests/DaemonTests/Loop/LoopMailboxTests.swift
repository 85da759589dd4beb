import Daemon
import LinuxIO
import Synchronization
import Testing

/// Messages of other threads reach the core in order, each once, and whoever asks gets his answer.
@Suite struct LoopMailboxTests {
    /// Answers what it was sent, and notes that it was taken.
    private struct Echo: LoopMessage {
        var number: Int
        var taken: TakenNumbers
        func take(by core: DispatchCore) -> Int {
            taken.numbers.withLock { $0.append(number) }
            return number
        }
    }

    private final class TakenNumbers: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    @Test func `what is posted is taken once, in order`() throws {
        let (bench, mailbox, taken) = (CoreBench(), try LoopMailbox(), TakenNumbers())
        #expect(!mailbox.deliver(to: bench.core))
        for number in 0..<5 { mailbox.post(Echo(number: number, taken: taken)) }
        #expect(mailbox.deliver(to: bench.core))
        #expect(!mailbox.deliver(to: bench.core))
        #expect(taken.numbers.withLock { $0 } == [0, 1, 2, 3, 4])
    }

    @Test func `each of many threads gets the answers to its own questions`() throws {
        let (bench, mailbox, taken) = (CoreBench(), try LoopMailbox(), TakenNumbers())
        let (threads, questions) = (4, 500)
        let (done, right) = (Semaphore(), SharedCount())
        for thread in 0..<threads {
            try startThread("asks") {
                for number in 0..<questions {
                    let sent = thread * questions + number
                    if mailbox.ask(Echo(number: sent, taken: taken)) == sent { right.add() }
                }
                done.signal()
            }
        }
        while taken.numbers.withLock(\.count) < threads * questions {
            mailbox.deliver(to: bench.core)
        }
        for _ in 0..<threads { done.wait() }
        #expect(right.value == threads * questions)
        let order = taken.numbers.withLock { $0 }
        for thread in 0..<threads {
            let own = order.filter { $0 / questions == thread }
            #expect(own == own.sorted(), "a thread's questions are taken in its order")
        }
    }

    private final class SharedCount: Sendable {
        private let count = Atomic<Int>(0)
        func add() { count.wrappingAdd(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }
}
