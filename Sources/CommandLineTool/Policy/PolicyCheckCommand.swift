import ArgumentParser
import AscendCL
import Foundation
package import LuaPolicy
import Wire

/// `flexnpu policy check`: what is wrong with a policy, before it is loaded anywhere.
struct PolicyCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check policy files: syntax, names, options, a dry run of each hook.",
        discussion: """
            Needs no daemon.

            Examples:
              flexnpu policy check my-policy.lua
              flexnpu policy check policies/*.lua && echo all good

            Exit code: 0 nothing is wrong (there may be warnings), 1 something is, 2
            a file could not be read.
            """)

    @Argument(help: "Lua files.")
    var files: [String]
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        var findings: [FindingDescription] = []
        for file in files { findings += try check(file) }
        if json {
            print(try JSONOutput.text(findings))
        } else {
            let style = Style(isOn: Terminal.hasColour)
            for line in FindingDescription.lines(findings, files: files.count, style: style) {
                print(line)
            }
        }
        if findings.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    private func check(_ file: String) throws -> [FindingDescription] {
        guard let data = FileManager.default.contents(atPath: file),
            let source = String(data: data, encoding: .utf8)
        else {
            Terminal.note("flexnpu policy check: \(file): cannot be read as text")
            throw ExitCode(2)
        }
        let path = absolutePath(file)
        let folder = PolicyFolder(ofPolicyAt: path)
        let environment = LuaEnvironment(
            functionName: { APITable.standard[$0]?.name ?? "function\($0.rawValue)" },
            moduleSource: { folder.source(of: $0) })
        return PolicyCheck.check(source: source, path: path, environment: environment)
            .map { FindingDescription($0, path: file) }
    }
}

/// A finding as `--json` gives it.
package struct FindingDescription: Encodable, Equatable {
    package var severity: Finding.Severity
    package var path: String
    /// 0 where it is about the file as a whole.
    package var line: Int
    package var message: String
    package var hint: String?

    package init(_ finding: Finding, path: String) {
        severity = finding.severity
        self.path = path
        line = finding.line
        message = finding.message
        hint = finding.hint
    }

    /// One finding a line, its hint below, then the sum.
    package static func lines(_ findings: [Self], files: Int, style: Style = .plain) -> [String] {
        var lines: [String] = []
        for finding in findings {
            let path = finding.path.printable
            let place = finding.line > 0 ? "\(path):\(finding.line)" : path
            let isError = finding.severity == .error
            let word = isError ? style.bad("error") : style.strong("warning")
            lines.append("\(place): \(word): \(finding.message.printable)")
            if let hint = finding.hint { lines.append("    \(hint.printable)") }
        }
        let errors = findings.count { $0.severity == .error }
        let warnings = findings.count - errors
        lines.append(
            "\(files) file\(files == 1 ? "" : "s"): \(errors) error\(errors == 1 ? "" : "s"), "
                + "\(warnings) warning\(warnings == 1 ? "" : "s")")
        return lines
    }
}
