import Scheduling
import Wire

/// A dry run: each hook of a policy, on made-up work of three programs.
struct Rehearsal {
    let source: String
    let path: String
    let environment: LuaEnvironment

    private static let device = DeviceID(rawValue: 0)
    private static let operationCount: UInt32 = 24

    private static let clients = [
        ClientFacts(id: ClientID(rawValue: 1), name: "train.py", labels: [:], weight: 1),
        ClientFacts(
            id: ClientID(rawValue: 2), name: "generate.py",
            labels: ["phase": "decode", "tenant": "chat", "weight": "3"], weight: 3),
        ClientFacts(
            id: ClientID(rawValue: 3), name: "prefill", labels: ["phase": "prefill"], weight: 1),
    ]

    func run() -> [Finding] {
        let policy: LuaPolicy
        do throws(PolicyLoadError) {
            policy = try load(saved: nil)
        } catch {
            return [PolicyCheck.finding(error)]
        }
        var findings = dispatchEverything(policy) + changeOptions(policy) + breakOff(policy)
        findings += handOver(policy)
        return findings
    }

    private func load(saved: SavedState?) throws(PolicyLoadError) -> LuaPolicy {
        try LuaPolicy.load(
            source: source, path: path, saved: saved, clients: Self.clients,
            devices: [Self.device], environment: environment)
    }

    private func operation(_ slot: UInt32, generation: UInt32, at now: Nanoseconds)
        -> OperationFacts
    {
        let phases: [Phase] = [.other, .decode, .prefill]
        let kind = Int(slot % 3)
        return OperationFacts(
            id: OperationID(slot: slot, generation: generation),
            client: Self.clients[kind].id, stream: StreamID(rawValue: UInt64(slot)),
            device: Self.device, function: FunctionID(rawValue: UInt16(slot % 5)),
            kind: WorkKind(rawValue: UInt8(slot % 4)) ?? .kernel, phase: phases[kind],
            phaseSource: kind == 0 ? .none : .label,
            sequence: UInt64(generation), costNanoseconds: 5_000 + Nanoseconds(slot) * 1_000,
            tokens: kind == 2 ? 512 : 1, bytes: 4096, flops: 1 << 20,
            cores: CoreLimit(cube: UInt16(slot), vector: UInt16(2 * slot)), enqueuedAt: now)
    }

    private func finding(_ breach: PolicyBreach, of policy: LuaPolicy) -> Finding {
        // A breach reads "file:line: hook: what"; the place goes where a finding has it.
        let file = LuaPolicy.fileName(of: path)
        var message = Substring(breach.message)
        var line = 0
        if message.hasPrefix("\(file):") {
            message = message.dropFirst(file.count + 1)
            if let number = Int(message.prefix { $0.isNumber }) {
                line = number
                message = message.drop { $0.isNumber }.dropFirst()
            }
        }
        let text = message.trimmingPrefix { $0 == " " }
        return Finding(
            .error, file: file, line: line, message: String(text),
            hint: PolicyHints.hint(for: breach.message))
    }

    // MARK: Scenes

    /// Gives operations and takes what is dispatched, on a device that is never full, for two
    /// seconds.
    private func dispatchEverything(_ policy: LuaPolicy) -> [Finding] {
        var findings: [Finding] = []
        func note(_ breach: PolicyBreach?) {
            if let breach { findings.append(finding(breach, of: policy)) }
        }
        var now: Nanoseconds = 1_000_000
        var waiting: [OperationID: OperationFacts] = [:]
        for slot in 0..<Self.operationCount {
            let facts = operation(slot, generation: 1, at: now)
            let breach = policy.ready(facts, now: now)
            note(breach)
            if breach == nil { waiting[facts.id] = facts }
            now += 1_000
        }
        let end = now + 2_000_000_000
        while !waiting.isEmpty, now < end, findings.count < 20 {
            switch policy.decide(DeviceLoad(device: Self.device), now: now) {
            case .dispatch(let id, _, _, _):
                guard let facts = waiting.removeValue(forKey: id) else { break }
                now += facts.costNanoseconds
                note(policy.done(facts, tookNanoseconds: facts.costNanoseconds, now: now))
            case .hold(let wakeAt, _):
                now = max(now + 1_000_000, min(wakeAt ?? 0, end))
            case .breach(let breach):
                note(breach)
                now += 1_000_000
            }
        }
        if findings.isEmpty, !waiting.isEmpty {
            findings.append(
                Finding(
                    .warning, file: LuaPolicy.fileName(of: path), line: 0,
                    message:
                        "\(waiting.count) of \(Self.operationCount) operations were held for two "
                        + "seconds though the device was idle",
                    hint: "what is held longer than the daemon allows goes out by its fallback"))
        }
        for facts in waiting.values { policy.forget(facts.id) }
        return findings
    }

    /// Sets each option to its bounds and back.
    private func changeOptions(_ policy: LuaPolicy) -> [Finding] {
        var findings: [Finding] = []
        for option in policy.options {
            let bounds = [option.minimum, option.maximum].compactMap { $0 }
            let values = bounds.map { Int64(exactly: $0).map(String.init) ?? String($0) }
            for value in values + [option.standard] {
                do {
                    try policy.set(option.key, to: value)
                } catch {
                    findings.append(
                        policy.lastBreach.map { finding($0, of: policy) }
                            ?? Finding(
                                .error, file: LuaPolicy.fileName(of: path), line: 0,
                                message: "\(error)"))
                }
            }
        }
        return findings
    }

    /// Work that never runs: a program that dies, a stream that is aborted.
    private func breakOff(_ policy: LuaPolicy) -> [Finding] {
        var findings: [Finding] = []
        let now: Nanoseconds = 3_000_000_000
        for slot in 0..<6 {
            let facts = operation(UInt32(slot), generation: 9, at: now)
            let reason: DropReason = slot % 2 == 0 ? .clientGone : .streamAborted
            for breach in [
                policy.ready(facts, now: now), policy.drop(facts, reason: reason, now: now),
            ] {
                if let breach { findings.append(finding(breach, of: policy)) }
            }
        }
        if let breach = policy.detach(Self.clients[0].id, now: now) {
            findings.append(finding(breach, of: policy))
        }
        return findings
    }

    /// What it saves, given to itself.
    private func handOver(_ policy: LuaPolicy) -> [Finding] {
        let saved: SavedState
        do throws(PolicyBreach) {
            guard let state = try policy.save() else { return [] }
            saved = state
        } catch {
            return [finding(error, of: policy)]
        }
        do throws(PolicyLoadError) {
            _ = try load(saved: saved)
            return []
        } catch {
            return [PolicyCheck.finding(error)]
        }
    }
}
