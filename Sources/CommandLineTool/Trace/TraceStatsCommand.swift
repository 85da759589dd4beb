import ArgumentParser
import Trace
import Wire

/// `flexnpu trace stats`: what a trace adds up to.
struct TraceStatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Sum up a trace: programs, phases, functions, policies.",
        discussion: """
            Examples:
              flexnpu trace stats before
              flexnpu trace stats before --json | jq '.clients[] | [.name, .share]'

            Exit code: 0, or 2 where the trace could not be read.
            """)

    @Argument(help: "The trace's folder.")
    var directory: String
    @Option(help: ArgumentHelp("Functions shown of each program.", valueName: "count"))
    var functions = 20
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        if functions < 0 { throw ValidationError("--functions cannot be negative") }
    }

    func run() throws {
        try orTrouble("trace stats") {
            let statistics = try TraceStatistics(openTrace(directory))
            print(
                json
                    ? try JSONOutput.text(statistics)
                    : statistics.text(limit: functions).printableLines,
                terminator: json ? "\n" : "")
        }
    }
}
