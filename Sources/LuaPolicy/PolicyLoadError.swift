/// Why a policy did not load. Whatever was live stays so.
package struct PolicyLoadError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done.
    package enum Step: String, Sendable { case compile, run, open, attach, options }

    package var step: Step
    package var file: String
    /// 0 where the fault has no line, such as a missing function.
    package var line: Int
    package var message: String
    package var traceback: String

    package init(step: Step, file: String, line: Int, message: String, traceback: String = "") {
        self.step = step
        self.file = file
        self.line = line
        self.message = message
        self.traceback = traceback
    }

    package var description: String {
        line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)"
    }
}
