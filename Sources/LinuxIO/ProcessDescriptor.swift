import CLinux

/// A process by a descriptor, which can be watched: readable means that the process has ended. It
/// names that process alone, however soon its number is given to another.
package final class ProcessDescriptor: Sendable {
    private let descriptor: OwnedDescriptor
    package var rawValue: Int32 { descriptor.rawValue }

    /// Nil where there is no such process (any more), or it is not seen from here.
    package init?(pid: Int32) {
        guard pid > 0 else { return nil }
        let raw = cl_pidfd_open(pid)
        guard raw >= 0 else { return nil }
        descriptor = OwnedDescriptor(adopting: raw)
    }
}

/// The state of a process as the system's one letter: R runs, S and D wait, T is stopped, Z has
/// ended. Nil where there is no such process, or it is not seen from here.
package func processState(_ pid: Int32) -> Character? {
    guard let bytes = try? readFile("/proc/\(pid)/stat") else { return nil }
    // The name before it may hold anything, parentheses too.
    guard let end = bytes.lastIndex(of: UInt8(ascii: ")")), end + 2 < bytes.count else {
        return nil
    }
    return Character(Unicode.Scalar(bytes[end + 2]))
}
