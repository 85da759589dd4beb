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
            StatusCommand.self, PolicyCommand.self, TraceCommand.self, InspectCommand.self,
            APICommand.self, DeviceCommand.self,
        ])
}

/// The version that `--version` prints.
enum FlexNPUVersion {
    static let text = "0.1.0"
}
