import Glibc
import LinuxIO

/// A program from its start to its end: signals that come to us go on to it.
struct ProgramRun {
    private let signals: SignalDescriptor
    private static let forwarded = [
        SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH,
    ]

    /// From here on signals wait until the program is there.
    init() throws { signals = try SignalDescriptor(Self.forwarded) }

    /// Runs the program and returns how it ended.
    func callAsFunction(
        _ program: String, arguments: [String], environment: [String: String]
    ) throws -> ChildProcess.Ending {
        let child = try Self.start(program, arguments, environment)
        let epoll = try Epoll()
        try epoll.add(signals.rawValue, token: 1)
        try epoll.add(child.rawValue, token: 2)
        while true {
            if let ending = try child.poll() { return ending }
            epoll.wait(timeoutNanoseconds: nil) { _ in }
            while let (signal, sender) = signals.nextWithSender() {
                // A terminal's keys reach the program by themselves.
                if sender != 0 { child.signal(signal) }
            }
        }
    }

    /// Becomes the program, where nothing is left to do after it: whatever is done to this process
    /// is done to the program then.
    func become(
        _ program: String, arguments: [String], environment: [String: String]
    ) -> ProgramNotStarted {
        ProgramNotStarted(
            program,
            replaceProcess(with: program, arguments: arguments, environment: environment))
    }

    private static func start(
        _ program: String, _ arguments: [String], _ environment: [String: String]
    ) throws -> ChildProcess {
        do {
            return try ChildProcess(program, arguments: arguments, environment: environment)
        } catch {
            throw ProgramNotStarted(program, error)
        }
    }
}

/// A program that could not be started; the code is what shells use for that.
struct ProgramNotStarted: Error, CustomStringConvertible {
    var description: String
    var exitCode: Int32

    fileprivate init(_ program: String, _ error: SystemError) {
        description = "\(program): \(error.reason)"
        exitCode = error.kind == .noSuchFile ? 127 : 126
    }
}
