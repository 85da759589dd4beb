import Foundation
import Glibc
import LinuxIO
import Wire

/// A daemon for one run: started by it, ended with it.
struct PrivateDaemon {
    let socket: String
    private let child: ChildProcess
    private let logPath: String

    /// A daemon that reads its devices' memory sizes and loads a vendor's library may take this
    /// long.
    private static let patienceSeconds = 60

    /// Starts it and waits until it answers.
    init(
        deviceLibrary: String, traceDirectory: String?, environment: [String: String]
    ) throws {
        let folder = RuntimeFolder.current
        try folder.make()
        Self.removeLeftOvers(in: folder.path)
        socket = Self.socketPath(in: folder.path, sharesDevice: isFolder(deviceLibrary))
        logPath = "\(folder.path)/run-\(getpid()).log"
        var arguments = [
            "daemon", "--socket", socket, "--device-library", deviceLibrary, "--owner",
            "\(getpid())",
        ]
        if let traceDirectory { arguments += ["--trace", traceDirectory] }
        let log = try Paths.openEmptied(logPath)
        let null = try Paths.openNothing()
        child = try ChildProcess(
            BundledLibraries.executablePath, arguments: arguments,
            environment: daemonEnvironment(
                environment, deviceLibrary: deviceLibrary, isFolder: isFolder(deviceLibrary)),
            descriptors: [(0, null.rawValue), (1, log.rawValue), (2, log.rawValue)], ownGroup: true)
        try waitUntilItAnswers()
    }

    /// Daemons in one folder keep each other off a device. That is right for a vendor's; but each
    /// process that loads the software device has one of its own, so runs on it do not shut each
    /// other out.
    private static func socketPath(in folder: String, sharesDevice: Bool) -> String {
        sharesDevice ? "\(folder)/run-\(getpid()).sock" : "\(folder)/run-\(getpid())/daemon.sock"
    }

    /// Removes what runs left that were killed: their numbers are nobody's any more.
    private static func removeLeftOvers(in folder: String) {
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard entry.hasPrefix("run-"),
                let number = Int32(entry.dropFirst(4).prefix { $0.isNumber }),
                kill(number, 0) != 0, errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(folder)/\(entry)")
        }
    }

    private func waitUntilItAnswers() throws {
        let end = MonotonicClock.now() + Int64(Self.patienceSeconds) * 1_000_000_000
        while true {
            if let ending = try child.wait(milliseconds: 10) {
                throw CommandFailure(
                    "the daemon for this run ended at once (code \(ending.code)): \(lastWords)")
            }
            if let client = try? ControlClient(path: socket), (try? client.status()) != nil {
                return
            }
            if MonotonicClock.now() > end {
                child.signal(SIGKILL)
                _ = try? child.wait()
                throw CommandFailure(
                    "the daemon for this run does not answer; its words: \(lastWords)")
            }
        }
    }

    /// The end of what it printed.
    private var lastWords: String {
        guard let bytes = try? readFile(logPath) else { return "none" }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(3)
        return lines.isEmpty ? "none" : lines.joined(separator: " / ")
    }

    /// Whether it has ended although it should not have.
    var hasEnded: Bool { (try? child.poll()).flatMap(\.self) != nil }

    /// Ends it and waits. What it printed is kept only where it did not end well.
    func stop() {
        child.signal(SIGTERM)
        var ending = (try? child.wait(milliseconds: 15_000)).flatMap(\.self)
        if ending == nil {
            Terminal.note("flexnpu run: the daemon does not stop; it is killed; see \(logPath)")
            child.signal(SIGKILL)
            ending = try? child.wait()
        }
        if ending == .exited(code: 0) { Paths.remove(logPath) }
        Paths.remove(socket)
        if socket.hasSuffix("/daemon.sock") {
            try? FileManager.default.removeItem(
                atPath: String(socket.dropLast("/daemon.sock".count)))
        }
    }
}
