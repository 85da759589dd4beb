package import LinuxIO
import Synchronization

/// Wakes the loop when something is done, and costs next to nothing while the loop is awake.
///
/// Before it sleeps, the loop calls `prepareSleep()`, looks at every `nextCompletion()` once more,
/// and then polls the descriptor. The order matters: an executor publishes first and reads the flag
/// then, so one of the two sees the other.
package final class LoopDoorbell: Sendable {
    private let event: EventFD
    private let isLoopAsleep = Atomic<Bool>(false)

    package init(_ event: EventFD) { self.event = event }

    /// From here on whatever is done rings.
    package func prepareSleep() { isLoopAsleep.store(true, ordering: .sequentiallyConsistent) }

    /// The loop is awake and will look by itself. The descriptor may be rung once more.
    package func finishSleep() { isLoopAsleep.store(false, ordering: .relaxed) }

    /// Called after something was published. Rings once a sleep.
    func ringIfLoopSleeps() {
        // A full barrier between the publication and this load: without it, the load could be done
        // first, see an awake loop, and the loop would sleep on what is published then.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard isLoopAsleep.load(ordering: .relaxed) else { return }
        if isLoopAsleep.exchange(false, ordering: .sequentiallyConsistent) { event.ring() }
    }
}
