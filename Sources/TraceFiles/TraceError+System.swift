package import LinuxIO
package import Trace

extension TraceError {
    /// A system call's failure, with what a person can do about it.
    package init(_ error: SystemError, file: String) {
        let message = error.reason
        switch error.kind {
        case .noSpace:
            self.init(
                .io, file: file, message,
                remedy: "the disk is full: make room, or record into a folder on another disk")
        case .noSuchFile:
            self.init(.io, file: file, message, remedy: "give a folder that holds a trace")
        case .denied:
            self.init(.io, file: file, message, remedy: "choose a folder that you may use")
        default: self.init(.io, file: file, message)
        }
    }
}
