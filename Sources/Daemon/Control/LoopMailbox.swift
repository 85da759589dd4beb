import LinuxIO
import Synchronization

/// Work that other threads leave for the dispatch loop: it runs between two passes.
final class LoopMailbox: Sendable {
    typealias Job = @Sendable (DispatchCore) -> Void

    /// The mailbox's token in the loop's epoll set; clients' tokens are their ids, which are 32
    /// bits wide.
    static let token = UInt64.max

    private let jobs = Mutex<[Job]>([])
    private let hasJobs = Atomic<Bool>(false)
    private let bell: EventFD

    init() throws { bell = try EventFD() }

    func watch(with epoll: Epoll) throws {
        try epoll.add(bell.rawValue, token: Self.token)
    }

    /// Leaves a job and wakes the loop.
    func post(_ job: @escaping Job) {
        jobs.withLock { $0.append(job) }
        hasJobs.store(true, ordering: .releasing)
        bell.ring()
    }

    /// Wakes the loop without a job.
    func wake() { bell.ring() }

    /// Runs what is there, on the loop's thread. Returns whether there was anything.
    func run(on core: DispatchCore) -> Bool {
        guard hasJobs.exchange(false, ordering: .acquiring) else { return false }
        let taken = jobs.withLock { jobs in
            defer { jobs.removeAll() }
            return jobs
        }
        for job in taken { job(core) }
        return !taken.isEmpty
    }

    /// Takes the ringing away after a sleep.
    func quiet() { bell.drain() }

    /// Runs `body` on the loop and waits for what it returns. Not to be called on the loop itself.
    func ask<Answer: Sendable>(_ body: @escaping @Sendable (DispatchCore) -> Answer) -> Answer {
        let box = AnswerBox<Answer>()
        post { core in box.fill(body(core)) }
        return box.wait()
    }
}

/// One answer that one thread waits for and another gives.
private final class AnswerBox<Answer: Sendable>: Sendable {
    private let answer = Mutex<Answer?>(nil)
    private let given = Semaphore()

    func fill(_ value: Answer) {
        answer.withLock { $0 = value }
        given.signal()
    }

    func wait() -> Answer {
        while true {
            given.wait()
            if let value = answer.withLock({ $0 }) { return value }
        }
    }
}
