import ArgumentParser
import Daemon
import Foundation
import Glibc
import LinuxIO

/// `flexnpu daemon`: serves programs until it is told to stop.
struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon",
        abstract: "Run the daemon that schedules programs on the devices of this host.",
        discussion: """
            SIGTERM or Ctrl-C ends it in good order: the trace is closed and programs
            are told.

            Examples:
              flexnpu daemon                    the software device, all of it
              flexnpu daemon --policy fair.lua --watch
              flexnpu daemon --device-library /usr/local/Ascend/latest/lib64

            Exit code: 0 ended in good order, 1 could not start or failed.
            """)

    @OptionGroup var socket: SocketOption
    @Option(
        help: ArgumentHelp(
            "A device to own; give it again for more. Default: all.", valueName: "number"))
    var device: [Int32] = []
    @OptionGroup var library: DeviceLibraryOption
    @Option(help: ArgumentHelp("The first policy: a Lua file.", valueName: "file"))
    var policy: String?
    @Flag(help: "Load the policy again whenever its file is saved.") var watch = false
    @Option(
        help: ArgumentHelp(
            "Remember policy and options here across restarts.", valueName: "folder"))
    var state: String?
    @Option(help: ArgumentHelp("Record from the start, into this folder.", valueName: "folder"))
    var trace: String?
    @Flag(name: .shortAndLong, help: "Say more.") var verbose = false
    @Option(help: .private) var owner: Int32?

    func validate() throws {
        if watch && policy == nil { throw ValidationError("--watch goes with --policy") }
        if let wrong = device.first(where: { $0 < 0 }) {
            throw ValidationError("there is no device \(wrong)")
        }
    }

    func run() throws {
        // A private daemon goes when the command that started it goes.
        if let owner, !followOwner(pid: owner) { return }
        if socket.isDefault() { try RuntimeFolder.current.make() }
        let options = DaemonOptions(
            socketPath: socket.path(), deviceLibrary: try library.path(),
            devices: device.isEmpty ? nil : device, policyPath: policy.map(absolutePath),
            watchPolicy: watch, statePath: state.map(absolutePath),
            traceDirectory: trace.map(absolutePath), verbose: verbose)
        let code = try runDaemon(options)
        // All is closed by now. A device's thread may still be inside the device library, which must
        // not be torn down around it.
        endProcess(code: code)
    }
}
