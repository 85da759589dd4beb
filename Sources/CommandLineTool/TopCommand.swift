import ArgumentParser
import LinuxIO
import Wire

/// `flexnpu top`: who uses the devices for what, now.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show who uses the devices, by program and phase, over the last interval.",
        discussion: """
            A device is busy while anything runs on it. SHARE is the row's part of
            the time that operations took, BUSY its share of the time in which devices
            were busy, as a part of the interval; WAIT is from ready to dispatched.
            On a terminal the picture is renewed until Ctrl-C; in a pipe one follows
            the other.

            Examples:
              flexnpu top
              flexnpu top --once --interval 500ms
              flexnpu top --json | jq -c '.rows[] | [.program, .phase, .share]'

            Exit code: 0, or 1 where no daemon answers.
            """)

    @OptionGroup var socket: SocketOption
    @Option(
        help: ArgumentHelp("How long to look, as 2s or 500ms.", valueName: "time"),
        transform: TimeSpan.parsed)
    var interval = TimeSpan(nanoseconds: 1_000_000_000)
    @Flag(help: "Look once and end.") var once = false
    @Flag(help: "Print JSON, one line an interval.") var json = false

    func validate() throws {
        guard interval.nanoseconds >= 10_000_000 else {
            throw ValidationError("--interval has to be at least 10ms")
        }
    }

    func run() throws {
        let client = try socket.connect()
        let style = Style(isOn: Terminal.hasColour)
        let isScreen = Terminal.isOutput && !once && !json
        var before = try look(client)
        repeat {
            MonotonicClock.sleep(nanoseconds: interval.nanoseconds)
            let after = try look(client)
            let view = TopView(
                before: before.look, after: after.look,
                intervalNanoseconds: after.time - before.time,
                policy: "\(after.policy.name) (load \(after.policy.load))")
            if json {
                Terminal.show(try JSONOutput.line(view))
            } else {
                let text = view.lines(style: style).joined(separator: "\n")
                // Home, the picture, then clear what an earlier, longer one left below.
                Terminal.show(isScreen ? "\u{1b}[H\u{1b}[2J\(text)" : once ? text : text + "\n")
            }
            before = after
        } while !once
    }

    private func look(_ client: ControlClient) throws -> (
        time: Int64, policy: PolicyStatus, look: TopView.Look
    ) {
        let clients = try client.clients()
        let status = try client.status()
        return (
            MonotonicClock.now(), status.policy,
            TopView.Look(clients: clients, devices: status.devices)
        )
    }
}

extension TimeSpan {
    /// For an option: the span, or what one looks like.
    static func parsed(_ text: String) throws -> TimeSpan {
        guard let span = TimeSpan(text) else {
            throw ValidationError("\(text) is no time; write it as 10s, 500ms or 2m")
        }
        return span
    }
}
