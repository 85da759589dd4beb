import ArgumentParser
import Glibc
import LinuxIO
import Wire

/// `flexnpu trace record`: the recording of the live daemon.
struct TraceRecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record what every program does, until Ctrl-C or for a time.",
        discussion: """
            Examples:
              flexnpu trace record before --for 10s
              flexnpu trace record before --background
              flexnpu trace record --status
              flexnpu trace record --stop
              flexnpu trace record --stop --raw

            Exit code: 0, or 1 where it was not recorded to the end (a full disk, no
            daemon).
            """)

    @Argument(help: "The folder to make.")
    var directory: String?
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long, as 10s, 500ms or 2m.", valueName: "time"),
        transform: TimeSpan.parsed)
    var span: TimeSpan?
    @Flag(help: "Start and return at once.") var background = false
    @Flag(help: "Stop the recording that runs.") var stop = false
    @Flag(help: "Show the recording that runs.") var status = false
    @Flag(help: "At the end, leave the trace as it was written: larger, at once there.")
    var raw = false
    @OptionGroup var socket: SocketOption
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        let orders = [directory != nil, stop, status].count { $0 }
        if orders != 1 { throw ValidationError("give a folder, or --stop, or --status") }
        if background && span != nil {
            throw ValidationError("--background returns at once; it goes without --for")
        }
    }

    func run() throws {
        let client = try socket.connect()
        if status { return try show(client.status().trace) }
        if stop { return try show(ended(client)) }
        guard let directory else { return }
        let path = absolutePath(directory)
        _ = try client.trace(.traceStart(directory: path))
        if background { return try show(client.status().trace) }
        try wait(client)
        try show(ended(client))
    }

    private func ended(_ client: ControlClient) throws -> TraceStatus {
        let status = try client.trace(.traceStop)
        return raw ? status : compacted(status)
    }

    /// Until the time is over, somebody stops us, or the recording has failed.
    private func wait(_ client: ControlClient) throws {
        let signals = try SignalDescriptor([SIGINT, SIGTERM])
        let epoll = try Epoll()
        try epoll.add(signals.rawValue, token: 1)
        let end = span.map { MonotonicClock.now() + $0.nanoseconds } ?? .max
        while signals.next() == nil {
            let status = try client.status().trace
            let left = end - MonotonicClock.now()
            if left <= 0 || status.failure != nil || status.directory == nil { break }
            Terminal.progress("recording: \(TraceReport.line(status))")
            epoll.wait(timeoutNanoseconds: min(left, 500_000_000)) { _ in }
        }
        Terminal.progress("")
    }

    private func show(_ status: TraceStatus) throws {
        print(json ? try JSONOutput.text(status) : TraceReport.line(status))
        if status.failure != nil { throw ExitCode(1) }
    }
}
