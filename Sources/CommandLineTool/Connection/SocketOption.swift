import ArgumentParser
import Foundation
import LinuxIO

/// `--socket`, for every command that talks to a daemon.
struct SocketOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket. Default: FLEXNPU_SOCKET, else daemon.sock in your runtime folder.",
            valueName: "path"))
    var socket: String?

    /// The path, from the option, the environment or the default.
    func path(environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        if let socket { return absolutePath(socket) }
        if let named = environment["FLEXNPU_SOCKET"], !named.isEmpty { return absolutePath(named) }
        return RuntimeFolder.current.daemonSocket
    }

    /// Whether it is the default place, which then has to be safe.
    func isDefault(environment: [String: String] = ProcessInfo.processInfo.environment) -> Bool {
        socket == nil && environment["FLEXNPU_SOCKET", default: ""].isEmpty
    }

    /// Connects, and checks the default place first.
    func connect() throws -> ControlClient {
        if isDefault() { try RuntimeFolder.current.check() }
        return try ControlClient(path: path())
    }
}

/// Whether a folder is there.
func isFolder(_ path: String) -> Bool {
    Paths.isFolder(path)
}

/// The path from the root, for messages and for the daemon, which stands elsewhere.
func absolutePath(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    let here = FileManager.default.currentDirectoryPath
    return here.hasSuffix("/") ? here + path : "\(here)/\(path)"
}
