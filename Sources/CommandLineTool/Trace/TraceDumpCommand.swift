import ArgumentParser
import Trace
import Wire

/// `flexnpu trace dump`: the events of a trace as text.
struct TraceDumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Print the events of a trace, one a line.",
        discussion: """
            Examples:
              flexnpu trace dump before | less
              flexnpu trace dump before --function 'aclrtMemcpy*' --client train
              flexnpu trace dump before --from 1s --to 1.5s --json | jq .name

            Exit code: 0, or 2 where the trace could not be read.
            """)

    @Argument(help: "The trace's folder.")
    var directory: String
    @Option(help: ArgumentHelp("Only this program: a pattern, or a number.", valueName: "client"))
    var client: String?
    @Option(help: ArgumentHelp("Only these functions: a pattern with *.", valueName: "pattern"))
    var function: String?
    @Option(
        help: ArgumentHelp("From this time after the first event, as 2s.", valueName: "time"),
        transform: TimeSpan.parsed)
    var from: TimeSpan?
    @Option(help: ArgumentHelp("Up to this time.", valueName: "time"), transform: TimeSpan.parsed)
    var to: TimeSpan?
    @Flag(help: "Leave out the life of operations.") var callsOnly = false
    @Flag(help: "Print JSON, one line an event.") var json = false

    func run() throws {
        try orTrouble("trace dump") {
            var filter = TraceDump.Filter()
            filter.client = client
            filter.function = function
            filter.from = from?.nanoseconds
            filter.to = to?.nanoseconds
            filter.operations = !callsOnly
            var dump = TraceDump(
                try openTrace(directory), filter: filter, form: json ? .jsonLines : .text)
            let output = BufferedOutput()
            let damages = try dump.run { output.line(json ? $0.printableJSON : $0.printable) }
            output.flush()
            for damage in damages { Terminal.note("incomplete: \(damage)") }
        }
    }
}
