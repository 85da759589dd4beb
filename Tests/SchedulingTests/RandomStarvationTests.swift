import Scheduling
import Testing
import Wire

/// Random programs under a policy that ignores random clients for random times: whatever it does, no
/// client with ready work waits for longer than the bound.
@Suite struct RandomStarvationTests {
    @Test(arguments: [false, true])
    func `no client waits longer than the bound`(submitAhead: Bool) throws {
        for _ in 0..<30 {
            let seed = UInt64.random(in: 1 ... .max)
            let model = try StarvationModel(seed: seed, submitAhead: submitAhead)
            for _ in 0..<3_000 where model.problems.isEmpty { try model.step() }
            #expect(model.problems.isEmpty, "seed \(seed): \(model.problems)")
            #expect(model.gifts > 0, "seed \(seed): nobody was ever starved, so nothing was tried")
        }
    }
}

/// Ignores some clients until it changes its mind.
private final class IgnoringPolicy: Policy {
    let name = "ignoring"
    let version = 1
    let origin = "test"
    private var random: SeededRandom
    private var ignored: Set<UInt32> = []
    private var ready: [OperationFacts] = []

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }
    func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        ready.append(operation)
        return nil
    }
    func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        if random.below(200) == 0 {
            ignored = Set((1...StarvationModel.clients).filter { _ in random.chance(percent: 50) })
        }
        let candidates = ready.indices.filter {
            ready[$0].device == load.device && !ignored.contains(ready[$0].client.rawValue)
        }
        guard load.operationsInFlight < 3, !candidates.isEmpty else {
            return .hold(wakeAt: random.chance(percent: 20) ? now + 50_000 : nil)
        }
        return .dispatch(ready.remove(at: candidates[random.below(candidates.count)]).id, line: 0)
    }
    func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    { nil }
    func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds) -> PolicyBreach? {
        forget(operation.id)
        return nil
    }
    func forget(_ operation: OperationID) { ready.removeAll { $0.id == operation } }
    var options: [PolicyOption] { [] }
    func set(_ key: String, to value: String) throws {}
    func save() -> SavedState? { nil }
}

/// Programs, two devices and the time, with a count of its own of who waits for what.
private final class StarvationModel {
    static let clients: UInt32 = 6
    private static let bound: Nanoseconds = 2_000_000

    private let host: PolicyHost
    private let scheduler: Scheduler
    private var random: SeededRandom
    private var now: Nanoseconds = 0
    private var nextPayload = 0
    private var wakeAt: [Nanoseconds?] = [nil, nil]
    private var running: [(operation: DispatchedOperation, end: Nanoseconds)] = []
    /// By stream: operations that are not dispatched, and those on the device.
    private var waiting: [StreamID: Int] = [:]
    private var inFlight: [StreamID: Int] = [:]
    private var waitsSince: [Place: Nanoseconds] = [:]
    private var lastGift: [Place: Nanoseconds] = [:]
    private let submitAhead: Bool
    private(set) var gifts = 0
    private(set) var problems: [String] = []

    private struct Place: Hashable {
        var client: UInt32
        var device: Int32
    }

    init(seed: UInt64, submitAhead: Bool) throws {
        self.submitAhead = submitAhead
        random = SeededRandom(seed: seed)
        var limits = PolicyHostLimits()
        limits.starvationNanoseconds = Self.bound
        limits.breachesMax = .max
        limits.holdsInARowMax = .max
        host = PolicyHost(IgnoringPolicy(seed: seed), limits: limits)
        host.recordsDecisions = true
        var schedulerLimits = SchedulerLimits()
        schedulerLimits.submitAhead = submitAhead
        scheduler = Scheduler(
            devices: [device0, device1], limits: schedulerLimits, policyHost: host)
        for client in 1...Self.clients { try attach(client) }
    }

    private func streams(of client: UInt32) -> [StreamID] {
        (0..<4).map { StreamID(client: ClientID(rawValue: client), index: $0) }
    }

    private func device(of stream: StreamID) -> Int32 { Int32(stream.index % 2) }

    private func attach(_ client: UInt32) throws {
        try scheduler.attach(ClientFacts(id: ClientID(rawValue: client), name: "c"), now: now)
        for stream in streams(of: client) {
            try scheduler.createStream(
                stream, device: DeviceID(rawValue: device(of: stream)), number: stream.index)
            (waiting[stream], inFlight[stream]) = (0, 0)
        }
    }

    // MARK: One step

    func step() throws {
        for _ in 0..<random.below(4) { try enqueue() }
        dispatchAll()
        check()
        // Nothing that the scheduler was promised to be asked at is passed by.
        let ends = running.map(\.end) + wakeAt.compactMap(\.self)
        now = max(now, min(ends.min() ?? .max, now + Nanoseconds(random.below(300_000))))
        let over = running.filter { $0.end <= now }
        running.removeAll { $0.end <= now }
        for one in over { finish(one.operation) }
        check()
    }

    private func enqueue() throws {
        let client = 1 + UInt32(random.below(Int(Self.clients)))
        let stream = streams(of: client)[random.below(4)]
        guard waiting[stream, default: 0] < 5 else { return }
        nextPayload += 1
        waiting[stream, default: 0] += 1
        try scheduler.enqueue(
            Submission(
                stream: stream, payload: nextPayload,
                costNanoseconds: 1 + Nanoseconds(random.below(400_000))), now: now)
        noteWaits()
    }

    private func dispatchAll() {
        for device in [device0, device1] {
            let index = Int(device.rawValue)
            wakeAt[index] = nil
            asking: while true {
                switch scheduler.next(device: device, now: now) {
                case .operation(let operation):
                    let stream = operation.facts.stream
                    waiting[stream, default: 0] -= 1
                    inFlight[stream, default: 0] += 1
                    running.append((operation, now + operation.facts.costNanoseconds))
                    noteWaits()
                case .hold(let time):
                    wakeAt[index] = time
                    break asking
                case .idle: break asking
                }
            }
        }
        while scheduler.nextDeviceOrder() != nil {}
        _ = host.drainDecisions { decision in
            guard decision.kind == .starved else { return }
            gifts += 1
            let place = Place(client: decision.client.rawValue, device: decision.device.rawValue)
            if let last = lastGift[place], decision.time - last < Self.bound {
                problems.append("\(place) is given something twice within the bound")
            }
            lastGift[place] = decision.time
        }
    }

    private func finish(_ operation: DispatchedOperation) {
        inFlight[operation.facts.stream, default: 0] -= 1
        scheduler.finished(operation.id, startedAt: now, finishedAt: now, now: now)
        noteWaits()
    }

    // MARK: The model's own count

    /// Who has something ready for a device and nothing on it, and since when.
    private func noteWaits() {
        for client in 1...Self.clients {
            for device in 0...1 as ClosedRange<Int32> {
                let own = streams(of: client).filter { self.device(of: $0) == device }
                let hasNone = own.allSatisfy { inFlight[$0, default: 0] == 0 }
                let hasReady = own.contains { waiting[$0, default: 0] > 0 }
                let place = Place(client: client, device: device)
                guard hasNone && hasReady else {
                    waitsSince[place] = nil
                    continue
                }
                if waitsSince[place] == nil { waitsSince[place] = now }
            }
        }
    }

    private func check() {
        for (place, since) in waitsSince where now - since > Self.bound {
            problems.append("\(place) has waited for \(now - since) ns at \(now)")
        }
    }
}
