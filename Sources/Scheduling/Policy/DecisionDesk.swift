package import Wire

/// What the host decided for a device.
package enum HostDecision: Sendable, Equatable {
    /// `load` and `line` say who chose it; 0 where the fallback did.
    case dispatch(OperationID, load: UInt32, line: UInt32, cores: CoreLimit, note: UInt32)
    case hold(wakeAt: Nanoseconds?)
    case idle
}

/// The ready set with the live policy in front of it: asks, checks the answer, and decides in the
/// policy's place where it fails. The host's hot half, in one value; breaches are handed up, the
/// host counts them.
///
/// The fallback takes what has been ready longest, which is fair enough among streams, since each
/// shows one operation at a time.
struct DecisionDesk {
    var policy: any Policy
    var load: UInt32
    var ready = ReadySet()
    var log = DecisionLog()
    /// Every decision since it was last emptied, while somebody records them.
    var stream = DecisionStream()
    /// Decisions since this was last set to 0.
    var decisions: UInt64 = 0
    /// The policy has chosen an operation since this was last set to false.
    var hasChosen = false
    private let limits: PolicyHostLimits
    private var waiting: StarvationWatch
    /// By device: how long its policy held, and what it answered.
    private var holds: ContiguousArray<HoldClock> = []
    private var answers: ContiguousArray<PolicyAnswers> = []
    /// Operations that the policy does not know, because its `ready` failed. They go out by the
    /// fallback.
    private var orphans: ContiguousArray<OperationID> = []

    init(policy: any Policy, load: UInt32, limits: PolicyHostLimits) {
        self.policy = policy
        self.load = load
        self.limits = limits
        waiting = StarvationWatch(boundNanoseconds: Self.bound(of: policy, limits))
    }

    /// A policy may promise more than the host sees to, and not less.
    private static func bound(of policy: any Policy, _ limits: PolicyHostLimits) -> Nanoseconds {
        min(policy.starvationNanoseconds ?? .max, limits.starvationNanoseconds)
    }

    /// Another policy, which was told of everything ready, takes over.
    mutating func install(_ policy: any Policy, load: UInt32) {
        self.policy.recordsHolds = false
        policy.recordsHolds = stream.isRecording
        self.policy = policy
        self.load = load
        orphans.removeAll()
        log.removeAll()
        hasChosen = false
        waiting.boundNanoseconds = Self.bound(of: policy, limits)
        // What the policy before preferred is not this one's fault.
        for device in answers.indices { answers[device] = PolicyAnswers() }
    }

    mutating func attach(_ client: ClientID) { waiting.attach(client) }

    /// What the client had ready was dropped before.
    mutating func detach(_ client: ClientID) { waiting.detach(client) }

    mutating func becameReady(_ facts: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        let device = Int(facts.device.rawValue)
        while holds.count <= device {
            holds.append(HoldClock())
            answers.append(PolicyAnswers())
        }
        ready.insert(facts, heldBefore: holds[device].reading(at: now))
        waiting.becameReady(facts, now: now)
        guard let breach = policy.ready(facts, now: now) else { return nil }
        orphans.append(facts.id)
        return breach
    }

    /// A ready operation leaves without having run; false: it was not ready.
    mutating func drop(_ facts: OperationFacts) -> Bool {
        guard ready.remove(facts.id) else { return false }
        waiting.dropped(facts.client, on: Int(facts.device.rawValue))
        return true
    }

    /// The device is done with an operation.
    mutating func finished(_ facts: OperationFacts, now: Nanoseconds) {
        waiting.finished(facts, now: now)
    }

    /// What the device does next, and how the policy failed, if it did.
    mutating func decide(
        _ device: DeviceLoad, now: Nanoseconds
    ) -> (decision: HostDecision, breach: PolicyBreach?) {
        let index = Int(device.device.rawValue)
        guard let oldest = ready.oldest(on: index) else { return (.idle, nil) }
        holds[index].stop(at: now)
        decisions += 1
        // A policy that nobody has asked for so long is asked first: it may choose the same.
        if let starved = starved(on: index, now: now),
            answers[index].askedAt >= starved.since + waiting.boundNanoseconds / 2
        {
            return give(starved, device, index, now: now)
        }
        let outcome = decide(device, index, oldest, now: now)
        guard case .hold(let wakeAt) = outcome.decision else { return outcome }
        if outcome.breach == nil, let starved = starved(on: index, now: now) {
            return give(starved, device, index, now: now)
        }
        guard let deadline = waiting.deadline(on: index) else { return outcome }
        // Whatever it waits for, it is asked at the bound, and often enough before that a late
        // wake-up is no gap (`PolicyAnswers.noteAsked`).
        let latest = min(deadline, now + waiting.boundNanoseconds / 4)
        return (.hold(wakeAt: min(wakeAt ?? latest, latest)), outcome.breach)
    }

    /// A client that has waited too long, by its oldest operation.
    private struct Starved {
        let since: Nanoseconds
        let operation: OperationID
    }

    private mutating func starved(on index: Int, now: Nanoseconds) -> Starved? {
        guard let (client, since) = waiting.starved(on: index, now: now),
            let operation = ready.oldest(of: client, on: index)
        else { return nil }
        return Starved(since: since, operation: operation)
    }

    /// Whatever else is on the device.
    private mutating func give(
        _ starved: Starved, _ device: DeviceLoad, _ index: Int, now: Nanoseconds
    ) -> (decision: HostDecision, breach: PolicyBreach?) {
        let breach = starvationBreach(starved, on: index, now: now)
        return (fallback(starved.operation, .starved, device, now: now), breach)
    }

    private mutating func decide(
        _ device: DeviceLoad, _ index: Int, _ oldest: OperationID, now: Nanoseconds
    ) -> (decision: HostDecision, breach: PolicyBreach?) {
        let hasRoom = hasRoom(device)
        if hasRoom {
            if !orphans.isEmpty, let orphan = takeOrphan(on: index) {
                return (fallback(orphan, .fallback, device, now: now), nil)
            }
            let held = holds[index].reading(at: now) - ready.heldBefore(oldest)
            if held >= limits.holdNanosecondsMax {
                return (fallback(oldest, .fallback, device, now: now), holdBreach(held))
            }
        }
        answers[index].noteAsked(now, gapMax: waiting.boundNanoseconds / 2)
        switch policy.decide(device, now: now) {
        case .dispatch(let id, let line, let cores, let note):
            guard ready.device(of: id) == index else {
                let breach = misanswer(id, device.device)
                return (substitute(hasRoom ? oldest : nil, device, now: now), breach)
            }
            hasChosen = true
            answers[index].newestChosen = max(answers[index].newestChosen, ready.order(of: id))
            take(id, .dispatched, device, line: line, cores: cores, note: note, now: now)
            return (.dispatch(id, load: load, line: line, cores: cores, note: note), nil)
        case .hold(let wakeAt, let line):
            record(.held, device, line: line, wakeAt: wakeAt, now: now)
            return (hold(oldest, on: index, hasRoom: hasRoom, wakeAt: wakeAt, now: now), nil)
        case .breach(let breach):
            return (substitute(hasRoom ? oldest : nil, device, now: now), breach)
        }
    }

    // MARK: Deciding in the policy's place

    /// The policy may hold without blame when this says no: waiting because the device is full is
    /// load.
    private func hasRoom(_ device: DeviceLoad) -> Bool {
        device.operationsInFlight == 0
            || (device.inFlightNanoseconds < limits.roomNanoseconds
                && device.operationsInFlight < limits.roomOperations)
    }

    private mutating func hold(
        _ oldest: OperationID, on index: Int, hasRoom: Bool, wakeAt: Nanoseconds?, now: Nanoseconds
    ) -> HostDecision {
        let asked = wakeAt.map { max($0, now + limits.wakeNanosecondsMin) }
        guard hasRoom else { return .hold(wakeAt: asked) }
        holds[index].start(at: now)
        let held = holds[index].reading(at: now) - ready.heldBefore(oldest)
        let latest = now + limits.holdNanosecondsMax - held
        return .hold(wakeAt: min(asked ?? latest, latest))
    }

    private mutating func substitute(
        _ id: OperationID?, _ device: DeviceLoad, now: Nanoseconds
    ) -> HostDecision {
        if let id { return fallback(id, .breach, device, now: now) }
        record(.breach, device, now: now)
        return .hold(wakeAt: nil)
    }

    private mutating func fallback(
        _ id: OperationID, _ kind: DecisionRecord.Kind, _ device: DeviceLoad, now: Nanoseconds
    ) -> HostDecision {
        take(id, kind, device, line: 0, now: now)
        policy.forget(id)
        return .dispatch(id, load: 0, line: 0, cores: .none, note: 0)
    }

    /// The oldest operation for the device that the policy was never told of.
    private mutating func takeOrphan(on index: Int) -> OperationID? {
        let ready = ready
        orphans.removeAll { ready.device(of: $0) == nil }
        guard let first = orphans.firstIndex(where: { ready.device(of: $0) == index }) else {
            return nil
        }
        return orphans.remove(at: first)
    }

    private mutating func take(
        _ id: OperationID, _ kind: DecisionRecord.Kind, _ device: DeviceLoad, line: UInt32,
        cores: CoreLimit = .none, note: UInt32 = 0, now: Nanoseconds
    ) {
        var decision = DecisionRecord(
            time: now, device: device.device, kind: kind, operation: id,
            client: ready[id].client, phase: ready[id].phase, line: line, cores: cores, note: note)
        decision.stream = ready[id].stream
        decision.sequence = ready[id].sequence
        keep(decision, device)
        ready.remove(id)
        waiting.dispatched(decision.client, on: Int(device.device.rawValue))
    }

    /// Notes a decision that dispatches nothing.
    private mutating func record(
        _ kind: DecisionRecord.Kind, _ device: DeviceLoad, line: UInt32 = 0,
        wakeAt: Nanoseconds? = nil, now: Nanoseconds
    ) {
        keep(
            DecisionRecord(
                time: now, device: device.device, kind: kind, operation: OperationID(rawValue: 0),
                client: ClientID(rawValue: 0), phase: .other, line: line, wakeAt: wakeAt), device)
    }

    private mutating func keep(_ decision: DecisionRecord, _ device: DeviceLoad) {
        var decision = decision
        decision.operationsInFlight = device.operationsInFlight
        decision.inFlightNanoseconds = device.inFlightNanoseconds
        decision.ready = ready.count(on: Int(device.device.rawValue))
        decision.load = load
        log.append(decision)
        stream.append(decision)
    }

    /// That a client got nothing for too long, where the policy is to blame for it.
    ///
    /// It is not while it only took what had been ready before: that is load, and more of it than
    /// the device can do is nobody's breach. One that was not asked all the time is not to blame
    /// either: then it was the daemon that stood still. A policy that says by itself how long a
    /// client may wait is held to that alone.
    private func starvationBreach(
        _ starved: Starved, on index: Int, now: Nanoseconds
    ) -> PolicyBreach? {
        let declared = policy.starvationNanoseconds
        let isPassedOver = answers[index].newestChosen > ready.order(of: starved.operation)
        let isAttended =
            answers[index].attendedSince <= starved.since + waiting.boundNanoseconds / 2
        let isToBlame = declared.map { $0 <= waiting.boundNanoseconds } ?? isPassedOver
        guard isAttended, isToBlame else { return nil }
        let what =
            declared.map { "though the policy says starvation_ms = \($0 / 1_000_000)" }
            ?? "while work that became ready later went"
        return PolicyBreach(
            kind: .starvation,
            message: "client \(ready[starved.operation].client.rawValue) had work ready for device"
                + " \(index) for \((now - starved.since) / 1_000_000) ms and got nothing \(what);"
                + " it is given its oldest operation (where that is meant: P.starvation_ms = …)")
    }

    private func holdBreach(_ held: Nanoseconds) -> PolicyBreach {
        PolicyBreach(
            kind: .hold,
            message: "held an operation for \(held / 1_000_000) ms while the device had room"
                + " (limit \(limits.holdNanosecondsMax / 1_000_000) ms)")
    }

    private func misanswer(_ id: OperationID, _ device: DeviceID) -> PolicyBreach {
        let what =
            if let other = ready.device(of: id) {
                "which is ready for device \(other)"
            } else {
                "which is not ready (gone, dispatched already, or never there)"
            }
        return PolicyBreach(
            kind: .notReady,
            message: "answered operation \(id.slot) (generation \(id.generation)) for device"
                + " \(device.rawValue), \(what)")
    }
}
