import Glibc

/// A system call that failed: what was being done, on what, and the system's reason.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    package var code: Int32
    package var action: String
    package init(_ action: String, code: Int32 = errno) {
        self.code = code
        self.action = action
    }
    package var description: String { unsafe "\(action): \(String(cString: strerror(code)))" }
}

/// Repeats a call that a signal interrupted; throws where it failed.
@discardableResult
func retrying<Result: FixedWidthInteger & SignedInteger>(
    _ action: @autoclosure () -> String, _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw SystemError(action(), code: code) }
    }
}

extension SystemError {
    /// The failures that callers tell apart.
    package enum Kind: Sendable {
        case noSuchFile, denied, exists, noSpace, refused, inUse, timedOut, closed, other
        /// This process, or the system, has no descriptor left.
        case noDescriptors
    }

    package var kind: Kind {
        switch code {
        case ENOENT, ENOTDIR: .noSuchFile
        case EACCES, EPERM: .denied
        case EEXIST: .exists
        case ENOSPC, EDQUOT: .noSpace
        case ECONNREFUSED: .refused
        case EADDRINUSE: .inUse
        case EAGAIN, ETIMEDOUT: .timedOut
        case EPIPE, ECONNRESET: .closed
        case EMFILE, ENFILE: .noDescriptors
        default: .other
        }
    }

    /// The system's text for the code alone.
    package var reason: String { unsafe String(cString: strerror(code)) }
}
