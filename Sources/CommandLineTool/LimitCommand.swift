import ArgumentParser
import Daemon
import Wire

/// `flexnpu limit`: what one program may hold, from now on.
struct LimitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Set limits of a program that is connected to the daemon.",
        discussion: """
            A program that holds more than a new limit keeps what it has and gets no
            more. flexnpu list --limits shows what each program holds and may hold.
            Where a program has reached a limit, its own calls fail and say which; past
            queue and operations_per_second it waits.

            Examples:
              flexnpu limit 3 memory=8G queue=1000
              flexnpu limit 3 operations_per_second=none

            Exit code: 0, or 1 where a limit was refused (those before it are set).
            """)

    @Argument(help: "The program's number, as flexnpu list shows it.")
    var client: UInt32
    @Argument(help: "Limits, as name=value.")
    var settings: [String]
    @OptionGroup var socket: SocketOption

    func validate() throws {
        do throws(LimitSetting.Refusal) {
            for text in settings { _ = try LimitSetting(text) }
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() throws {
        let daemon = try socket.connect()
        for setting in settings {
            let request = ControlRequest.limit(
                client: ClientID(rawValue: client), setting: setting)
            print(try daemon.order(request))
        }
    }
}
