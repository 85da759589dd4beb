import ArgumentParser

/// `flexnpu status`: the daemon as a whole.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the daemon: devices, policy, recording, isolation.",
        discussion: """
            Examples:
              flexnpu status
              flexnpu status --json | jq .devices

            Exit code: 0, or 1 where no daemon answers.
            """)

    @OptionGroup var socket: SocketOption
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let status = try socket.connect().status()
        if json { return print(try JSONOutput.text(status)) }
        for line in StatusReport.lines(status, style: Style(isOn: Terminal.hasColour)) {
            print(line)
        }
    }
}
