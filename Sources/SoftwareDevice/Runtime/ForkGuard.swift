import Glibc
import Synchronization

/// Keeps a forked child off the device: it inherited locks, perhaps held, and no worker thread.
enum ForkGuard {
    private static let forked = Atomic<Bool>(false)
    private static let isArmed: Bool = pthread_atfork(nil, nil, { ForkGuard.markChild() }) == 0

    static var isForkedChild: Bool { forked.load(ordering: .relaxed) }

    /// From the first context on, children of a fork are marked. A child that is forked
    /// before may use the device itself.
    static func arm() {
        _ = isArmed
    }

    private static func markChild() {
        forked.store(true, ordering: .relaxed)
    }

    static func refuse() -> Int32 {
        ThreadState.current.report(
            Failure(
                Status.forkedChild,
                "the software device cannot be used in a forked child; start a new process"))
    }
}
