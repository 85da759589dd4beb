import CLinux

/// Waits for any of several descriptors to have something to read.
package final class Epoll: Sendable {
    private let descriptor: OwnedDescriptor

    package init() throws(SystemError) {
        descriptor = OwnedDescriptor(adopting: try retrying("epoll_create1") { cl_epoll_create() })
    }

    package func add(_ other: Int32, token: UInt64) throws(SystemError) {
        try retrying("epoll_ctl add") { cl_epoll_add(descriptor.rawValue, other, token) }
    }

    package func remove(_ other: Int32) {
        _ = cl_epoll_remove(descriptor.rawValue, other)
    }

    /// Calls `body` with the token of each that is ready; returns after the timeout (nil: none) or
    /// a signal without calling it.
    package func wait(timeoutNanoseconds: Int64?, _ body: (UInt64) throws -> Void) rethrows {
        var tokens = [64 of UInt64](repeating: 0)
        let count = unsafe withUnsafeMutablePointer(to: &tokens) { pointer in
            unsafe pointer.withMemoryRebound(to: UInt64.self, capacity: 64) {
                unsafe cl_epoll_wait(descriptor.rawValue, $0, 64, timeoutNanoseconds ?? -1)
            }
        }
        for index in 0..<max(0, Int(count)) { try body(tokens[index]) }
    }
}
