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
    private let limits: PolicyHostLimits
    private var holds: ContiguousArray<HoldClock> = []
    /// Operations that the policy does not know, because its `ready` failed. They go out by the
    /// fallback.
    private var orphans: ContiguousArray<OperationID> = []

    init(policy: any Policy, load: UInt32, limits: PolicyHostLimits) {
        self.policy = policy
        self.load = load
        self.limits = limits
    }

    /// Another policy, which was told of everything ready, takes over.
    mutating func install(_ policy: any Policy, load: UInt32) {
        self.policy.recordsHolds = false
        policy.recordsHolds = stream.isRecording
        self.policy = policy
        self.load = load
        orphans.removeAll()
        log.removeAll()
    }

    mutating func becameReady(_ facts: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        let device = Int(facts.device.rawValue)
        while holds.count <= device { holds.append(HoldClock()) }
        ready.insert(facts, heldBefore: holds[device].reading(at: now))
        guard let breach = policy.ready(facts, now: now) else { return nil }
        orphans.append(facts.id)
        return breach
    }

    /// What the device does next, and how the policy failed, if it did.
    mutating func decide(
        _ device: DeviceLoad, now: Nanoseconds
    ) -> (decision: HostDecision, breach: PolicyBreach?) {
        let index = Int(device.device.rawValue)
        guard let oldest = ready.oldest(on: index) else { return (.idle, nil) }
        holds[index].stop(at: now)
        decisions += 1
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
        switch policy.decide(device, now: now) {
        case .dispatch(let id, let line, let cores, let note):
            guard ready.device(of: id) == index else {
                let breach = misanswer(id, device.device)
                return (substitute(hasRoom ? oldest : nil, device, now: now), breach)
            }
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
