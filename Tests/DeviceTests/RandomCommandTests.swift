import Device
import Foundation
import LinuxIO
import Testing
import Wire

func monotonicNow() -> Nanoseconds { MonotonicClock.now() }

/// Ten thousand random commands on several streams that read each other's rows behind marks: the
/// numbers at the end tell whether anything ran out of order.
@Suite struct RandomCommandTests {
    private static let streams = 5
    private static let commands = 10_000

    @Test(arguments: Bench.Kind.allCases)
    func `ten thousand random commands keep their order`(_ kind: Bench.Kind) throws {
        let seed =
            ProcessInfo.processInfo.environment["FLEXNPU_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 1...1_000_000)
        print("seed \(seed) (\(kind.rawValue) executor, random commands)")
        let bench = try Bench(kind, try TestLibraries.softwareDevice())
        try run(RandomProgram(bench, seed: seed, streams: Self.streams), kind)
    }

    private func run(_ program: RandomProgram, _ kind: Bench.Kind) throws {
        try program.setUp()
        for _ in 0..<Self.commands { try program.submitOne() }
        try program.finish()
        #expect(try program.rows() == program.expected)
        #expect(program.problems.isEmpty, "\(program.problems.prefix(5))")
        let figures = program.bench.executor.figures
        #expect(figures.operations == program.operationCount)
        if kind == .inline { #expect(figures.inlineOperations > 0) }
    }
}

/// The program, its expected numbers, and what was heard of it.
private final class RandomProgram {
    let bench: Bench
    private var random: SeededRandom
    private let streams: Int
    private var memory: UInt64 = 0
    private(set) var expected: [Int64]
    private(set) var problems: [String] = []
    private(set) var operationCount: UInt64 = 0
    private var nextTicket: UInt64 = 0
    private var nextMark: UInt32 = 0
    private var freeMarks: [UInt32] = []
    private var pendingMarks = 0
    private var pendingTickets: [UInt64: Int] = [:]
    private var lastTicket: [Int: UInt64] = [:]
    private var lastEnd: [Int: Nanoseconds] = [:]

    init(_ bench: Bench, seed: UInt64, streams: Int) {
        self.bench = bench
        self.streams = streams
        random = SeededRandom(seed: seed)
        expected = (0..<streams).map { Int64($0 + 1) }
    }

    func setUp() throws {
        memory = try bench.allocate(4096)
        try bench.write(expected, to: memory)
        for stream in 0..<UInt32(streams) { try bench.makeStream(stream) }
        try bench.prepare(
            0, "aclnnAdd", PlanEncoder.add(1), [memory, 0, memory, 0, 1, 0, memory, 0])
        try bench.prepare(1, "aclnnMuls", PlanEncoder.multiply(1), [memory, 0, 1, 0, memory, 0])
    }

    private func address(_ stream: Int) -> UInt64 { memory + UInt64(stream) * 8 }

    func submitOne() throws {
        // Now and then everything is waited for: an inline executor runs nothing itself behind work
        // that it has given away.
        if Int.random(in: 0..<100, using: &random) == 0 { try finish() }
        let stream = Int.random(in: 0..<streams, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: multiply(stream)
        case 4..<8: add(stream, to: stream)
        case 8: exchange(stream, with: Int.random(in: 0..<streams, using: &random))
        default: drain(atMost: 64)
        }
        drain(atMost: 4)
    }

    private func launch(_ stream: Int, _ plan: UInt32, _ values: [UInt64]) {
        // Some above the bound of inline operations, most below it.
        let predicted = Nanoseconds.random(in: 0..<60_000, using: &random)
        bench.launch(
            nextTicket, stream: UInt32(stream), plan: plan, values,
            predicted: Int.random(in: 0..<20, using: &random) == 0 ? 60_000 : predicted % 40_000)
        pendingTickets[nextTicket] = stream
        nextTicket += 1
        operationCount += 1
    }

    private func multiply(_ stream: Int) {
        let factor = Int64.random(in: -3...3, using: &random) | 1
        let at = address(stream)
        launch(stream, 1, [at, 0, UInt64(bitPattern: factor), 0, at, 0])
        expected[stream] &*= factor
    }

    /// to ← to + alpha × from, on the stream of `to`.
    private func add(_ from: Int, to: Int) {
        let alpha = Int64.random(in: 0..<100, using: &random)
        let (source, target) = (address(from), address(to))
        launch(to, 0, [target, 0, source, 0, UInt64(bitPattern: alpha), 0, target, 0])
        expected[to] &+= alpha &* expected[from]
    }

    /// One stream reads another's row: after what that did, and before what it does next.
    private func exchange(_ stream: Int, with other: Int) {
        guard stream != other else { return }
        mark(other, before: stream)
        add(other, to: stream)
        mark(stream, before: other)
    }

    private func mark(_ recording: Int, before waiting: Int) {
        let mark = freeMarks.popLast() ?? nextMark
        if mark == nextMark { nextMark += 1 }
        bench.executor.submit(.record(stream: UInt32(recording), mark: mark))
        bench.executor.submit(.wait(stream: UInt32(waiting), mark: mark))
        bench.executor.submit(.forgetMark(mark))
        pendingMarks += 1
    }

    private func drain(atMost count: Int) {
        for _ in 0..<count {
            guard let completion = bench.executor.nextCompletion() else { return }
            note(completion)
        }
    }

    func finish() throws {
        while !pendingTickets.isEmpty || pendingMarks > 0 {
            note(try #require(bench.next(), "nothing was heard for ten seconds"))
        }
    }

    private func note(_ completion: DeviceCompletion) {
        switch completion {
        case .operation(let ticket, let start, let end):
            guard let stream = pendingTickets.removeValue(forKey: ticket) else {
                return problems.append("ticket \(ticket) twice")
            }
            if ticket < lastTicket[stream] ?? 0 { problems.append("ticket \(ticket) overtaken") }
            if start < lastEnd[stream] ?? 0 || end < start {
                problems.append("ticket \(ticket): \(start)…\(end) after \(lastEnd[stream] ?? 0)")
            }
            lastTicket[stream] = ticket
            lastEnd[stream] = end
        case .markReached(let mark, _):
            pendingMarks -= 1
            freeMarks.append(mark)
        case .failed, .markFailed, .answer: problems.append("\(completion)")
        }
    }

    func rows() throws -> [Int64] { try bench.read(memory, count: streams) }
}
