import Glibc
import Synchronization

/// Operations that nobody wants any more. The runtime says so, and whoever computes asks between two
/// pieces of its work; what was written by then stays.
package enum Cancellation {
    /// How many threads are to stop, so that asking costs one load.
    private static let requestCount = Atomic<Int>(0)
    private static let threads = Mutex<Set<UInt>>([])

    /// The calling thread, as `request` takes it.
    package static var thisThread: UInt { UInt(pthread_self()) }

    /// Whether the operation that the calling thread computes is to stop.
    @inline(__always)
    static var isRequested: Bool {
        requestCount.load(ordering: .relaxed) != 0 && isRequestedHere
    }

    @inline(never)
    private static var isRequestedHere: Bool {
        let thread = thisThread
        return threads.withLock { $0.contains(thread) }
    }

    /// The operation that `thread` computes now is to stop. Whoever asks for that must know that it
    /// is computing one: a request that comes too late would stop the thread's next operation.
    package static func request(_ thread: UInt) {
        threads.withLock { threads in
            guard threads.insert(thread).inserted else { return }
            requestCount.add(1, ordering: .relaxed)
        }
    }

    /// Whether the operation that the calling thread has just left was told to stop; its next one
    /// is not.
    package static func takeRequest() -> Bool {
        guard requestCount.load(ordering: .relaxed) != 0 else { return false }
        let thread = thisThread
        return threads.withLock { threads in
            guard threads.remove(thread) != nil else { return false }
            requestCount.subtract(1, ordering: .relaxed)
            return true
        }
    }
}

/// The numbers from 0 to `count`, until the work is cancelled: for loops whose length a program
/// chooses.
struct WantedNumbers: Sequence, IteratorProtocol {
    private var following = 0
    private let count: Int

    fileprivate init(count: Int) { self.count = count }

    @inline(__always)
    mutating func next() -> Int? {
        guard following < count, !Cancellation.isRequested else { return nil }
        defer { following &+= 1 }
        return following
    }
}

/// `0..<count`, until the work is cancelled.
@inline(__always)
func wanted(_ count: Int) -> WantedNumbers { WantedNumbers(count: count) }
