import ArgumentParser
import Daemon
import Foundation
import LinuxIO
import Scheduling
import Wire

/// `flexnpu policy`: what decides, and changing it while programs run.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Show, check and change the scheduling policy of the daemon.",
        discussion: """
            A policy is a Lua file, or one of the built-in ones by its name:
            \(BuiltInPolicy.listed). Changing it stops nothing: the new one
            decides from the next operation on, and where it cannot be loaded the old
            one goes on.

            Examples:
              flexnpu policy check fair.lua && flexnpu policy swap fair.lua --watch
              flexnpu policy set window_us=100
              flexnpu policy rollback
            """,
        subcommands: [
            PolicyListCommand.self, PolicyShowCommand.self, PolicyCheckCommand.self,
            PolicyLoadCommand.self, PolicySwapCommand.self, PolicySetCommand.self,
            PolicyRollbackCommand.self,
        ])
}

struct PolicyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List every policy that was loaded, the live one among them.",
        discussion: "Exit code: 0, or 1 where no daemon answers.")

    @OptionGroup var socket: SocketOption
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let policies = try socket.connect().policies(.policies)
        if json { return print(try JSONOutput.text(policies)) }
        let style = Style(isOn: Terminal.hasColour)
        for line in PolicyListing.table(policies, style: style) { print(line) }
    }
}

struct PolicyShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the live policy: its file, options and counters.",
        discussion: "Exit code: 0, or 1 where no daemon answers.")

    @OptionGroup var socket: SocketOption
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let policies = try socket.connect().policies(.policyShow)
        if json { return print(try JSONOutput.text(policies)) }
        let style = Style(isOn: Terminal.hasColour)
        for policy in policies {
            for line in PolicyListing.details(policy, style: style) { print(line) }
        }
    }
}

/// What `load` and `swap` have in common.
struct PolicySource: ParsableArguments {
    @Argument(
        help: "A Lua file, or the name of a built-in policy: \(BuiltInPolicy.listed).",
        completion: .file(extensions: ["lua"]))
    var policy: String
    @Flag(help: "Load it again whenever the file is saved.")
    var watch = false

    /// A file's text goes to the daemon as this command sees it; the path is for messages and
    /// `require`.
    func request(carryState: Bool) throws -> ControlRequest {
        let path = absolutePath(policy)
        if !policy.contains("/"), !policy.hasSuffix(".lua"),
            !FileManager.default.fileExists(atPath: path)
        {
            guard !watch else { throw CommandFailure("a built-in policy has no file to --watch") }
            return .policyBuiltIn(name: policy)
        }
        do throws(FileRefusal) {
            return .policyLoad(
                path: path, source: try PolicyFile.text(at: path), carryState: carryState,
                watch: watch)
        } catch {
            throw CommandFailure("\(policy): \(error.why); give a Lua file")
        }
    }
}

struct PolicyLoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Make a policy live; it starts afresh.",
        discussion: """
            Examples:
              flexnpu policy load policies/decode-first.lua
              flexnpu policy load fair

            Exit code: 0 it is live, 1 it is not: the old one goes on.
            """)

    @OptionGroup var source: PolicySource
    @OptionGroup var socket: SocketOption

    func run() throws {
        print(try socket.connect().order(source.request(carryState: false)))
    }
}

struct PolicySwapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swap",
        abstract: "Make a policy live and hand the old one's state to it.",
        discussion: """
            Examples:
              flexnpu policy swap my-policy.lua --watch

            Exit code: 0 it is live, 1 it is not: the old one goes on.
            """)

    @OptionGroup var source: PolicySource
    @OptionGroup var socket: SocketOption

    func run() throws {
        print(try socket.connect().order(source.request(carryState: true)))
    }
}

struct PolicySetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set options of the live policy.",
        discussion: """
            Examples:
              flexnpu policy set window_us=100 quantum_us=50

            Exit code: 0, or 1 where an option was refused (those before it are set).
            """)

    @Argument(help: "Options, as key=value.")
    var options: [String]
    @OptionGroup var socket: SocketOption

    func validate() throws {
        for option in options where keyAndValue(option) == nil {
            throw ValidationError("\(option) is not of the form key=value")
        }
    }

    func run() throws {
        let client = try socket.connect()
        for (key, value) in options.compactMap(keyAndValue) {
            print(try client.order(.policySet(key: key, value: value)))
        }
    }
}

struct PolicyRollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to the policy before, or to an earlier load.",
        discussion: """
            Examples:
              flexnpu policy rollback
              flexnpu policy rollback 2     load 2 of flexnpu policy list

            Exit code: 0, or 1 where there is none to go back to.
            """)

    @Argument(help: "The number of the load; default: the one before.")
    var load: Int?
    @OptionGroup var socket: SocketOption

    func run() throws {
        print(try socket.connect().order(.policyRollback(load: load)))
    }
}

/// `key=value` in two; nil where there is no key.
func keyAndValue(_ text: String) -> (key: String, value: String)? {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { return nil }
    return (String(parts[0]), String(parts[1]))
}
