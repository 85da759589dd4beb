import Scheduling
import Testing
import Wire

/// Random work, records and waits on two devices that run ahead, against a model that knows what
/// each operation comes behind.
@Suite struct RandomOrderTests {
    @Test(arguments: [1024, 4, 1])
    func `no order is lost, whatever is done and whenever devices finish`(depth: Int) throws {
        let seed = UInt64.random(in: 1 ... .max)
        let model = try OrderModel(seed: seed, depth: depth)
        for step in 0..<20_000 {
            try model.act()
            guard model.problems.isEmpty else {
                Issue.record("seed \(seed), depth \(depth), step \(step): \(model.problems)")
                return
            }
        }
        model.finishAll()
        #expect(model.problems == [], "seed \(seed)")
        #expect(model.scheduler.queued(of: model.client) == 0, "seed \(seed)")
        #expect(model.openMarks.isEmpty, "seed \(seed)")
    }
}

private final class OrderModel {
    private enum Entry {
        case operation(Int, OperationID)
        case record(Int)
        case wait(Int)
    }

    let scheduler: Scheduler
    let client = ClientID(rawValue: 1)
    private(set) var problems: [String] = []
    /// Marks that are recorded and not forgotten, with their record's own number.
    private(set) var openMarks: [UInt32: Int] = [:]
    private var random: SeededRandom
    private let depth: Int
    private var now: Nanoseconds = 0
    /// What the devices have of each stream.
    private var queues: [[Entry]]
    private var reached: Set<Int> = []
    private var nextRecord = 0
    private var nextOperation = 0
    private var unfinished: Set<Int> = []
    private var before: [Int: Set<Int>] = [:]
    private var frontiers: [Set<Int>]
    /// By event: what each of its records comes behind.
    private var records: [[Set<Int>]]

    private var recordStreams: [[Int]]
    private var streamOf: [Int: Int] = [:]

    private static let streams = 6
    private static let events = 3

    init(seed: UInt64, depth: Int) throws {
        random = SeededRandom(seed: seed)
        self.depth = depth
        var limits = SchedulerLimits()
        limits.submitAhead = true
        limits.streamDepthMax = depth
        scheduler = Scheduler(
            devices: [device0, device1], limits: limits,
            policyHost: PolicyHost(RandomPolicy(seed: seed)))
        queues = Array(repeating: [], count: Self.streams)
        frontiers = Array(repeating: [], count: Self.streams)
        records = Array(repeating: [], count: Self.events)
        recordStreams = records.map { _ in [] }
        try scheduler.attach(ClientFacts(id: client, name: "random"), now: 0)
        for index in 0..<Self.streams {
            try scheduler.createStream(
                stream(index), device: device(index), number: UInt32(index))
        }
    }

    private func stream(_ index: Int) -> StreamID {
        StreamID(client: client, index: UInt32(index))
    }
    private func device(_ index: Int) -> DeviceID { index % 3 == 2 ? device1 : device0 }

    // MARK: One step

    func act() throws {
        now += 1
        let (at, event) = (random.below(Self.streams), random.below(Self.events))
        switch random.below(40) {
        case 0..<14: try enqueue(at)
        case 14..<18: try record(event, at)
        case 18..<22: try wait(event, at)
        case 22..<30: dispatch()
        case 30: if random.chance(percent: 20) { try abort(at) }
        default: finishSomething()
        }
        takeOrders()
    }

    private func enqueue(_ at: Int) throws {
        guard unfinished.count < 200 else { return }
        nextOperation += 1
        before[nextOperation] = frontiers[at]
        streamOf[nextOperation] = at
        frontiers[at] = [nextOperation]
        unfinished.insert(nextOperation)
        try scheduler.enqueue(
            Submission(stream: stream(at), payload: nextOperation, costNanoseconds: 10), now: now)
    }

    private func record(_ event: Int, _ at: Int) throws {
        records[event].append(frontiers[at])
        recordStreams[event].append(at)
        try scheduler.recordEvent(
            stream(at), EventID(client, UInt32(event)), number: UInt64(records[event].count),
            now: now)
    }

    /// For one of the last three records, or none.
    private func wait(_ event: Int, _ at: Int) throws {
        let number = max(0, records[event].count - random.below(3))
        if number > 0 { frontiers[at].formUnion(records[event][number - 1]) }
        try scheduler.waitEvent(
            stream(at), EventID(client, UInt32(event)), number: UInt64(number), now: now)
    }

    /// What is dropped counts as done: nobody waits for it any more. Nor for what a dropped wait of
    /// the stream was for, and the model does not know which of its waits were dropped.
    private func abort(_ at: Int) throws {
        for dropped in try scheduler.abort(stream(at), now: now) {
            unfinished.remove(dropped.payload)
        }
        var loose = frontiers[at]
        for (event, streams) in recordStreams.enumerated() {
            for (index, stream) in streams.enumerated() where stream == at {
                loose.formUnion(records[event][index])
            }
        }
        loose = loose.filter { streamOf[$0] != at }
        for index in frontiers.indices { frontiers[index].subtract(loose) }
        for event in records.indices {
            for index in records[event].indices { records[event][index].subtract(loose) }
        }
        for operation in unfinished { before[operation]?.subtract(loose) }
    }

    // MARK: The devices

    private func dispatch() {
        takeOrders()
        let device = random.chance(percent: 60) ? device0 : device1
        guard case .operation(let operation) = scheduler.next(device: device, now: now) else {
            return
        }
        append(.operation(operation.payload, operation.id), Int(operation.facts.stream.index))
    }

    private func takeOrders() {
        while let order = scheduler.nextDeviceOrder() {
            switch order {
            case .record(_, let stream, let mark):
                if openMarks[mark] != nil { problems.append("mark \(mark) comes too early") }
                openMarks[mark] = nextRecord
                append(.record(nextRecord), Int(stream))
                nextRecord += 1
            case .wait(let device, let stream, let mark):
                guard let record = openMarks[mark], device == self.device(Int(stream)) else {
                    problems.append("a wait for mark \(mark), which is not there")
                    continue
                }
                append(.wait(record), Int(stream))
            case .forget(_, let mark):
                if openMarks.removeValue(forKey: mark) == nil {
                    problems.append("mark \(mark) is forgotten twice")
                }
            }
        }
    }

    private func append(_ entry: Entry, _ at: Int) {
        queues[at].append(entry)
        passMarks()
        if queues[at].count > depth + 1 { problems.append("stream \(at) is too deep") }
    }

    private func passMarks() {
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for at in queues.indices {
                switch queues[at].first {
                case .record(let record)?: reached.insert(record)
                case .wait(let record)? where reached.contains(record): break
                default: continue
                }
                queues[at].removeFirst()
                hasMoved = true
            }
        }
    }

    private func finishSomething() {
        let at = random.below(Self.streams)
        guard case .operation(let payload, let id)? = queues[at].first else { return }
        queues[at].removeFirst()
        let early = (before.removeValue(forKey: payload) ?? []).intersection(unfinished)
        if !early.isEmpty { problems.append("\(payload) ran before \(early)") }
        unfinished.remove(payload)
        passMarks()
        if scheduler.finished(id, startedAt: now, finishedAt: now, now: now) == nil {
            problems.append("\(payload) was not in flight")
        }
    }

    // MARK: The end

    func finishAll() {
        for _ in 0..<200_000 where !unfinished.isEmpty {
            now += 1
            dispatch()
            finishSomething()
            takeOrders()
        }
        takeOrders()
        if !unfinished.isEmpty { problems.append("\(unfinished.count) operations never ran") }
    }
}
