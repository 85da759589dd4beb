/// Something that `policy check` has to say about a policy.
package struct Finding: Sendable, Equatable, CustomStringConvertible {
    /// With an error the policy does not load, or fails when it runs.
    package enum Severity: String, Sendable, Codable { case error, warning }

    package var severity: Severity
    package var file: String
    /// 0 where it is about the file as a whole.
    package var line: Int
    package var message: String
    /// What to do about it.
    package var hint: String?

    package init(
        _ severity: Severity, file: String, line: Int, message: String, hint: String? = nil
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.message = message
        self.hint = hint
    }

    package var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        return "\(place): \(severity.rawValue): \(message)" + (hint.map { "\n    \($0)" } ?? "")
    }
}
