import Foundation
import Glibc
import LinuxIO
import Wire

/// Where a command prints: whether people look at it, and how wide it is.
enum Terminal {
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }
    static var isError: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether to colour: on a terminal, unless NO_COLOR says no.
    static var hasColour: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isOutput && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
    }

    static var columns: Int { terminalColumns() ?? 100 }

    /// Prints to the error output; what of it a terminal would obey is written out.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text.printableLines + "\n").utf8))
    }

    /// Shows how far something is, in place, on a terminal; nothing in a pipe.
    static func progress(_ text: String) {
        guard isError else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K\(text.printable)".utf8))
    }

    /// Prints at once, also into a pipe.
    static func show(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
