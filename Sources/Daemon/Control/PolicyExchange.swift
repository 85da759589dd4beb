import AscendCL
import LinuxIO
import Logging
import LuaPolicy
import Scheduling
import Synchronization
import Wire

/// Loads policies aside and makes them live between two decisions.
///
/// A policy is read, compiled, checked and opened on the asking thread while the old one goes on
/// deciding; only the exchange itself runs on the dispatch loop. Whatever fails, the old one stays.
final class PolicyExchange: Sendable {
    private let loop: LoopMailbox
    private let log: Logger
    private let state: StateFile?
    private let watching = Mutex<PolicyWatch?>(nil)
    /// One load at a time: two commands at once must not exchange in between each other's steps.
    private let turn = Mutex<Void>(())

    init(loop: LoopMailbox, state: StateFile?, log: Logger) {
        self.loop = loop
        self.state = state
        self.log = log
    }

    /// The watch on the live policy's file, if there is one.
    var watch: PolicyWatch? { watching.withLock { $0 } }

    /// Loads a file's text and makes it live. Returns what to tell the user.
    func load(path: String, source: String, carryState: Bool, watch: Bool) throws -> String {
        let message = try turn.withLock { _ in
            try exchange(path: path, source: source, carryState: carryState, watch: watch)
        }
        let watch = watch ? try PolicyWatch(path: path, source: source) : nil
        watching.withLock { $0 = watch }
        state?.remember(policy: path)
        return message
    }

    private func exchange(path: String, source: String, carryState: Bool, watch: Bool) throws
        -> String
    {
        let before = loop.ask(AskSurroundings(savesState: carryState))
        let begun = MonotonicClock.now()
        let loaded = HandedPolicy(
            value: try LuaPolicy.load(
                source: source, path: path, saved: before.saved, clients: before.clients,
                devices: before.devices, environment: Self.environment(of: path), now: begun))
        let live = try loop.ask(
            MakeLive(policy: loaded, carriesOptions: carryState, isWatched: watch)
        ).get()
        let took = (MonotonicClock.now() - begun) / 1000
        return "\(live.name) version \(live.version) is live as load \(live.load) "
            + "(\(carryState ? "state carried over, " : "")\(took) µs, nothing lost)"
    }

    /// Names of functions from the table, and `require` from the policy's own folder only.
    static func environment(of path: String) -> LuaEnvironment {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        return LuaEnvironment(
            functionName: { id in APITable.standard[id]?.name ?? "call \(id.rawValue)" },
            moduleSource: { name in
                guard !name.contains("/"), !name.hasPrefix("."),
                    let bytes = try? readFile("/\(folder)/\(name).lua", limit: 1 << 20)
                else { return nil }
                return String(decoding: bytes, as: UTF8.self)
            })
    }

    /// Makes one of the compiled-in policies live.
    func loadBuiltIn(_ name: String) throws -> String {
        let load = try loop.ask(MakeBuiltInLive(name: name)).get()
        watching.withLock { $0 = nil }
        return "built-in \(name) is live as load \(load)"
    }

    func set(_ key: String, to value: String) throws -> String {
        try loop.ask(SetOption(key: key, value: value)).get()
        state?.remember(option: key, value: value)
        return "\(key) = \(value)"
    }

    func rollback(to load: Int?) throws -> String {
        let live = try loop.ask(RollBack(load: load)).get()
        watching.withLock { $0 = nil }
        return "\(live.name) version \(live.version) (load \(live.load)) is live again"
    }

    /// The watched file changed: swap it in; a file that does not load leaves the old one running.
    func reload(_ watch: PolicyWatch, source: String) {
        do {
            let message = try turn.withLock { _ in
                try exchange(path: watch.path, source: source, carryState: true, watch: true)
            }
            log.notice("policy file saved", metadata: ["result": "\(message)"])
        } catch {
            log.error(
                "policy file saved, but it does not load; the old one goes on",
                metadata: ["why": "\(error)"])
        }
    }
}

/// A policy file that is loaded again whenever it is saved.
final class PolicyWatch: Sendable {
    let path: String
    private let folder: FolderWatch
    private let last: Mutex<String>
    var rawValue: Int32 { folder.rawValue }

    init(path: String, source: String) throws {
        self.path = path
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        folder = try FolderWatch(folder: "/\(parent)")
        last = Mutex(source)
    }

    /// Something in the folder was written or renamed. Editors do either, and other files lie there
    /// too: what counts is whether this file's text is another one.
    func changed(_ commands: CommandHandler) {
        folder.drain()
        guard let bytes = try? readFile(path, limit: 1 << 20) else { return }
        let source = String(decoding: bytes, as: UTF8.self)
        let isNew = last.withLock { known in
            defer { known = source }
            return known != source
        }
        if isNew { commands.policies.reload(self, source: source) }
    }
}
