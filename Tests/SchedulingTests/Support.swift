import Scheduling
import Testing
import Wire

let device0 = DeviceID(rawValue: 0)
let device1 = DeviceID(rawValue: 1)

/// A scheduler with two devices, and short names for what the tests do with it.
final class Fixture {
    let host: PolicyHost
    let scheduler: Scheduler
    var now: Nanoseconds = 0

    init(
        _ policy: any Policy = FIFOPolicy(), limits: SchedulerLimits = .init(),
        hostLimits: PolicyHostLimits = .init()
    ) {
        host = PolicyHost(policy, limits: hostLimits)
        scheduler = Scheduler(devices: [device0, device1], limits: limits, policyHost: host)
    }

    func client(_ number: UInt32, weight: Double = 1) throws -> ClientID {
        let id = ClientID(rawValue: number)
        try scheduler.attach(ClientFacts(id: id, name: "client\(number)", weight: weight), now: now)
        return id
    }

    func stream(_ client: ClientID, _ index: UInt32, on device: DeviceID = device0) throws
        -> StreamID
    {
        let id = StreamID(client: client, index: index)
        try scheduler.createStream(id, device: device)
        return id
    }

    @discardableResult
    func work(
        _ stream: StreamID, _ payload: Int, cost: Nanoseconds = 10, phase: Phase = .other,
        needsIdleStream: Bool = false
    ) throws -> OperationID {
        try scheduler.enqueue(
            Submission(
                stream: stream, payload: payload, phase: phase, costNanoseconds: cost,
                needsIdleStream: needsIdleStream), now: now)
    }

    func record(_ stream: StreamID, _ event: EventID) throws {
        try scheduler.recordEvent(stream, event, now: now)
    }

    func wait(_ stream: StreamID, _ event: EventID) throws {
        try scheduler.waitEvent(stream, event, now: now)
    }

    /// Takes one decision; the payload of what was dispatched.
    func next(_ device: DeviceID = device0) -> Int? {
        guard case .operation(let operation) = scheduler.next(device: device, now: now) else {
            return nil
        }
        inFlight[operation.payload] = operation
        return operation.payload
    }

    var inFlight: [Int: DispatchedOperation] = [:]

    /// The device is done with what was dispatched with this payload; it took 10 ns.
    @discardableResult
    func finish(_ payload: Int, failure: OperationFailure? = nil) -> FinishedOperation? {
        guard let operation = inFlight.removeValue(forKey: payload) else { return nil }
        now += 10
        return scheduler.finished(
            operation.id, startedAt: now - 10, finishedAt: now, failure: failure, now: now)
    }

    /// Takes decisions and finishes each at once, until there is none; the payloads in order.
    func drain(_ device: DeviceID = device0) -> [Int] {
        var order: [Int] = []
        while let payload = next(device) {
            order.append(payload)
            finish(payload)
        }
        return order
    }

    func satisfied() -> [UInt64] {
        var tokens: [UInt64] = []
        while let wait = scheduler.nextSatisfied() { tokens.append(wait.token) }
        return tokens
    }
}

extension EventID {
    init(_ client: ClientID, _ index: UInt32) { self.init(client: client, index: index) }
}

/// A policy whose every answer is a closure; what it leaves out does nothing.
final class ScriptedPolicy: Policy {
    let name: String
    let version = 1
    let origin = "test"
    var starvationNanoseconds: Nanoseconds?
    var onReady: (OperationFacts) -> PolicyBreach? = { _ in nil }
    var onAttach: (ClientFacts) -> PolicyBreach? = { _ in nil }
    var onDecide: (ScriptedPolicy, DeviceLoad, Nanoseconds) -> Decision = { _, _, _ in
        .hold(wakeAt: nil)
    }
    var known: [OperationFacts] = []
    var attached: [ClientID] = []
    var log: [String] = []

    init(_ name: String = "scripted") { self.name = name }

    /// Takes what came first, as a policy should.
    static func honest(_ name: String = "honest") -> ScriptedPolicy {
        let policy = ScriptedPolicy(name)
        policy.onDecide = { policy, load, _ in
            guard let index = policy.known.firstIndex(where: { $0.device == load.device }) else {
                return .hold(wakeAt: nil)
            }
            return .dispatch(policy.known.remove(at: index).id, line: 7)
        }
        return policy
    }

    func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? {
        log.append("attach \(client.id.rawValue)")
        attached.append(client.id)
        return onAttach(client)
    }
    func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? {
        log.append("detach \(client.rawValue)")
        attached.removeAll { $0 == client }
        return nil
    }
    func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        log.append("ready \(operation.sequence)")
        if let breach = onReady(operation) { return breach }
        known.append(operation)
        return nil
    }
    func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision { onDecide(self, load, now) }
    func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    {
        log.append("done \(operation.sequence)")
        return nil
    }
    func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds) -> PolicyBreach? {
        log.append("drop \(operation.sequence) \(reason)")
        known.removeAll { $0.id == operation.id }
        return nil
    }
    func forget(_ operation: OperationID) { known.removeAll { $0.id == operation } }
    var options: [PolicyOption] { [] }
    func set(_ key: String, to value: String) throws { throw PolicyOptionError("no option \(key)") }
    func save() -> SavedState? { nil }
    var said: [String] = []
    func takeLog() -> [String] {
        defer { said.removeAll() }
        return said
    }
}
