import CWire
import Daemon
import Device
import RingDoubles
import Scheduling
import Testing

/// Many programs do what they like, devices answer and finish when they like, and after each step
/// what must hold is looked at.
@Suite struct RandomProgramsTests {
    @Test(arguments: [(true, 64), (false, 64), (true, 3)])
    func `any interleaving keeps every promise`(submitsAhead: Bool, programs: Int) throws {
        let seed = UInt64.random(in: 1 ... .max)
        let world = try RandomWorld(seed: seed, programs: programs, submitsAhead: submitsAhead)
        for step in 0..<6000 {
            try world.act()
            let problems = world.takeProblems()
            guard problems.isEmpty else {
                Issue.record("seed \(seed), step \(step): \(problems)")
                return
            }
        }
        world.end()
        #expect(world.takeProblems() == [], "seed \(seed)")
        #expect(world.bench.core.holdings == Holdings(), "seed \(seed)")
        #expect(world.bench.core.sessions.isEmpty, "seed \(seed)")
    }
}

/// Programs, devices, and what is known of the order between operations.
private final class RandomWorld {
    let bench: CoreBench
    private var random: SeededRandom
    private var programs: [RandomProgram] = []
    private var gone: [RandomProgram] = []
    private var problems: [String] = []
    private var nextOperation: Int32 = 1
    /// What must be finished before an operation is.
    private var before: [Int32: Set<Int32>] = [:]
    private var unfinished: Set<Int32> = []
    /// Operations sent to each device, as far as `checkOrder` has looked.
    private var looked: [Int] = []
    /// The last operation that each stream of a device was given.
    private var last: [UInt64: Int32] = [:]

    init(seed: UInt64, programs count: Int, submitsAhead: Bool) throws {
        random = SeededRandom(seed: seed)
        bench = CoreBench(
            devices: 2, submitsAhead: submitsAhead, policy: RandomPolicy(seed: seed),
            scheduler: { $0.streamDepthMax = 12 })
        looked = bench.devices.map { _ in 0 }
        for _ in 0..<count { try programs.append(RandomProgram(bench)) }
        for device in bench.devices { device.answersAtOnce = false }
    }

    func takeProblems() -> [String] {
        defer { problems = [] }
        return problems + bench.violations
    }

    // MARK: One step

    func act() throws {
        switch random.below(20) {
        case 0..<9: work(of: programs[random.below(programs.count)])
        case 9..<11: programs[random.below(programs.count)].ask(&random)
        case 11..<15: finishSomething()
        case 15..<17: answerSomething()
        case 17: if random.chance(percent: 5) { try replace(random.below(programs.count)) }
        default: _ = bench.core.step(now: bench.now)
        }
        if random.chance(percent: 30) { bench.settle() }
        checkOrder()
        for program in programs { problems += program.noticeAnswers() }
    }

    private func work(of program: RandomProgram) {
        guard let from = program.anyStream(&random), let to = program.anyStream(&random) else {
            return
        }
        switch random.below(6) {
        case 0: program.record(on: from)
        case 1: program.wait(on: to)
        case 2 where program.double.slotsTaken.count < 60: program.copy(on: from)
        default:
            let operation = nextOperation
            nextOperation += 1
            before[operation] = program.fill(operation, on: from)
            unfinished.insert(operation)
        }
    }

    private func finishSomething() {
        let device = bench.devices[random.below(2)]
        let streams = device.contract.runnable
        guard !streams.isEmpty else { return }
        let stream = streams[random.below(streams.count)]
        guard let operation = device.finish(stream: stream, from: bench.now, to: bench.now),
            operation != 0
        else { return }
        let early = (before.removeValue(forKey: operation) ?? []).intersection(unfinished)
        if !early.isEmpty { problems.append("\(operation) ran before \(early)") }
        unfinished.remove(operation)
    }

    /// Lanes run beside each other; in a lane the first ask is answered first.
    private func answerSomething() {
        let device = bench.devices[random.below(2)]
        guard !device.openAsks.isEmpty else { return }
        let lane = device.openAsks[random.below(device.openAsks.count)].lane
        guard let first = device.openAsks.first(where: { $0.lane == lane }) else { return }
        device.answer(first, status: 0)
    }

    private func replace(_ index: Int) throws {
        let old = programs[index]
        if random.chance(percent: 30) {
            old.double.rings[0].pretend(tail: 1 << 40)
        } else {
            bench.core.take(ProgramEnded(client: old.double.session.id))
        }
        unfinished.subtract(old.operations)
        gone.append(old)
        programs[index] = try RandomProgram(bench)
    }

    /// A stream's operations reach its device in the order in which they were enqueued.
    private func checkOrder() {
        for (index, device) in bench.devices.enumerated() {
            for sent in device.sent[looked[index]...] {
                guard case .fill(let fill) = sent.command else { continue }
                let stream = UInt64(index) << 32 | UInt64(fill.stream)
                if let previous = last[stream], previous >= fill.value {
                    problems.append("\(fill.value) came behind \(previous)")
                }
                last[stream] = fill.value
            }
            looked[index] = device.sent.count
        }
    }

    // MARK: The end

    /// Everybody goes; the devices finish and answer all.
    func end() {
        for program in programs { bench.core.take(ProgramEnded(client: program.double.session.id)) }
        for device in bench.devices { device.answersAtOnce = true }
        for _ in 0..<20 {
            bench.settle()
            for device in bench.devices {
                device.answerAll()
                device.finishAll(at: bench.now)
            }
        }
        for program in programs + gone {
            if program.double.session.asksInFlight != 0 { problems.append("asks are open") }
            if program.double.session.queuedOperations != 0 { problems.append("work is queued") }
        }
    }
}

/// A program of one thread, and what it knows of its own order.
private final class RandomProgram {
    let double: ProgramDouble
    private(set) var operations: [Int32] = []
    private var streams: [UInt64] = []
    /// What the next operation of each stream comes behind.
    private var frontiers: [UInt64: Set<Int32>] = [:]
    private let event: UInt64
    /// What each record of the event comes behind; the index is the record's number − 1.
    private var records: [Set<Int32>] = []
    private var address: UInt64 = 0
    private var pending: UInt32?
    private var answered: UInt32 = 0
    private var becoming: UInt64?
    private var nextIndex: UInt64 = 10
    private var nextSlot = 0

    /// Comes with two streams on device 0, one on device 1, and memory; all asks are answered.
    init(_ bench: CoreBench) throws {
        let answersAtOnce = bench.devices.map(\.answersAtOnce)
        for device in bench.devices {
            device.answersAtOnce = true
            device.answerAll()
        }
        defer {
            for (device, atOnce) in zip(bench.devices, answersAtOnce) {
                device.answersAtOnce = atOnce
            }
        }
        let one = try bench.attachWithMemory()
        double = one.program
        address = one.address
        let other = ProgramDouble.handle(kind: 2, index: 1001)
        double.ask(
            Int(FX_VERB_CONTEXT_CREATE), [ProgramDouble.handle(kind: 1, index: 1), 1, other])
        bench.settle()
        let second = double.makeStream(index: 1)
        bench.settle()
        streams = [one.stream, second, other]
        event = double.makeEvent(index: 0)
        answered = double.rings[0].answer.sequence
    }

    func anyStream(_ random: inout SeededRandom) -> UInt64? {
        pending == nil ? streams[random.below(streams.count)] : nil
    }

    // MARK: Work

    /// Returns what the operation comes behind.
    func fill(_ operation: Int32, on stream: UInt64) -> Set<Int32> {
        double.tell(Int(FX_VERB_FILL), [address, UInt64(operation), 16], stream: stream)
        operations.append(operation)
        defer { frontiers[stream] = [operation] }
        return frontiers[stream] ?? []
    }

    func copy(on stream: UInt64) {
        double.copyFromStaging(nextSlot % 64, to: address, bytes: 8, stream: stream)
        nextSlot += 1
    }

    func record(on stream: UInt64) {
        records.append(frontiers[stream] ?? [])
        double.record(event, UInt64(records.count), stream: stream)
    }

    func wait(on stream: UInt64) {
        double.wait(event, UInt64(records.count), stream: stream)
        guard let record = records.last else { return }
        frontiers[stream, default: []].formUnion(record)
    }

    // MARK: Asks

    func ask(_ random: inout SeededRandom) {
        guard pending == nil else { return }
        let stream = streams[random.below(streams.count)]
        switch random.below(6) {
        case 0: pending = double.synchronize(stream)
        case 1: pending = double.malloc(UInt64(1 + random.below(10_000)))
        case 2:
            pending = double.plan(
                UInt64(random.below(4)), elements: 1 + random.below(9), values: [address, 0])
        case 3:
            pending = double.ask(
                Int(FX_VERB_WAIT_EVENT),
                [event, UInt64(records.count), UInt64(bitPattern: -1)])
        case 4:
            let made = ProgramDouble.handle(kind: 2, index: nextIndex % 900 + 10)
            nextIndex += 1
            becoming = made
            pending = double.ask(
                Int(FX_VERB_STREAM_CREATE), [made, ProgramDouble.context, 0, 0])
        default:
            guard streams.count > 3, stream != streams[0] else { return }
            streams.removeAll { $0 == stream }
            pending = double.destroyStream(stream)
        }
    }

    /// Takes the answer to what was asked; says what is wrong with it.
    func noticeAnswers() -> [String] {
        let answer = double.rings[0].answer
        guard answer.sequence != answered else { return [] }
        guard answer.sequence == pending else {
            return ["\(answer.sequence) is answered; \(pending ?? 0) was asked"]
        }
        answered = answer.sequence
        pending = nil
        if let made = becoming, answer.status == 0 { streams.append(made) }
        becoming = nil
        return answer.status == 0 ? [] : ["status \(answer.status): \(answer.text)"]
    }
}
