import CLinux
import Glibc

/// Starts a thread of the system that runs `body` and ends with it.
///
/// Not a task: what runs here blocks, and owns things that belong to one thread.
package func startThread(_ name: String, _ body: @escaping @Sendable () -> Void)
    throws(SystemError)
{
    final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    var thread = pthread_t()
    let start = unsafe Unmanaged.passRetained(Start(name, body))
    let code = unsafe pthread_create(
        &thread, nil,
        { context in
            guard let context = unsafe context else { return nil }
            let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
            unsafe cl_name_thread(start.name)
            start.body()
            return nil
        }, unsafe start.toOpaque())
    guard code == 0 else {
        unsafe start.release()
        throw SystemError("thread \(name)", code: code)
    }
    pthread_detach(thread)
}

/// Lets sleeps of the calling thread end as close to their time as the system can.
package func sleepPrecisely() { _ = cl_timer_slack(1) }

/// A count that a thread waits for.
// The pointer is private, made once and freed once; sem_t is made for several threads.
@safe package final class Semaphore: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    package init() {
        unsafe semaphore = .allocate(capacity: 1)
        unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    package func signal() { unsafe sem_post(semaphore) }

    package func wait() {
        while unsafe sem_wait(semaphore) != 0 {}
    }

    /// Waits at most so long; false when the time is up.
    package func wait(milliseconds: Int) -> Bool {
        var until = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &until)
        let total = until.tv_nsec + milliseconds % 1000 * 1_000_000
        until.tv_sec += milliseconds / 1000 + total / 1_000_000_000
        until.tv_nsec = total % 1_000_000_000
        while unsafe sem_timedwait(semaphore, &until) != 0 {
            if errno == ETIMEDOUT { return false }
        }
        return true
    }
}
