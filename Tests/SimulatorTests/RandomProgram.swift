import CostModel
import Scheduling
import Simulator
import Wire

/// A random program of several clients, and what must hold of any run of it, worked out apart from
/// the scheduler.
///
/// The oracle's only notion is the frontier: the operations that must be over before the next thing
/// in a stream may happen. An operation replaces its stream's frontier, a record copies it, a wait
/// adds the record's copy to its own. An abort may drop a wait, which the program cannot know: so
/// every operation in a frontier comes with the waits that carried it there, and one that an
/// aborted stream's wait carried is not insisted on.
struct RandomProgram {
    /// Operations, each with the waits that carried it.
    typealias Frontier = [Int: Set<Int>]

    private(set) var steps: [WorkloadStep] = []
    /// By operation: what must be over before it may be dispatched.
    private var before: [Frontier] = []
    private(set) var streamOf: [StreamID] = []
    /// By token: what must be over before the wait may be.
    private var waits: [Frontier] = []
    private var streamOfCarrier: [StreamID] = []
    private var void: Set<Int> = []

    private var random: SeededRandom
    private var time: Nanoseconds = 0
    private var frontier: [StreamID: Frontier] = [:]
    private var captured: [EventID: Frontier] = [:]
    private var streams: [StreamID] = []
    private var deviceOf: [StreamID: DeviceID] = [:]
    private var clients: [ClientID] = []
    private var lastClient: UInt32 = 0
    private var lastIndex: [ClientID: UInt32] = [:]

    init(seed: UInt64, operations: Int, devices: Int = 2, eventsPerClient: UInt32 = 4) {
        random = SeededRandom(seed: seed)
        for _ in 0..<3 { attach(devices) }
        while before.count < operations {
            time += Nanoseconds(random.below(4) * random.below(5_000))
            step(devices, eventsPerClient)
        }
    }

    private mutating func step(_ devices: Int, _ events: UInt32) {
        let stream = streams[random.below(streams.count)]
        let event = EventID(
            client: stream.client, index: UInt32(random.below(Int(events))))
        switch random.below(1000) {
        case ..<520: submit(stream)
        case ..<640: record(event, stream)
        case ..<760: wait(event, stream)
        case ..<790: act(.reset(stream, event)) { $0.captured[event] = nil }
        case ..<960: synchronize(stream, event)
        case ..<970: abort(stream)
        case ..<980: destroy(stream)
        case ..<992: create(stream.client, devices)
        case ..<996: attach(devices)
        default: detach(stream.client, devices)
        }
    }

    private mutating func act(_ action: WorkloadAction, _ effect: (inout Self) -> Void = { _ in }) {
        steps.append(WorkloadStep(at: time, action))
        effect(&self)
    }

    private mutating func submit(_ stream: StreamID) {
        let duration = Nanoseconds(500 + random.below(20_000))
        // Predictions are off by up to three times either way.
        let cost = duration * Nanoseconds(1 + random.below(9)) / 3
        let phase = Phase(rawValue: UInt8(random.below(4))) ?? .other
        let work = Submission(stream: stream, payload: 0, phase: phase, costNanoseconds: cost)
        act(.submit(work, durationNanoseconds: duration))
        before.append(frontier[stream, default: [:]])
        streamOf.append(stream)
        frontier[stream] = [before.count - 1: []]
    }

    private mutating func record(_ event: EventID, _ stream: StreamID) {
        act(.record(stream, event))
        captured[event] = frontier[stream, default: [:]]
    }

    private mutating func wait(_ event: EventID, _ stream: StreamID) {
        act(.wait(stream, event))
        let carrier = streamOfCarrier.count
        streamOfCarrier.append(stream)
        for (operation, carriers) in captured[event] ?? [:] {
            // Known by a shorter way already: that way stands.
            if frontier[stream]?[operation] != nil { continue }
            frontier[stream, default: [:]][operation] = carriers.union([carrier])
        }
    }

    private mutating func synchronize(_ stream: StreamID, _ event: EventID) {
        let target: WaitTarget
        switch random.below(3) {
        case 0:
            target = .stream(stream)
            waits.append(frontier[stream, default: [:]])
        case 1:
            target = .event(event)
            waits.append(captured[event] ?? [:])
        default:
            let device = deviceOf[stream] ?? DeviceID(rawValue: 0)
            target = .device(stream.client, device)
            let covered = streams.filter { $0.client == stream.client && deviceOf[$0] == device }
            waits.append(
                covered.reduce(into: [:]) {
                    $0.merge(frontier[$1, default: [:]]) { $0.count <= $1.count ? $0 : $1 }
                })
        }
        act(.synchronize(target, token: UInt64(waits.count - 1)))
    }

    /// Which operations an abort drops is known from the run; they count as over.
    private mutating func abort(_ stream: StreamID) {
        act(.abort(stream))
        dropWaits(of: stream)
    }

    private mutating func dropWaits(of stream: StreamID) {
        void.formUnion(streamOfCarrier.indices.filter { streamOfCarrier[$0] == stream })
    }

    private mutating func destroy(_ stream: StreamID) {
        guard streams.count(where: { $0.client == stream.client }) > 1 else { return }
        let force = random.chance(percent: 30)
        act(.destroyStream(stream, force: force))
        if force { dropWaits(of: stream) }
        streams.removeAll { $0 == stream }
    }

    private mutating func create(_ client: ClientID, _ devices: Int) {
        let index = lastIndex[client, default: 0] + 1
        lastIndex[client] = index
        let stream = StreamID(client: client, index: index)
        let device = DeviceID(rawValue: Int32(random.below(devices)))
        act(.createStream(stream, device))
        streams.append(stream)
        deviceOf[stream] = device
    }

    private mutating func attach(_ devices: Int) {
        lastClient += 1
        let client = ClientID(rawValue: lastClient)
        act(.attach(ClientFacts(id: client, name: "random", weight: Double(1 + random.below(4)))))
        clients.append(client)
        for _ in 0..<1 + random.below(3) { create(client, devices) }
    }

    private mutating func detach(_ client: ClientID, _ devices: Int) {
        guard clients.count > 2 else { return }
        act(.detach(client))
        for stream in streams where stream.client == client { dropWaits(of: stream) }
        clients.removeAll { $0 == client }
        streams.removeAll { $0.client == client }
        captured = captured.filter { $0.key.client != client }
    }

    /// The same program, its operations on a few cores each and of two parts that move bytes.
    var overlapping: RandomProgram {
        var program = self
        program.steps = steps.map { step in
            guard case .submit(let work, let duration) = step.action else { return step }
            let part = ChipWork(
                resource: duration % 3 == 0 ? .vector : .cube, coresMax: 1 + Int(duration % 17),
                hbmBytes: Double(duration) * 300, fixedNanoseconds: Double(duration % 700))
            return WorkloadStep(at: step.time, .launch(work, [part, part]))
        }
        return program
    }

    // MARK: Judgement

    /// How many operations and waits there are, and what an operation must come after.
    var operationCount: Int { before.count }
    var waitCount: Int { waits.count }
    func predecessors(of operation: Int) -> [Int] { insisted(before[operation]) }

    private func insisted(_ frontier: Frontier) -> [Int] {
        frontier.filter { $0.value.isDisjoint(with: void) }.map(\.key)
    }

    /// What is wrong with a run of this program; empty when nothing is.
    func faults(of run: Simulation) -> [String] {
        var faults: [String] = run.refusals.map { "refused: \($0)" }
        var finishedAt: [Int: Nanoseconds] = [:]
        for life in run.finished {
            if finishedAt[life.payload] != nil {
                faults.append("operation \(life.payload) ran twice")
            }
            finishedAt[life.payload] = life.finishedAt
        }
        let dropped = Set(run.dropped.map(\.payload))
        if dropped.count != run.dropped.count { faults.append("something was dropped twice") }
        for index in before.indices {
            if dropped.contains(index) == (finishedAt[index] != nil) {
                faults.append(
                    "operation \(index) of \(streamOf[index]) was lost, or ran and was dropped")
            }
        }
        let over = { (index: Int, time: Nanoseconds) in
            dropped.contains(index) || finishedAt[index].map { $0 <= time } ?? false
        }
        for life in run.finished {
            for earlier in predecessors(of: life.payload) where !over(earlier, life.dispatchedAt) {
                faults.append("operation \(life.payload) was dispatched before \(earlier) was over")
            }
            if life.readyAt > life.dispatchedAt || life.dispatchedAt > life.startedAt {
                faults.append("operation \(life.payload) has times out of order")
            }
        }
        var satisfied: Set<Int> = []
        for (wait, time) in run.satisfied {
            let token = Int(wait.token)
            if !satisfied.insert(token).inserted {
                faults.append("wait \(token) was satisfied twice")
            }
            for earlier in insisted(waits[token]) where !over(earlier, time) {
                faults.append("wait \(token) was satisfied before \(earlier) was over")
            }
        }
        if satisfied.count != waits.count {
            faults.append("\(waits.count - satisfied.count) waits hang")
        }
        return faults
    }
}
