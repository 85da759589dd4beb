import ArgumentParser

/// `flexnpu trace`: recordings.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Record what programs do, and read, sum up and compare recordings.",
        discussion: """
            A trace is a folder in the Common Trace Format 1.8; babeltrace2 and Trace
            Compass open it as well.

            Examples:
              flexnpu trace record before --for 10s
              flexnpu trace stats before
              flexnpu trace diff before after
            """,
        subcommands: [
            TraceRecordCommand.self, TraceDumpCommand.self, TraceStatsCommand.self,
            TraceDiffCommand.self, TraceCompactCommand.self,
        ])
}
