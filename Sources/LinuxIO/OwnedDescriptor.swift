import Glibc

/// A file descriptor with one owner; closed when the owner goes.
package struct OwnedDescriptor: ~Copyable, Sendable {
    package let rawValue: Int32
    package init(adopting rawValue: Int32) { self.rawValue = rawValue }
    deinit { _ = Glibc.close(rawValue) }
    /// Gives up the ownership: the caller closes it.
    package consuming func release() -> Int32 {
        let raw = rawValue
        discard self
        return raw
    }
}

/// Writes all of `bytes`; a full disk or a closed pipe is an error that names `path`.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String)
    throws(SystemError)
{
    var written = 0
    while written < bytes.count {
        written += try retrying("\(path): write") {
            write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        }
    }
}
