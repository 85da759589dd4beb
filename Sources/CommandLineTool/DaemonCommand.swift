import ArgumentParser
import Daemon
import Foundation
import Glibc
import LinuxIO
import Wire

/// `flexnpu daemon`: serves programs until it is told to stop.
struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon",
        abstract: "Run the daemon that schedules programs on the devices of this host.",
        discussion: """
            SIGTERM or Ctrl-C ends it in good order: the trace is closed and programs
            are told. --drain tells the daemon that runs to end when its programs have
            gone, and to take no others.

            Limits, of the daemon: programs, programs_per_user; of each program: memory,
            host_memory, plan_memory (bytes, as 8G), threads, streams, events, contexts,
            queue, operations_per_second. A program may lower its own with
            --label limit.memory=8G; flexnpu limit changes them while it runs.

            A device of a vendor's library has one daemon: its lock lies in /run/lock and
            /tmp, whichever may be used, or where FLEXNPU_LOCK_FOLDER says.

            Examples:
              flexnpu daemon                    the software device, all of it
              flexnpu daemon --policy fair.lua --watch
              flexnpu daemon --device-library /usr/local/Ascend/latest/lib64
              flexnpu daemon --socket /run/flexnpu/daemon.sock --group npu --limit memory=8G
              flexnpu daemon --drain

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
    @Option(
        help: ArgumentHelp(
            "A group whose members may have their programs served. What changes the daemon stays "
                + "this user's and root's.",
            valueName: "name"))
    var group: String?
    @Option(
        help: ArgumentHelp(
            "A limit of the daemon or of each program; give it again for more.",
            valueName: "name=value"))
    var limit: [String] = []
    @Flag(help: "Tell the daemon that runs to take no new programs and to end after the last.")
    var drain = false
    @Flag(name: .shortAndLong, help: "Say more.") var verbose = false
    @Option(help: .private) var owner: Int32?

    func validate() throws {
        if watch && policy == nil { throw ValidationError("--watch goes with --policy") }
        if let wrong = device.first(where: { $0 < 0 }) {
            throw ValidationError("there is no device \(wrong)")
        }
        _ = try limits()
        let others: [Any?] = [policy, state, trace, group, library.deviceLibrary]
        if drain, others.contains(where: { $0 != nil }) || !device.isEmpty || !limit.isEmpty {
            throw ValidationError(
                "--drain is for the daemon that runs; it goes with --socket alone")
        }
    }

    private func limits() throws -> DaemonLimits {
        var limits = DaemonLimits()
        do throws(LimitSetting.Refusal) {
            for text in limit { limits.apply(try LimitSetting(text)) }
        } catch {
            throw ValidationError("--limit \(error)")
        }
        return limits
    }

    func run() throws {
        if drain { return print(try socket.connect().order(.drain)) }
        // A private daemon goes when the command that started it goes.
        if let owner, !followOwner(pid: owner) { return }
        if socket.isDefault() { try RuntimeFolder.current.make() }
        let options = DaemonOptions(
            socketPath: socket.path(), deviceLibrary: try library.path(),
            devices: device.isEmpty ? nil : device, policyPath: policy.map(absolutePath),
            watchPolicy: watch, statePath: state.map(absolutePath),
            traceDirectory: trace.map(absolutePath), group: group, limits: try limits(),
            verbose: verbose)
        let code = try runDaemon(options)
        // All is closed by now. A device's thread may still be inside the device library, which must
        // not be torn down around it.
        endProcess(code: code)
    }
}
