import Device

/// What a device may be told, checked as it is told: names exist, order can be kept, nothing goes
/// while it is used.
struct ExecutorContract {
    private enum Entry {
        case operation(plan: UInt32?)
        case record(mark: UInt32, instance: Int)
        case wait(instance: Int)
    }

    /// What the loop did that a device could not bear.
    private(set) var violations: [String] = []
    private var streams: Set<UInt32> = []
    /// The device has been told to let go of them and has not yet.
    private var leavingStreams: Set<UInt32> = []
    private var plans: Set<UInt32> = []
    private var memory: Set<UInt64> = []
    private var hostMemory: Set<UInt64> = []
    private var queues: [UInt32: [Entry]] = [:]
    /// Each recorded mark's latest record.
    private var instances: [UInt32: Int] = [:]
    /// Marks that are neither reached nor forgotten, one of them, or both.
    private var openMarks: Set<UInt32> = []
    private var unforgotten: Set<UInt32> = []
    private var reached: Set<Int> = []
    private var nextInstance = 0
    private var newlyReached: [UInt32] = []

    /// Streams whose oldest entry is an operation, lowest number first.
    var runnable: [UInt32] {
        queues.filter { if case .operation? = $0.value.first { true } else { false } }.keys.sorted()
    }

    /// What was made and not given back; empty where nothing is left.
    var leftovers: [String] {
        [
            ("streams", streams.count), ("plans", plans.count), ("blocks", memory.count),
            ("pinned blocks", hostMemory.count), ("marks", unforgotten.count),
        ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    }

    // MARK: Asks

    mutating func note(_ ask: DeviceAsk) {
        switch ask {
        case .createStream(let stream, _, _):
            if leavingStreams.contains(stream) {
                violate("stream \(stream) comes before it is gone")
            }
        case .destroyStream(let stream):
            leavingStreams.insert(stream)
            if !(queues[stream] ?? []).isEmpty { violate("stream \(stream) goes with work in it") }
            if streams.remove(stream) == nil { violate("stream \(stream) goes and never came") }
        case .dropPlan(let plan):
            let isUsed = queues.values.contains { $0.contains { Self.uses($0, plan) } }
            if isUsed { violate("plan \(plan) goes while it is used") }
            if plans.remove(plan) == nil { violate("plan \(plan) goes and never came") }
        case .free(let address):
            if memory.remove(address) == nil { violate("\(address) is freed and is not there") }
        default: break
        }
    }

    mutating func noteAnswered(_ ask: DeviceAsk, status: Int32) {
        // A device that does not let go of pinned memory cannot be made to.
        if case .unregisterHost(let address) = ask { hostMemory.remove(address) }
        guard status == 0 else { return }
        switch ask {
        case .destroyStream(let stream): leavingStreams.remove(stream)
        case .createStream(let stream, _, _):
            if !streams.insert(stream).inserted { violate("stream \(stream) is made twice") }
        case .preparePlan(let plan, _, _, _): plans.insert(plan)
        case .registerHost(let address, _): hostMemory.insert(address)
        default: break
        }
    }

    mutating func noteAllocated(_ address: UInt64) { memory.insert(address) }

    private static func uses(_ entry: Entry, _ plan: UInt32) -> Bool {
        if case .operation(plan) = entry { true } else { false }
    }

    // MARK: Commands

    mutating func note(_ command: DeviceCommand) {
        switch command {
        case .launch(let launch):
            if !plans.contains(launch.plan) { violate("plan \(launch.plan) is not known") }
            append(.operation(plan: launch.plan), to: launch.stream)
        case .copy(let copy): append(.operation(plan: nil), to: copy.stream)
        case .fill(let fill): append(.operation(plan: nil), to: fill.stream)
        case .record(let stream, let mark): noteRecord(mark, on: stream)
        case .wait(let stream, let mark):
            guard let instance = instances[mark], unforgotten.contains(mark) else {
                return violate("a wait for mark \(mark), which nobody recorded")
            }
            append(.wait(instance: instance), to: stream)
        case .forgetMark(let mark):
            if unforgotten.remove(mark) == nil { violate("mark \(mark) is forgotten twice") }
        case .abort, .limit: break
        }
    }

    private mutating func noteRecord(_ mark: UInt32, on stream: UInt32) {
        if openMarks.contains(mark) || unforgotten.contains(mark) {
            violate("mark \(mark) comes again too early")
        }
        instances[mark] = nextInstance
        openMarks.insert(mark)
        unforgotten.insert(mark)
        append(.record(mark: mark, instance: nextInstance), to: stream)
        nextInstance += 1
    }

    private mutating func append(_ entry: Entry, to stream: UInt32) {
        if !streams.contains(stream) { violate("stream \(stream) is not known") }
        queues[stream, default: []].append(entry)
        settleMarks()
    }

    // MARK: Ends

    /// The oldest operation of the stream is over.
    mutating func noteFinished(on stream: UInt32) {
        guard let index = queues[stream]?.firstIndex(where: Self.isOperation) else { return }
        queues[stream]?.remove(at: index)
        settleMarks()
    }

    /// Marks that were reached since this was last asked.
    mutating func takeReached() -> [UInt32] {
        defer { newlyReached = [] }
        return newlyReached
    }

    private static func isOperation(_ entry: Entry) -> Bool {
        if case .operation = entry { true } else { false }
    }

    /// Takes out of the fronts of the streams what is over.
    private mutating func settleMarks() {
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for (stream, queue) in queues {
                switch queue.first {
                case .record(let mark, let instance)?:
                    reached.insert(instance)
                    openMarks.remove(mark)
                    newlyReached.append(mark)
                case .wait(let instance)? where reached.contains(instance): break
                default: continue
                }
                queues[stream]?.removeFirst()
                hasMoved = true
            }
        }
    }

    private mutating func violate(_ what: String) { violations.append(what) }
}
