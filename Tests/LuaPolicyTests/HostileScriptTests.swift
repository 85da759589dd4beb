import Glibc
import LuaPolicy
import Scheduling
import Testing
import Wire

/// Every way out of the bounds that is known, as a script: each is loaded and each of its hooks is called many times.
/// A call may cost its limit and a millisecond more, and the process must be none the worse.
@Suite("Hostile scripts", .serialized)
struct HostileScriptTests {
    static let names = Files.names(in: Files.hostile)

    /// What a call may take over its limit. Sanitizers and unoptimised builds of ours are slower; Lua itself is not.
    static let margin: Int64 = {
        let isSanitized = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "__asan_init") != nil
        return isSanitized ? 10_000_000 : 1_000_000
    }()

    @Test("There are at least 40") func count() {
        #expect(Self.names.count >= 40)
    }

    @Test("Stays within its bounds", arguments: names)
    func staysWithinBounds(name: String) throws {
        let limits = LuaLimits()
        let source = Files.text(of: "\(Files.hostile)/\(name)")
        var loaded: LuaPolicy?
        var loadError: PolicyLoadError?
        let loadTime = threadNanoseconds {
            do throws(PolicyLoadError) {
                loaded = try LuaPolicy.load(
                    source: source, path: name, clients: [facts(1)], devices: [device])
            } catch { loadError = error }
        }
        // Loading and opening have a budget each.
        #expect(loadTime <= 2 * limits.openNanoseconds + Self.margin)
        if let loadError {
            #expect(!loadError.message.isEmpty)
            #expect(loadError.message.utf8.count < 1024)
        }
        if let policy = loaded {
            exercise(policy, limits: limits)
            #expect(policy.usage.memoryBytes < limits.memoryBytes + (4 << 20))
        }
        loaded = nil
        try checkProcessIsHealthy()
    }

    private func exercise(_ policy: LuaPolicy, limits: LuaLimits) {
        var slowest: Int64 = 0
        var slowestHook = ""
        func call(_ hook: String, _ body: () -> Void) {
            let time = threadNanoseconds(body)
            if time > slowest { (slowest, slowestHook) = (time, hook) }
        }
        var generation: UInt32 = 0
        for round in 0..<40 {
            let now = Nanoseconds(round) * 1_000_000
            generation += 1
            let operations = (0..<8).map {
                operation(UInt32($0), generation: generation, phase: $0 % 2 == 0 ? .decode : .other)
            }
            for operation in operations { call("ready") { _ = policy.ready(operation, now: now) } }
            for _ in 0..<6 {
                call("dispatch") {
                    if case .dispatch(let id, _) = policy.decide(idle, now: now) {
                        #expect(operations.contains { $0.id == id })
                    }
                }
            }
            call("done") {
                _ = policy.done(operations[0], tookNanoseconds: 1000, now: now)
            }
            call("forget") { policy.forget(operations[1].id) }
            for operation in operations.dropFirst() {
                call("drop") { _ = policy.drop(operation, reason: .streamAborted, now: now) }
            }
            call("attach") { _ = policy.attach(facts(2), now: now) }
            call("detach") { _ = policy.detach(client(2), now: now) }
            call("changed") { try? policy.set("window", to: "\(round)") }
        }
        #expect(slowest <= limits.callNanoseconds + Self.margin, "\(slowestHook)")
        let saveTime = threadNanoseconds { _ = policy.save() }
        #expect(saveTime <= 10 * limits.callNanoseconds + Self.margin)
        if getenv("FLEXNPU_PRINT_TIMES") != nil {
            print("\(policy.origin): \(slowestHook) \(slowest / 1000) us, save \(saveTime / 1000) us,"
                + " \(policy.lastBreach?.kind.rawValue ?? "-"): \(policy.lastBreach?.message ?? "")")
        }
    }

    /// Another policy in the same process works as ever.
    private func checkProcessIsHealthy() throws {
        let fifo = try policy(fifoHooks)
        #expect(fifo.give((0..<4).map { operation($0) }).isEmpty)
        #expect(fifo.drain() == [0, 1, 2, 3])
    }
}
