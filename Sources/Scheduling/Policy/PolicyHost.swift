package import Wire

/// Holds the live policy and stands between it and the work: nothing can be lost in a policy, every
/// answer is checked, and a policy that fails too often is replaced by the last good one.
///
/// Decisions are the `DecisionDesk`'s; loads, breaches, exchange and quarantine are here. Time is
/// passed in; nothing here is random and nothing depends on a dictionary's order.
package final class PolicyHost {
    package let limits: PolicyHostLimits
    // Unchecked for the same reason as `Scheduler.core`: a policy has no way back to its host.
    @safe @exclusivity(unchecked) var desk: DecisionDesk

    /// By number.
    var loads: LoadBook
    /// Loads in the order in which they were live, without those that were rolled back or put in
    /// quarantine.
    var lineage = [1]
    /// In the order in which they came: what a new policy is told first.
    var clients: ContiguousArray<ClientFacts> = []
    /// Of the live load, within the window.
    var breachTimes: ContiguousArray<Nanoseconds> = []
    var holdsInARow = HoldsInARow()
    var reports: [PolicyReport] = []

    /// Reports kept for whoever asks; past it new ones are not kept.
    static let reportsMax = 4096

    package init(
        _ first: any Policy = FairPolicy(), limits: PolicyHostLimits = PolicyHostLimits(),
        now: Nanoseconds = 0
    ) {
        self.limits = limits
        desk = DecisionDesk(policy: first, load: 1, limits: limits)
        loads = LoadBook(PolicyLoad(number: 1, policy: first, watched: false))
        report(.loaded, now: now, "\(first.origin), version \(first.version)")
    }

    package var live: any Policy { desk.policy }

    /// The number of the live load, counted from 1.
    package var liveLoad: Int { Int(desk.load) }

    // MARK: From the scheduler

    func attach(_ client: ClientFacts, now: Nanoseconds) {
        clients.append(client)
        desk.attach(client.id)
        if let breach = live.attach(client, now: now) { note(breach, now: now) }
    }

    func detach(_ client: ClientID, now: Nanoseconds) {
        clients.removeAll { $0.id == client }
        desk.detach(client)
        if let breach = live.detach(client, now: now) { note(breach, now: now) }
    }

    func becameReady(_ facts: OperationFacts, now: Nanoseconds) {
        if let breach = desk.becameReady(facts, now: now) { note(breach, now: now) }
    }

    func finished(_ facts: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds) {
        desk.finished(facts, now: now)
        if let breach = desk.policy.done(facts, tookNanoseconds: tookNanoseconds, now: now) {
            note(breach, now: now)
        }
    }

    /// A ready operation leaves without having run.
    func drop(_ facts: OperationFacts, reason: DropReason, now: Nanoseconds) {
        guard desk.drop(facts) else { return }
        if let breach = live.drop(facts, reason: reason, now: now) { note(breach, now: now) }
    }

    /// Records every decision from now on, or stops.
    package var recordsDecisions: Bool {
        get { desk.stream.isRecording }
        set {
            desk.stream.isRecording = newValue
            desk.policy.recordsHolds = newValue
        }
    }

    /// Hands what was decided since the last drain to `body`; returns how many decisions were lost.
    package func drainDecisions(_ body: (DecisionRecord) -> Void) -> UInt64 {
        desk.stream.drain(body)
    }

    func readyCount(on device: DeviceID) -> Int { desk.ready.count(on: Int(device.rawValue)) }

    func decide(_ load: DeviceLoad, now: Nanoseconds) -> HostDecision {
        let (decision, breach) = desk.decide(load, now: now)
        if let breach { note(breach, now: now) }
        return decision
    }
}

/// Holds past the limit between which a policy chose nothing.
struct HoldsInARow {
    private var count = 0
    private var lastAt = Nanoseconds.min

    /// One more; how many there are in a row now. Operations that were held at the same time count
    /// as one.
    mutating func add(at now: Nanoseconds, hasChosen: Bool, limit: Nanoseconds) -> Int {
        if count == 0 || hasChosen {
            count = 1
            lastAt = now
        } else if now - lastAt >= limit {
            count += 1
            lastAt = now
        }
        return count
    }
}
