import CLinux
import Glibc

/// A doorbell between threads or processes: ring it, and whoever polls the descriptor wakes.
package final class EventFD: Sendable {
    private let descriptor: OwnedDescriptor
    package var rawValue: Int32 { descriptor.rawValue }

    package init() throws(SystemError) {
        descriptor = OwnedDescriptor(adopting: try retrying("eventfd") { cl_eventfd() })
    }

    package func ring() {
        var one: UInt64 = 1
        _ = unsafe write(rawValue, &one, 8)
    }

    /// Takes the ringing away.
    package func drain() {
        var count: UInt64 = 0
        _ = unsafe read(rawValue, &count, 8)
    }
}
