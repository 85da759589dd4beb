import CLinux
import Glibc
import Synchronization

/// Lets this process open as many descriptors as the system allows it. Returns how many that are;
/// nil where the system does not say.
@discardableResult
package func raiseDescriptorLimit() -> Int? {
    let limit = cl_raise_descriptor_limit()
    return limit > 0 ? limit : nil
}

/// A descriptor that is kept for the moment when there is none left: given up, it makes room for
/// one connection, which can be told why it is not served.
package final class SpareDescriptor: Sendable {
    private let raw: Atomic<Int32>

    package init() throws(SystemError) { raw = Atomic(try Self.open()) }

    deinit { giveUp() }

    /// Runs `body` with one descriptor more to be had, and takes it again afterwards: what `body`
    /// opens, it closes.
    package func lend<Result>(_ body: () throws(SystemError) -> Result) throws(SystemError)
        -> Result
    {
        giveUp()
        defer { if let new = try? Self.open() { raw.store(new, ordering: .releasing) } }
        return try body()
    }

    private func giveUp() {
        let old = raw.exchange(-1, ordering: .acquiringAndReleasing)
        if old >= 0 { close(old) }
    }

    private static func open() throws(SystemError) -> Int32 {
        try Paths.openNothing().release()
    }
}
