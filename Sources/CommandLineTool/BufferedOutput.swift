import Glibc
import LinuxIO

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
        if isOpen {
            do throws(SystemError) {
                try writeAll(buffer.span, to: STDOUT_FILENO, path: "the output")
            } catch {
                isOpen = false
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
