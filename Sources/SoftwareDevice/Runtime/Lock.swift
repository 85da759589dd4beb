import Glibc

/// A mutex of the C library: the software device waits on conditions, which Synchronization.Mutex
/// cannot.
// Safe: the C library's mutex is private, made once and destroyed with this object.
@safe final class Lock: @unchecked Sendable {  // it is what makes others safe
    fileprivate let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
        var attributes = pthread_mutexattr_t()
        unsafe pthread_mutexattr_init(&attributes)
        // Held for a few hundred nanoseconds: spinning a little is cheaper than a sleep.
        unsafe pthread_mutexattr_settype(&attributes, CInt(PTHREAD_MUTEX_ADAPTIVE_NP))
        unsafe pthread_mutex_init(mutex, &attributes)
        unsafe pthread_mutexattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    @inline(always) func lock() { unsafe pthread_mutex_lock(mutex) }
    @inline(always) func unlock() { unsafe pthread_mutex_unlock(mutex) }

    @inline(always)
    func withLock<Value>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        lock()
        defer { unlock() }
        return try body()
    }

    @inline(always)
    func withLock<Value>(_ body: () -> Value) -> Value {
        lock()
        defer { unlock() }
        return body()
    }
}

/// Something that threads wait for while they hold a lock.
// Safe: the C library's condition is private, made once and destroyed with this object.
@safe final class Condition: @unchecked Sendable {  // used under its lock
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let lock: Lock
    private var waiterCount = 0

    init(_ lock: Lock) {
        self.lock = lock
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe condition.deallocate()
    }

    /// Waits until it is announced, or until `deadline`; false where the deadline came first.
    func wait(until deadline: Deadline) -> Bool {
        waiterCount += 1
        defer { waiterCount -= 1 }
        // A thread that were cancelled here would take the lock with it.
        var cancelState: CInt = 0
        unsafe pthread_setcancelstate(CInt(PTHREAD_CANCEL_DISABLE), &cancelState)
        defer { pthread_setcancelstate(cancelState, nil) }
        guard let time = deadline.time else {
            unsafe pthread_cond_wait(condition, lock.mutex)
            return true
        }
        var spec = timespec(
            tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        return unsafe pthread_cond_timedwait(condition, lock.mutex, &spec) != ETIMEDOUT
    }

    /// Wakes all who wait; costs nothing when nobody does.
    @inline(always)
    func announce() {
        if waiterCount > 0 { unsafe pthread_cond_broadcast(condition) }
    }
}

/// The latest moment a wait may last to, on the monotonic clock; no time means for ever.
struct Deadline {
    let time: UInt64?

    static let never = Deadline(time: nil)

    private init(time: UInt64?) { self.time = time }

    /// AscendCL's timeouts: -1 waits for ever, 0 asks once.
    init(milliseconds: Int32) throws(Failure) {
        guard milliseconds >= -1 else {
            throw .invalid("timeout \(milliseconds) is neither -1 nor a number of milliseconds")
        }
        time =
            milliseconds < 0
            ? nil : MonotonicClock.nanoseconds() + UInt64(milliseconds) * 1_000_000
    }

    init(seconds: UInt64) {
        time = MonotonicClock.nanoseconds() + seconds * 1_000_000_000
    }

    /// This one, or `other` where that comes first.
    func earlier(than other: UInt64?) -> Deadline {
        guard let other else { return self }
        return Deadline(time: min(time ?? other, other))
    }

    var isPast: Bool {
        guard let time else { return false }
        return MonotonicClock.nanoseconds() >= time
    }
}
