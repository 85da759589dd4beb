import Glibc
import Synchronization

/// What an operation found wrong in its data while it ran, such as an index out of bounds. On a
/// chip this is a fault of the kernel; the runtime asks after each operation, on the same thread,
/// and fails the stream.
package enum DeviceFault {
    /// How many threads have a report, so that asking costs one load.
    private static let pending = Atomic<Int>(0)
    private static let reports = Mutex<[UInt: String]>([:])

    /// Keeps a thread's first report until it is taken.
    package static func report(_ found: String) {
        let thread = UInt(pthread_self())
        reports.withLock { reports in
            guard reports[thread] == nil else { return }
            reports[thread] = found
            pending.add(1, ordering: .relaxed)
        }
    }

    /// The calling thread's report, if there is one, and forgets it.
    package static func take() -> String? {
        guard pending.load(ordering: .relaxed) != 0 else { return nil }
        let thread = UInt(pthread_self())
        return reports.withLock { reports in
            guard let found = reports.removeValue(forKey: thread) else { return nil }
            pending.subtract(1, ordering: .relaxed)
            return found
        }
    }
}
