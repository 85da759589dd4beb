import ArgumentParser

/// `flexnpu list`: the programs that the daemon serves.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the programs that are connected to the daemon.",
        discussion: """
            CALLS and LOST of an observed program count while a recording runs: at other
            times its calls go straight to the device library, and nobody sees them.

            Examples:
              flexnpu list
              flexnpu list --json | jq '.[] | select(.mode == "route") | .pid'

            Exit code: 0, or 1 where no daemon answers.
            """)

    @OptionGroup var socket: SocketOption
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let clients = try socket.connect().clients()
        if json { return print(try JSONOutput.text(clients.map(ClientDescription.init))) }
        for line in ClientTable.lines(clients, style: Style(isOn: Terminal.hasColour)) {
            print(line)
        }
    }
}
