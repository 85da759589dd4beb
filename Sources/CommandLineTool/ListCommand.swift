import ArgumentParser

/// `flexnpu list`: the programs that the daemon serves.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the programs that are connected to the daemon.",
        discussion: """
            CALLS and LOST of an observed program count while a recording runs: at other
            times its calls go straight to the device library, and nobody sees them.

            --limits shows what each program holds of what it may hold.

            Examples:
              flexnpu list
              flexnpu list --limits
              flexnpu list --json | jq '.[] | select(.mode == "route") | .pid'

            Exit code: 0, or 1 where no daemon answers.
            """)

    @OptionGroup var socket: SocketOption
    @Flag(help: "Show the programs' limits, and what they hold of them.") var limits = false
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let clients = try socket.connect().clients()
        if json { return print(try JSONOutput.text(clients.map(ClientDescription.init))) }
        let style = Style(isOn: Terminal.hasColour)
        let lines =
            limits
            ? ClientTable.limitLines(clients, style: style)
            : ClientTable.lines(clients, style: style)
        for line in lines { print(line) }
    }
}
