import ArgumentParser
import Trace
import Wire

/// `flexnpu trace diff`: what two runs did differently.
struct TraceDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare what two runs did.",
        discussion: """
            Addresses, handles, process numbers, times, how often something was asked
            for and how threads were interleaved are no differences. A change that is
            the same at every pass of a loop counts once.

            Examples:
              flexnpu trace diff before after
              flexnpu trace diff before after --json | jq .differences

            Exit code: 0 they did the same, 1 they differ, 2 a trace could not be
            read.
            """)

    @Argument(help: "The trace before.")
    var before: String
    @Argument(help: "The trace after.")
    var after: String
    @Option(help: ArgumentHelp("Groups of differences that are shown.", valueName: "count"))
    var groups = 50
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        if groups < 0 { throw ValidationError("--groups cannot be negative") }
    }

    func run() throws {
        try orTrouble("trace diff") {
            let report = try TraceDiff.compare(openTrace(before), openTrace(after))
            if json {
                print(try JSONOutput.text(report))
            } else {
                var limits = TraceDiff.TextLimits()
                limits.groups = groups
                let style = Style(isOn: Terminal.hasColour)
                for line in report.lines(limits) { print(style.line(line)) }
            }
            if report.differences > 0 { throw ExitCode(1) }
        }
    }
}

extension Style {
    /// A line of a diff in its colour.
    func line(_ line: TraceDiff.Line) -> String {
        let text = line.text.printable
        return switch line.style {
        case .heading: strong(text)
        case .plain: text
        case .context, .note: dim(text)
        case .removed: bad(text)
        case .added: good(text)
        }
    }
}
