import AscendCL
import CWire
import Daemon
import LinuxIO
import RingDoubles
import Scheduling
import SharedRing
import Wire

/// A program that keeps to the protocol, with a few threads, and what it may believe of its own
/// order. What an answer must not be is checked here.
final class HonestProgram {
    /// What devices say when they fail as the test wants.
    static let failureCode: Int32 = 507_898
    static let refusalCode: Int32 = 507_899

    let double: ProgramDouble
    var threads: [Thread] = []
    var streams: [Stream] = []
    /// Operations that must still happen.
    private(set) var unfinished: Set<Int32> = []
    private(set) var address: UInt64 = 0
    var blocks: [UInt64] = []
    private var pinned: [UInt64] = []
    private let event: UInt64
    /// What each record of the event comes behind; the index is the record's number − 1.
    private var records: [Set<Int32>] = []
    /// Slots that hold a plan.
    var plans: Set<UInt64> = []
    private var nextIndex: UInt64 = 10
    private var nextSlot = 0
    var problems: [String] = []

    struct Stream {
        var handle: UInt64
        /// What its next operation comes behind.
        var frontier: Set<Int32> = []
        var operations: [Int32] = []
        /// Operations that failed and of which no wait has told.
        var owed: [Int32] = []
    }

    /// A thread and what it waits for.
    struct Thread {
        var ring: Int
        var pending: Pending?
        var answered: UInt32 = 0
        /// An answer was taken here, and its status written over.
        var hasTaken = false
        /// Answers that its ring was given, as far as they were taken.
        var answers: UInt64 = 0
        var isGone = false
    }

    struct Pending {
        var sequence: UInt32
        var purpose: Purpose
        /// What must be over when it is answered with success.
        var behind: Set<Int32> = []
        var streams: [UInt64] = []
        /// Operations of whose failure it must tell, if nobody has by then.
        var tells: Set<Int32> = []
        var mayTimeOut = false
    }

    enum Purpose {
        case wait, malloc, device, query
        case plan(slot: UInt64)
        case stream(UInt64)
        case destroy
    }

    /// Comes with a stream on each of the two devices and one more, and memory.
    init(_ bench: CoreBench) throws {
        let one = try bench.attachWithMemory(1 << 26)
        double = one.program
        address = one.address
        let other = ProgramDouble.handle(kind: 2, index: 1001)
        double.ask(
            Int(FX_VERB_CONTEXT_CREATE), [ProgramDouble.handle(kind: 1, index: 1), 1, other])
        bench.settle()
        let second = double.makeStream(index: 1)
        bench.settle()
        streams = [one.stream, second, other].map { Stream(handle: $0) }
        event = double.makeEvent(index: 0)
        threads = [Thread(ring: 0, answered: double.rings[0].answer.sequence)]
        threads[0].answers = answersGiven(0) ?? 0
    }

    func takeProblems() -> [String] {
        defer { problems = [] }
        return problems
    }

    /// Nobody asks, and nothing is still to happen.
    var isQuiet: Bool { unfinished.isEmpty && threads.allSatisfy { $0.pending == nil } }

    var stillWaiting: String {
        let asks = threads.compactMap(\.pending).map { "\($0.purpose)" }
        return "operations \(unfinished.sorted().prefix(4)), asks \(asks)"
    }

    // MARK: Threads

    func addThread(_ core: DispatchCore) throws {
        guard threads.count(where: { !$0.isGone }) < 4 else { return }
        let memory = try SharedMemory(name: "ring", count: Int(FX_RING_DATA_OFFSET) + 65_536)
        let ring = double.rings.count
        let added = core.take(
            AddRing(
                client: double.session.id, thread: UInt32(ring + 1), device: 0, memory: memory))
        guard added else { return problems.append("a ring was not taken") }
        double.adopt(memory)
        threads.append(Thread(ring: ring))
    }

    /// A thread that waits for nothing ends.
    func endThread(_ which: UInt64) {
        guard threads.count(where: { !$0.isGone }) > 1, let index = freeThread(which) else {
            return
        }
        threads[index].isGone = true
        double.rings[threads[index].ring].finish()
    }

    /// A thread that lives writes nonsense where its ring's tail is.
    func breakRing() {
        guard let thread = threads.first(where: { !$0.isGone }) else { return }
        double.rings[thread.ring].pretend(tail: 1 << 40)
    }

    private func freeThread(_ which: UInt64) -> Int? {
        let free = threads.indices.filter { index in
            !threads[index].isGone && threads[index].pending == nil
                && double.rings[threads[index].ring].roomBytes > 4096
        }
        return free.isEmpty ? nil : free[Int(which % UInt64(free.count))]
    }

    // MARK: Work

    /// Enqueues something. Returns the operation's number and what it comes behind, if it is one.
    func work(_ numbers: [UInt64], nextOperation: Int32) -> (Int32, Set<Int32>)? {
        guard let thread = freeThread(numbers[0] >> 8) else { return nil }
        let ring = threads[thread].ring
        let index = Int(numbers[1] % UInt64(streams.count))
        switch numbers[2] % 10 {
        case 0:
            records.append(streams[index].frontier)
            double.record(
                event, UInt64(records.count), stream: streams[index].handle, ring: ring)
        case 1:
            guard let number = recordNumber(numbers[2] >> 8) else { return nil }
            double.wait(event, number, stream: streams[index].handle, ring: ring)
            streams[index].frontier.formUnion(records[Int(number) - 1])
        case 2: copyFromStaging(index, ring)
        case 3: giveBack(numbers[2] >> 8, ring)
        case 4, 5:
            guard let slot = plans.min() else { return nil }
            double.launch(
                slot, [address, UInt64(nextOperation)], stream: streams[index].handle, ring: ring)
            return note(nextOperation, on: index)
        default:
            double.tell(
                Int(FX_VERB_FILL), [address, UInt64(nextOperation), 16],
                stream: streams[index].handle, ring: ring)
            return note(nextOperation, on: index)
        }
        return nil
    }

    private func note(_ operation: Int32, on index: Int) -> (Int32, Set<Int32>) {
        defer {
            streams[index].frontier = [operation]
            streams[index].operations.append(operation)
            unfinished.insert(operation)
        }
        return (operation, streams[index].frontier)
    }

    /// The latest record mostly, an older one now and then.
    private func recordNumber(_ which: UInt64) -> UInt64? {
        guard !records.isEmpty else { return nil }
        return which % 8 == 0
            ? 1 + which / 8 % UInt64(records.count) : UInt64(records.count)
    }

    private func copyFromStaging(_ index: Int, _ ring: Int) {
        guard double.slotsTaken.count < 60 else { return }
        while double.slotsTaken.contains(nextSlot % 64) { nextSlot += 1 }
        double.copyFromStaging(
            nextSlot % 64, to: address, bytes: 8, stream: streams[index].handle, ring: ring)
        nextSlot += 1
    }

    private func giveBack(_ which: UInt64, _ ring: Int) {
        if which % 2 == 0, let block = blocks.popLast() {
            double.tell(Int(FX_VERB_FREE), [block], ring: ring)
        } else if let block = pinned.popLast() {
            double.tell(Int(FX_VERB_HOST_FREE), [block], ring: ring)
        }
    }

    func pin(_ core: DispatchCore) throws {
        let memory = try SharedMemory(name: "pinned", count: 4096)
        guard let block = core.take(PinMemory(client: double.session.id, memory: memory)) else {
            return problems.append("memory was not pinned")
        }
        pinned.append(block)
    }

    // MARK: Asks

    func ask(_ numbers: [UInt64], _ core: DispatchCore) throws {
        guard let thread = freeThread(numbers[0] >> 8) else { return }
        let ring = threads[thread].ring
        let index = Int(numbers[1] % UInt64(streams.count))
        switch numbers[2] % 12 {
        case 0, 1: synchronize(index, thread, timeout: (numbers[2] >> 8) % 4)
        case 2:
            park(thread, double.malloc(1 + (numbers[2] >> 8) % 10_000, ring: ring), .malloc)
        case 3:
            let slot = (numbers[2] >> 8) % 4
            plans.remove(slot)
            let elements = 1 + Int((numbers[2] >> 16) % 9)
            park(
                thread,
                double.plan(slot, elements: elements, values: [address, 0], ring: ring),
                .plan(slot: slot))
        case 4: waitForEvent(numbers[2] >> 8, thread)
        case 5: makeStream(thread)
        case 6: destroyStream(index, thread, isForced: false)
        case 7: destroyStream(index, thread, isForced: true)
        case 8: waitForDevice(thread, (numbers[2] >> 8) % 2)
        case 9: try pin(core)
        case 10:
            park(
                thread,
                double.ask(
                    Int(FX_VERB_FILL), [address, 0, 8], ring: ring), .device)
        default:
            park(
                thread,
                double.ask(Int(FX_VERB_QUERY_STREAM), stream: streams[index].handle, ring: ring),
                .query)
        }
    }

    private func park(
        _ thread: Int, _ sequence: UInt32, _ purpose: Purpose, behind: Set<Int32> = [],
        streams waited: [UInt64] = [], mayTimeOut: Bool = false
    ) {
        let owed = streams.filter { waited.contains($0.handle) }.flatMap(\.owed)
        threads[thread].pending = Pending(
            sequence: sequence, purpose: purpose, behind: behind, streams: waited,
            tells: behind.union(owed), mayTimeOut: mayTimeOut)
    }

    private func synchronize(_ index: Int, _ thread: Int, timeout: UInt64) {
        let stream = streams[index]
        let milliseconds: Int64 = timeout == 0 ? 1 : -1
        park(
            thread,
            double.synchronize(
                stream.handle, milliseconds: milliseconds, ring: threads[thread].ring),
            .wait, behind: unfinished.intersection(stream.operations), streams: [stream.handle],
            mayTimeOut: timeout == 0)
    }

    private func waitForEvent(_ which: UInt64, _ thread: Int) {
        guard let number = recordNumber(which) else { return }
        park(
            thread,
            double.ask(
                Int(FX_VERB_WAIT_EVENT), [event, number, UInt64(bitPattern: -1)],
                ring: threads[thread].ring), .wait,
            behind: records[Int(number) - 1].intersection(unfinished))
    }

    private func waitForDevice(_ thread: Int, _ device: UInt64) {
        // The third stream is the one on device 1.
        let other = ProgramDouble.handle(kind: 2, index: 1001)
        let waited = streams.filter { ($0.handle == other) == (device == 1) }
        park(
            thread,
            double.ask(
                Int(FX_VERB_WAIT_DEVICE), [device, UInt64(bitPattern: -1)],
                ring: threads[thread].ring), .wait,
            behind: unfinished.intersection(waited.flatMap(\.operations)),
            streams: waited.map(\.handle))
    }

    private func makeStream(_ thread: Int) {
        let made = ProgramDouble.handle(
            kind: 2, index: nextIndex % 900 + 10, generation: 1 + nextIndex / 900)
        nextIndex += 1
        park(
            thread,
            double.ask(
                Int(FX_VERB_STREAM_CREATE), [made, ProgramDouble.context, 0, 0],
                ring: threads[thread].ring), .stream(made))
    }

    /// No thread waits for it, as a program would see to.
    private func destroyStream(_ index: Int, _ thread: Int, isForced: Bool) {
        let handle = streams[index].handle
        let isWaitedFor = threads.contains { $0.pending?.streams.contains(handle) ?? false }
        guard streams.count > 3, index > 2, !isWaitedFor else { return }
        let stream = streams.remove(at: index)
        if isForced { unfinished.subtract(stream.operations) }
        park(
            thread, double.destroyStream(handle, force: isForced, ring: threads[thread].ring),
            .destroy,
            behind: isForced ? [] : unfinished.intersection(stream.operations))
    }

    // MARK: What devices did

    func noteFinished(_ operation: Int32) { unfinished.remove(operation) }

    func noteFailed(_ operation: Int32) {
        unfinished.remove(operation)
        for index in streams.indices where streams[index].operations.contains(operation) {
            streams[index].owed.append(operation)
        }
    }

    /// A device did not take the plan of a launch on it: the operation never happens.
    func noteRefused(_ operation: Int32) {
        noteFailed(operation)
    }
}
