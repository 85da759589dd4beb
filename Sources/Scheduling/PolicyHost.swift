package import Wire

/// What the host decided for a device.
package enum HostDecision: Sendable, Equatable {
    /// `load` and `line` say who chose it; 0 where the fallback did.
    case dispatch(OperationID, load: UInt32, line: UInt32)
    case hold(wakeAt: Nanoseconds?)
    case idle
}

/// Holds the live policy and stands between it and the work.
///
/// It keeps its own ready set, so nothing can be lost in a policy; it checks every answer; and where the policy
/// fails it makes that one decision itself: what has been ready longest goes first, which is fair enough
/// among streams, since each shows one operation at a time. Time is passed in; nothing here is random.
package final class PolicyHost {
    package let limits: PolicyHostLimits
    package internal(set) var live: any Policy
    /// The number of the live load, counted from 1.
    package internal(set) var liveLoad: Int

    /// All loads, in order.
    var loads: [PolicyLoad] = []
    /// Loads in the order in which they were live, without those that were rolled back or put in quarantine.
    var lineage: [Int] = []
    /// In the order in which they came: what a new policy is told first.
    var clients: ContiguousArray<ClientFacts> = []
    var ready = ReadySet()
    /// Decisions of the live load that are not yet in `loads`.
    var decisionsPending: UInt64 = 0
    var log = DecisionLog()
    /// Of the live load, within the window.
    var breachTimes: ContiguousArray<Nanoseconds> = []
    var reports: [PolicyReport] = []
    private var holds: ContiguousArray<HoldClock> = []
    /// Operations that the live policy does not know, because its `ready` failed. They go out by the fallback.
    var orphans: ContiguousArray<OperationID> = []

    /// Reports kept for whoever asks; past it new ones are not kept.
    static let reportsMax = 4096

    package init(
        _ first: any Policy = FairPolicy(), limits: PolicyHostLimits = PolicyHostLimits(),
        now: Nanoseconds = 0
    ) {
        self.limits = limits
        live = first
        liveLoad = 1
        loads = [PolicyLoad(number: 1, policy: first, watched: false)]
        lineage = [1]
        report(.loaded, now: now, "\(first.origin), version \(first.version)")
    }

    // MARK: From the scheduler

    func attach(_ client: ClientFacts, now: Nanoseconds) {
        clients.append(client)
        if let breach = live.attach(client, now: now) { note(breach, now: now) }
    }

    func detach(_ client: ClientID, now: Nanoseconds) {
        clients.removeAll { $0.id == client }
        if let breach = live.detach(client, now: now) { note(breach, now: now) }
    }

    func becameReady(_ facts: OperationFacts, now: Nanoseconds) {
        let device = Int(facts.device.rawValue)
        while holds.count <= device { holds.append(HoldClock()) }
        ready.insert(facts, heldBefore: holds[device].reading(at: now))
        if let breach = live.ready(facts, now: now) {
            orphans.append(facts.id)
            note(breach, now: now)
        }
    }

    func finished(_ facts: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds) {
        if let breach = live.done(facts, tookNanoseconds: tookNanoseconds, now: now) {
            note(breach, now: now)
        }
    }

    /// A ready operation leaves without having run.
    func drop(_ facts: OperationFacts, reason: DropReason, now: Nanoseconds) {
        guard ready.remove(facts.id) else { return }
        if let breach = live.drop(facts, reason: reason, now: now) { note(breach, now: now) }
    }

    func readyCount(on device: DeviceID) -> Int { ready.count(on: Int(device.rawValue)) }

    /// Asks the policy, checks its answer, and decides in its place where it fails.
    func decide(_ load: DeviceLoad, now: Nanoseconds) -> HostDecision {
        let device = Int(load.device.rawValue)
        guard let oldest = ready.oldest(on: device) else { return .idle }
        let hasRoom =
            load.operationsInFlight == 0
            || (load.inFlightNanoseconds < limits.roomNanoseconds
                && load.operationsInFlight < limits.roomOperations)
        holds[device].stop(at: now)
        decisionsPending += 1
        if hasRoom {
            if !orphans.isEmpty, let orphan = takeOrphan(on: device) {
                return fallback(orphan, .fallback, now: now)
            }
            let held = holds[device].reading(at: now) - ready.heldBefore(oldest)
            if held >= limits.holdNanosecondsMax {
                let decision = fallback(oldest, .fallback, now: now)
                note(holdBreach(held), now: now)
                return decision
            }
        }
        switch live.decide(load, now: now) {
        case .dispatch(let id, let line):
            guard ready.device(of: id) == device else {
                return breach(misanswer(id, load), hasRoom ? oldest : nil, load, now: now)
            }
            take(id, .dispatched, line: line, now: now)
            return .dispatch(id, load: UInt32(truncatingIfNeeded: liveLoad), line: line)
        case .hold(let wakeAt):
            record(.held, nil, load.device, line: 0, now: now)
            return hold(oldest, on: device, hasRoom: hasRoom, wakeAt: wakeAt, now: now)
        case .breach(let why):
            return breach(why, hasRoom ? oldest : nil, load, now: now)
        }
    }

    // MARK: Deciding in the policy's place

    private func hold(
        _ oldest: OperationID, on device: Int, hasRoom: Bool, wakeAt: Nanoseconds?,
        now: Nanoseconds
    ) -> HostDecision {
        let asked = wakeAt.map { max($0, now + limits.wakeNanosecondsMin) }
        guard hasRoom else { return .hold(wakeAt: asked) }
        holds[device].start(at: now)
        let held = holds[device].reading(at: now) - ready.heldBefore(oldest)
        let limit = now + limits.holdNanosecondsMax - held
        return .hold(wakeAt: min(asked ?? limit, limit))
    }

    private func breach(
        _ why: PolicyBreach, _ substitute: OperationID?, _ load: DeviceLoad, now: Nanoseconds
    ) -> HostDecision {
        guard let substitute else {
            record(.breach, nil, load.device, line: 0, now: now)
            note(why, now: now)
            return .hold(wakeAt: nil)
        }
        let decision = fallback(substitute, .breach, now: now)
        note(why, now: now)
        return decision
    }

    private func fallback(
        _ id: OperationID, _ kind: DecisionRecord.Kind, now: Nanoseconds
    ) -> HostDecision {
        take(id, kind, line: 0, now: now)
        live.forget(id)
        return .dispatch(id, load: 0, line: 0)
    }

    /// The oldest operation for `device` that the policy was never told of.
    private func takeOrphan(on device: Int) -> OperationID? {
        orphans.removeAll { ready.device(of: $0) == nil }
        guard let index = orphans.firstIndex(where: { ready.device(of: $0) == device }) else {
            return nil
        }
        return orphans.remove(at: index)
    }

    private func take(
        _ id: OperationID, _ kind: DecisionRecord.Kind, line: UInt32, now: Nanoseconds
    ) {
        let facts = ready.facts(of: id)
        _ = ready.remove(id)
        record(kind, facts, facts.device, line: line, now: now)
    }

    private func record(
        _ kind: DecisionRecord.Kind, _ facts: OperationFacts?, _ device: DeviceID, line: UInt32,
        now: Nanoseconds
    ) {
        log.append(
            DecisionRecord(
                time: now, device: device, kind: kind,
                operation: facts?.id ?? OperationID(rawValue: 0),
                client: facts?.client ?? ClientID(rawValue: 0), phase: facts?.phase ?? .other,
                line: line))
    }

    private func holdBreach(_ held: Nanoseconds) -> PolicyBreach {
        PolicyBreach(
            kind: .hold,
            message: "held an operation for \(held / 1_000_000) ms while the device had room"
                + " (limit \(limits.holdNanosecondsMax / 1_000_000) ms)")
    }

    private func misanswer(_ id: OperationID, _ load: DeviceLoad) -> PolicyBreach {
        let what =
            if let device = ready.device(of: id) {
                "which is ready for device \(device)"
            } else {
                "which is not ready (gone, dispatched already, or never there)"
            }
        return PolicyBreach(
            kind: .notReady,
            message: "answered operation \(id.slot) (generation \(id.generation)) for device"
                + " \(load.device.rawValue), \(what)")
    }
}
