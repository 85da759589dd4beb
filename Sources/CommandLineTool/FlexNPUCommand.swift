import ArgumentParser

/// `flexnpu`: the root of all commands.
@main
struct FlexNPUCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flexnpu",
        abstract: "See and schedule what programs do on Ascend NPUs.",
        discussion: """
            Programs call AscendCL; FlexNPU takes each call there, tells the daemon
            about it, and lets a Lua policy decide when the work is dispatched.

            Examples:
              flexnpu run -- python train.py          run it under the daemon
              flexnpu top                             who uses the device for what
              flexnpu policy swap my-policy.lua       change what decides, meanwhile
              flexnpu trace record before --for 10s   record what they do
              flexnpu trace diff before after         name what changed
            """,
        version: FlexNPUVersion.text,
        subcommands: [
            DaemonCommand.self, RunCommand.self, TopCommand.self, ListCommand.self,
            StatusCommand.self, LimitCommand.self, PolicyCommand.self, TraceCommand.self,
            InspectCommand.self,
            APICommand.self, DeviceCommand.self,
        ])

    /// Runs the command that the arguments name. What it throws may hold anybody's words.
    static func main() {
        do {
            var command = try parseAsRoot()
            try runPrintably(&command)
        } catch {
            exit(withError: error)
        }
    }

    private static func runPrintably(_ command: inout any ParsableCommand) throws {
        do {
            try command.run()
        } catch {
            // What the parser throws it prints itself: help among it, which ends well.
            let isOfParser =
                error is ExitCode || error is ValidationError || exitCode(for: error).isSuccess
            throw isOfParser ? error : CommandFailure("\(error)")
        }
    }
}

/// The version that `--version` prints.
enum FlexNPUVersion {
    static let text = "0.1.0"
}
