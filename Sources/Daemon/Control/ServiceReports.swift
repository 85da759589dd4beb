package import LinuxIO
import Synchronization
package import Wire

/// What the service manager hears of the daemon: that it serves, whom, that it lives, that it ends.
///
/// It is told by the control thread, and that the daemon lives only after the loop has answered: a
/// daemon whose loop or whose control thread stands still is one that the watchdog is for.
package final class ServiceReports {
    private let manager: ServiceManager
    private let loop: LoopMailbox
    /// The loop has taken the last heartbeat.
    private let isFelt = Flag()
    private var isAsked = false
    private var nextAt: Nanoseconds = 0
    private var toldStatus = ""

    private final class Flag: Sendable {
        let value = Atomic<Bool>(false)
    }

    /// Nil: no service manager wants to hear.
    package init?(_ manager: ServiceManager?, _ loop: LoopMailbox) {
        guard let manager else { return nil }
        self.manager = manager
        self.loop = loop
    }

    package func tellReady() { manager.tell("READY=1") }

    package func tellStopping() { manager.tell("STOPPING=1", "STATUS=stopping") }

    /// To be called now and then, several times within the watchdog's time.
    package func turn(programs: Int, isDraining: Bool, now: Nanoseconds) {
        let status =
            "\(isDraining ? "draining" : "serving"), \(programs) program\(programs == 1 ? "" : "s")"
        if status != toldStatus {
            manager.tell("STATUS=\(status)")
            toldStatus = status
        }
        guard let watchdog = manager.watchdogNanoseconds else { return }
        if isAsked, isFelt.value.exchange(false, ordering: .acquiring) {
            manager.tell("WATCHDOG=1")
            isAsked = false
        }
        guard !isAsked, now >= nextAt else { return }
        isAsked = true
        nextAt = now + watchdog / 4
        loop.post(Heartbeat { [isFelt] in isFelt.value.store(true, ordering: .releasing) })
    }
}
