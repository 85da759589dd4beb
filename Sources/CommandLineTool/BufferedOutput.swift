import Glibc

/// Much text to the standard output; ends quietly when the reader has had enough.
final class BufferedOutput {
    private var buffer: [UInt8] = []
    private var isOpen = true

    init() { signal(SIGPIPE, SIG_IGN) }

    /// Adds a line. False: nobody reads any more.
    func line(_ text: String) -> Bool {
        buffer.append(contentsOf: text.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= 1 << 16 { flush() }
        return isOpen
    }

    func flush() {
        var written = 0
        while isOpen, written < buffer.count {
            let count = buffer.withUnsafeBytes {
                write(STDOUT_FILENO, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                isOpen = false
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
