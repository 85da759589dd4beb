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
package func writeAll(_ bytes: Span<UInt8>, to descriptor: Int32, path: String)
    throws(SystemError)
{
    // Bytes have no padding between them that would be written without having been set.
    try writeAll(unsafe bytes.bytes, to: descriptor, path: path)
}

func writeAll(_ bytes: RawSpan, to descriptor: Int32, path: String) throws(SystemError) {
    var written = 0
    while written < bytes.byteCount {
        let rest = bytes.extracting(droppingFirst: written)
        written += try retrying("\(path): write") {
            unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        }
    }
}
