import Scheduling
import Wire

/// Answers what is not so, in one way or in all; now and then it tells the truth, so that work gets
/// mixed.
final class LyingPolicy: Policy {
    enum Lie: CaseIterable {
        case staleIDs, doubleAnswers, neverAnswers, wrongDevice, madeUpIDs, failingReady,
            failingDecide, everything
    }
    let name = "liar"
    let version = 1
    let origin = "test"
    private let lie: Lie
    private var random: SeededRandom
    private var known: [OperationFacts] = []
    private var past: [OperationID] = []

    init(_ lie: Lie, seed: UInt64) {
        self.lie = lie
        random = SeededRandom(seed: seed)
    }

    func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }

    func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        let fails = lie == .failingReady || lie == .everything
        if fails, random.chance(percent: 30) { return PolicyBreach(kind: .error, message: "lie") }
        known.append(operation)
        return nil
    }

    func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        let lies: [Lie] = [
            .staleIDs, .doubleAnswers, .neverAnswers, .wrongDevice, .madeUpIDs, .failingDecide,
        ]
        let now_ = lie == .everything ? lies[random.below(lies.count)] : lie
        if random.chance(percent: 50) { return truth(load) }
        switch now_ {
        case .staleIDs, .doubleAnswers:
            guard !past.isEmpty else { return truth(load) }
            let last =
                now_ == .doubleAnswers ? past[past.count - 1] : past[random.below(past.count)]
            return .dispatch(last, line: 1)
        case .neverAnswers: return .hold(wakeAt: random.chance(percent: 50) ? nil : now - 1)
        case .wrongDevice:
            guard let other = known.first(where: { $0.device != load.device }) else {
                return truth(load)
            }
            return .dispatch(other.id, line: 2)
        case .madeUpIDs: return .dispatch(OperationID(rawValue: random.next()), line: 3)
        case .failingDecide: return .breach(PolicyBreach(kind: .instructions, message: "lie"))
        case .failingReady, .everything: return truth(load)
        }
    }

    private func truth(_ load: DeviceLoad) -> Decision {
        let candidates = known.indices.filter { known[$0].device == load.device }
        guard !candidates.isEmpty, load.operationsInFlight < 8 else { return .hold(wakeAt: nil) }
        let id = known.remove(at: candidates[random.below(candidates.count)]).id
        past.append(id)
        return .dispatch(id, line: 0)
    }

    func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    { nil }
    /// It never forgets: what was dropped or decided by others stays among what it may answer.
    func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds) -> PolicyBreach? {
        nil
    }
    func forget(_ operation: OperationID) {}
    var options: [PolicyOption] { [] }
    func set(_ key: String, to value: String) throws {}
    func save() -> SavedState? { nil }
}
