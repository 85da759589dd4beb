import Synchronization

/// Aborts on their way to a device's thread, which may be inside a launch for as long as the operation
/// takes: what the loop does about them itself meanwhile.
// Safe: the library's handles are opaque; nothing reads through them here.
@safe final class AbortRequests: Sendable {
    private let cancel: OptionalRuntimeCalls.OneHandle?
    private let tables: DeviceTables
    private let count = Atomic<Int>(0)
    /// How many aborts of each stream the thread has not come to.
    private let waiting = Mutex<[UInt32: Int]>([:])

    /// `cancel` stops what a stream computes; nil where a launch returns before its operation ends.
    init(_ tables: DeviceTables, cancel: OptionalRuntimeCalls.OneHandle?) {
        self.tables = tables
        unsafe self.cancel = unsafe cancel
    }

    var isEmpty: Bool { count.load(ordering: .acquiring) == 0 }

    /// Called before the command is on its way.
    func add(_ stream: UInt32) {
        waiting.withLock { $0[stream, default: 0] += 1 }
        count.add(1, ordering: .releasing)
        cancelRunning()
    }

    /// The thread has come to the command.
    func remove(_ stream: UInt32) {
        let isKnown = waiting.withLock { waiting in
            guard let left = waiting[stream] else { return false }
            waiting[stream] = left == 1 ? nil : left - 1
            return true
        }
        if isKnown { count.subtract(1, ordering: .releasing) }
    }

    /// Whether what comes for the stream before its abort is not to begin.
    func contains(_ stream: UInt32) -> Bool {
        !isEmpty && waiting.withLock { $0[stream] != nil }
    }

    /// Stops what streams compute that are to be aborted. Again and again until the thread has come to
    /// the commands: it may have begun an operation just before it could see them.
    func cancelRunning() {
        guard let cancel = unsafe cancel, !isEmpty else { return }
        for stream in waiting.withLock({ Array($0.keys) }) {
            guard let entry = tables.stream(stream) else { continue }
            _ = unsafe cancel(entry.handle)
        }
    }
}
