import LuaPolicy
import Scheduling
import Wire

/// One policy and the work that it was told of.
struct PolicyGame {
    private let source: String
    private let name: String
    /// A shipped policy: none of its calls may fail.
    private let mustWork: Bool
    private var policy: LuaPolicy
    private var now: Nanoseconds = 1_000_000
    /// Told and not yet decided, in order; then dispatched and not yet done.
    private var ready: [OperationFacts] = []
    private var running: [OperationFacts] = []
    private var clients: Set<UInt32> = [1, 2]
    private var generation: UInt32 = 0
    /// The promise that was broken first.
    private(set) var broken: String?

    private static let readyMax = 64
    /// Steps of ten milliseconds within which an idle device has been given everything.
    private static let idleSteps = 2000

    init?(_ source: String, name: String, mustWork: Bool) {
        guard let policy = Self.load(source, name, saved: nil, clients: [1, 2]) else { return nil }
        self.source = source
        self.name = name
        self.mustWork = mustWork
        self.policy = policy
    }

    private static func load(
        _ source: String, _ name: String, saved: SavedState?, clients: Set<UInt32>
    ) -> LuaPolicy? {
        try? LuaPolicy.load(
            source: source, path: "/policies/\(name)", saved: saved,
            clients: clients.sorted().map(PolicyWork.client), devices: [PolicyWork.device])
    }

    /// The call that comes next.
    mutating func play(_ choices: inout Choices) {
        let call = choices.byte()
        switch call % 12 {
        case 0, 1, 2: makeReady(client: 1 + UInt32(call >> 4) % 4)
        case 3, 4: decide(inFlight: 0)
        case 5: decide(inFlight: Int(choices.byte()))
        case 6: finishOne(at: Int(choices.byte()))
        case 7: dropOne(at: Int(choices.byte()), forgotten: call & 128 != 0)
        case 8: toggleClient(1 + UInt32(call >> 4) % 4)
        case 9: setOption(&choices)
        case 10: handOver()
        default: now += Nanoseconds(choices.byte()) * 100_000
        }
        now += 1000
    }

    private mutating func note(_ breach: PolicyBreach?) {
        if mustWork, let breach, broken == nil { broken = "it failed: \(breach.message)" }
    }

    private mutating func makeReady(client: UInt32) {
        guard ready.count < Self.readyMax, clients.contains(client) else { return }
        generation += 1
        let slot = generation % 200
        guard !(ready + running).contains(where: { $0.id.slot == slot }) else { return }
        let facts = PolicyWork.operation(
            slot, generation: generation, client: client, enqueuedAt: now)
        let breach = policy.ready(facts, now: now)
        note(breach)
        if breach == nil { ready.append(facts) }
    }

    private mutating func decide(inFlight: Int) {
        var load = PolicyWork.idle
        load.operationsInFlight = inFlight
        load.inFlightNanoseconds = Nanoseconds(inFlight) * 20_000
        switch policy.decide(load, now: now) {
        case .dispatch(let id, _, _, let text):
            _ = policy.note(text)
            guard let index = ready.firstIndex(where: { $0.id == id }) else {
                return broken = "it dispatched \(id), which is not ready"
            }
            running.append(ready.remove(at: index))
        case .hold: break
        case .breach(let breach): note(breach)
        }
    }

    private mutating func finishOne(at index: Int) {
        guard !running.isEmpty else { return }
        let facts = running.remove(at: index % running.count)
        note(policy.done(facts, tookNanoseconds: facts.costNanoseconds, now: now))
    }

    private mutating func dropOne(at index: Int, forgotten: Bool) {
        guard !ready.isEmpty else { return }
        let facts = ready.remove(at: index % ready.count)
        if forgotten { return policy.forget(facts.id) }
        note(policy.drop(facts, reason: .streamAborted, now: now))
    }

    /// A client comes, or goes with its work.
    private mutating func toggleClient(_ client: UInt32) {
        guard clients.contains(client) else {
            clients.insert(client)
            return note(policy.attach(PolicyWork.client(client), now: now))
        }
        let id = ClientID(rawValue: client)
        for facts in ready where facts.client == id {
            note(policy.drop(facts, reason: .clientGone, now: now))
        }
        ready.removeAll { $0.client == id }
        clients.remove(client)
        note(policy.detach(id, now: now))
    }

    private mutating func setOption(_ choices: inout Choices) {
        let options = policy.options
        let selector = Int(choices.byte())
        let value = choices.slice(until: UInt8(ascii: "\n")).prefix(32)
        guard !options.isEmpty else { return }
        let key = options[selector % options.count].key
        // What does not fit is refused, which is no failure.
        try? policy.set(key, to: String(decoding: value, as: UTF8.self))
    }

    /// The next version takes over with the state of this one.
    private mutating func handOver() {
        let saved = (try? policy.save()) ?? nil
        guard let next = Self.load(source, name, saved: saved, clients: clients) else {
            if mustWork { broken = "its next version does not load with its state" }
            return
        }
        policy = next
        let told = ready
        ready = []
        for facts in told {
            let breach = policy.ready(facts, now: now)
            note(breach)
            if breach == nil { ready.append(facts) }
        }
    }

    /// An idle device takes everything.
    mutating func finish() {
        guard mustWork else { return }
        while broken == nil, !running.isEmpty { finishOne(at: 0) }
        for _ in 0..<Self.idleSteps where broken == nil && !ready.isEmpty {
            decide(inFlight: 0)
            while broken == nil, !running.isEmpty { finishOne(at: 0) }
            now += 10_000_000
        }
        if broken == nil, !ready.isEmpty {
            broken = "\(ready.count) operations are held for ever on an idle device"
        }
    }
}
