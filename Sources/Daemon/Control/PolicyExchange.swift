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
    let log: Logger
    let state: StateFile?
    private let watching = Mutex<PolicyWatch?>(nil)
    /// One change at a time: two commands at once must not exchange in between each other's steps,
    /// and what is remembered is what was live last.
    private let turn = Mutex<Void>(())

    init(loop: LoopMailbox, state: StateFile?, log: Logger) {
        self.loop = loop
        self.state = state
        self.log = log
    }

    /// The watch on the live policy's file, if there is one.
    var watch: PolicyWatch? { watching.withLock { $0 } }

    /// What is to be made live.
    struct Wish {
        var text: PolicyText
        /// The files that it requires are those of `text`, whatever lies in its folder now.
        var hasModules = false
        /// The old policy hands its state and its options on.
        var carriesState = false
        var isWatched = false
    }

    /// Loads a file's text and makes it live. Returns what to tell the user.
    func load(path: String, source: String, carryState: Bool, watch: Bool) throws -> String {
        try load(
            Wish(
                text: PolicyText(path: path, source: source), carriesState: carryState,
                isWatched: watch))
    }

    private func load(_ wish: Wish) throws -> String {
        try changing { try makeLive(wish) }
    }

    /// Within `changing`.
    func makeLive(_ wish: Wish) throws -> String {
        let (path, source) = (wish.text.path, wish.text.source)
        // Made before anything changes: a folder that cannot be watched leaves all as it was.
        let watch = wish.isWatched ? try PolicyWatch(path: path, source: source) : nil
        let message = try exchange(wish)
        watching.withLock { $0 = watch }
        return message
    }

    /// One change of what is live, which a restart will remember.
    func changing<Result>(_ body: () throws -> Result) rethrows -> Result {
        try turn.withLock { _ in
            let result = try body()
            remember()
            return result
        }
    }

    private func exchange(_ wish: Wish) throws -> String {
        let before = loop.ask(AskSurroundings(savesState: wish.carriesState))
        let begun = MonotonicClock.now()
        let loaded = HandedPolicy(
            value: try LuaPolicy.load(
                source: wish.text.source, path: wish.text.path, saved: before.saved,
                clients: before.clients, devices: before.devices,
                environment: Self.environment(of: wish), now: begun))
        let live = try loop.ask(
            MakeLive(
                policy: loaded, carriesOptions: wish.carriesState, isWatched: wish.isWatched)
        ).get()
        let took = (MonotonicClock.now() - begun) / 1000
        let carried =
            switch (wish.carriesState, before.saveFailure) {
            case (false, _): ""
            case (true, nil): "state carried over, "
            case (true, let why?): "no state carried over: \(why); "
            }
        return "\(live.name) version \(live.version) is live as load \(live.load) "
            + "(\(carried)\(took) µs, nothing lost)"
    }

    /// Names of functions from the table, and `require` from the policy's own folder only.
    private static func environment(of wish: Wish) -> LuaEnvironment {
        let (folder, modules) = (PolicyFolder(ofPolicyAt: wish.text.path), wish.text.modules)
        let hasModules = wish.hasModules
        return LuaEnvironment(
            functionName: { id in APITable.standard[id]?.name ?? "call \(id.rawValue)" },
            moduleSource: { hasModules ? modules[$0] : try folder.source(of: $0) })
    }

    /// Makes one of the compiled-in policies live.
    func loadBuiltIn(_ name: String) throws -> String {
        let load = try changing { try makeLive(builtIn: name) }
        return "built-in \(name) is live as load \(load)"
    }

    /// Within `changing`.
    func makeLive(builtIn name: String) throws -> Int {
        let load = try loop.ask(MakeBuiltInLive(name: name)).get()
        watching.withLock { $0 = nil }
        return load
    }

    func set(_ key: String, to value: String) throws -> String {
        try changing { try setOption(key, to: value) }
        return "\(key) = \(value)"
    }

    /// Within `changing`.
    func setOption(_ key: String, to value: String) throws {
        try loop.ask(SetOption(key: key, value: value)).get()
    }

    /// Goes back to an earlier load. Its policy is compiled here, beside the loop, from what it was
    /// made of then.
    func rollback(to load: Int?) throws -> String {
        try changing {
            let target = try loop.ask(AskRollback(load: load)).get()
            let fresh = try target.recipe.map {
                HandedPolicy(
                    value: try $0.makePolicy(clients: target.clients, now: MonotonicClock.now()))
            }
            let live = try loop.ask(RollBack(load: target.load, policy: fresh)).get()
            watching.withLock { $0 = nil }
            return "\(live.name) version \(live.version) (load \(live.load)) is live again"
        }
    }

    /// The watched file changed: swap it in; a file that does not load leaves the old one running.
    func reload(_ watch: PolicyWatch, source: String) {
        do {
            let wish = Wish(
                text: PolicyText(path: watch.path, source: source), carriesState: true,
                isWatched: true)
            let message = try changing { try exchange(wish) }
            log.notice("policy file saved", metadata: ["result": "\(message)"])
        } catch {
            log.error(
                "policy file saved, but it does not load; the old one goes on",
                metadata: ["why": "\(error)"])
        }
    }

    /// The watched file cannot be read as one.
    func refuse(_ refusal: FileRefusal) {
        log.error(
            "policy file saved, but it cannot be read; the old one goes on",
            metadata: ["why": "\(refusal)"])
    }

    // MARK: Remembering

    /// Writes what is live now into the state folder.
    private func remember() {
        guard let state else { return }
        state.remember(loop.ask(AskLive()))
        if let problem = state.problem {
            log.error("the state folder cannot be used", metadata: ["why": "\(problem)"])
        }
    }

    /// Remembers also what becomes live without a command: the successor of a policy that was put in
    /// quarantine. The loop only rings; a thread of its own asks and writes.
    func rememberSuccessors() throws {
        guard state != nil else { return }
        let bell = LinuxIO.Semaphore()
        loop.ask(WatchQuarantines { bell.signal() })
        try startThread("flexnpu-state") { [self] in
            while true {
                bell.wait()
                changing {}
            }
        }
    }
}

/// A policy file that is loaded again whenever it is saved.
final class PolicyWatch: Sendable {
    let path: String
    private let folder: FolderWatch
    private let last: Mutex<Result<String, FileRefusal>>
    var rawValue: Int32 { folder.rawValue }

    init(path: String, source: String) throws {
        self.path = path
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        folder = try FolderWatch(folder: "/\(parent)")
        last = Mutex(.success(source))
    }

    /// Something in the folder was written or renamed. Editors do either, and other files lie there
    /// too: what counts is whether this file's text is another one. A file that is gone for a moment
    /// is on its way.
    func changed(_ commands: CommandHandler) {
        folder.drain()
        let found = Result { () throws(FileRefusal) in try PolicyFile.text(at: path) }
        if case .failure(let refusal) = found, refusal.reason == .absent { return }
        let isNew = last.withLock { known in
            defer { known = found }
            return known != found
        }
        guard isNew else { return }
        switch found {
        case .success(let source): commands.policies.reload(self, source: source)
        case .failure(let refusal): commands.policies.refuse(refusal)
        }
    }
}
