import CWire
import Daemon
import Device
import RingDoubles
import Scheduling
import Testing
import Wire

/// A program may write any words into its ring. None of them ends the daemon, every ask is answered
/// once, nothing is left behind, and the program beside it goes on.
@Suite struct HostileRecordsTests {
    /// Verbs that there are, and some that there are not.
    private static let verbs = Array(0..<64) + [127, 255]

    @Test(arguments: [false, true])
    func `any words in any verb`(isRecorded: Bool) throws {
        let world = try HostileWorld(seed: 1, isRecorded: isRecorded)
        for verb in Self.verbs {
            try world.begin()
            for count in 0...7 {
                for word in world.words {
                    let operands = [UInt64](repeating: word, count: count)
                    for isAsk in [false, true] { try world.send(verb, operands, isAsk: isAsk) }
                }
            }
            try world.end()
        }
        try world.close()
    }

    @Test(arguments: [false, true])
    func `words that fit, and words that do not, in any mixture`(isRecorded: Bool) throws {
        let seed = UInt64.random(in: 1 ... .max)
        let world = try HostileWorld(seed: seed, isRecorded: isRecorded)
        for _ in 0..<200 {
            try world.begin()
            for _ in 0..<100 { try world.sendAnything() }
            try world.end()
        }
        try world.close()
    }
}

/// A daemon's core with an honest program and a hostile one.
private final class HostileWorld {
    private let bench = CoreBench(devices: 2)
    private let honest: CoreBench.Equipped
    private var hostile: CoreBench.Equipped
    private var event: UInt64 = 0
    private var random: SeededRandom
    private let seed: UInt64
    private let recording: FaultRecording?
    private(set) var words: [UInt64] = []
    /// What the honest program alone holds.
    private let held: Holdings

    init(seed: UInt64, isRecorded: Bool) throws {
        self.seed = seed
        random = SeededRandom(seed: seed)
        honest = try bench.attachWithMemory()
        held = bench.core.holdings
        hostile = honest
        recording = isRecorded ? try FaultRecording(bench.core) : nil
    }

    /// Another hostile program, with something of everything.
    func begin() throws {
        hostile = try bench.attachWithMemory()
        event = hostile.program.makeEvent(index: 0)
        bench.settle()
        words = [
            0, 1, 7, .max, 1 << 63, (1 << 63) - 1, 1 << 32, (1 << 46) - 1, 1 << 46, hostile.stream,
            event, ProgramDouble.context, hostile.address, hostile.address + 4096,
            // Another generation of its stream, and what is only the other program's.
            ProgramDouble.handle(kind: 2, index: 0, generation: 2), honest.address,
        ]
    }

    func send(
        _ verb: Int, _ operands: [UInt64], isAsk: Bool, stream: UInt64? = nil, bytes: [UInt8] = [],
        ticks: UInt64? = nil
    ) throws {
        let program = hostile.program
        let flags = UInt8(isAsk ? FX_FLAG_ASK : 0)
        let call = RingProducer.Call(
            function: UInt16(random.next() % UInt64(FX_FUNCTION_LIMIT)), verb: verb, flags: flags,
            stream: stream ?? hostile.stream, operands: operands, bytes: bytes, ticks: ticks)
        let sequence = try #require(program.publish(call), "the ring is full: \(verb) \(operands)")
        bench.settle()
        guard isAsk else { return }
        if program.answer(to: sequence) == nil { finishWork() }
        #expect(
            program.answer(to: sequence) != nil,
            "seed \(seed): verb \(verb) with \(operands) is never answered")
    }

    func sendAnything() throws {
        let count = Int(random.next() % 8)
        try send(
            Int(random.next() % 64), (0..<count).map { _ in anyWord() },
            isAsk: random.next() % 2 == 0, stream: anyWord(),
            bytes: (0..<random.next() % 64).map { _ in UInt8(truncatingIfNeeded: random.next()) },
            ticks: random.next() % 4 == 0 ? random.next() : nil)
    }

    private func anyWord() -> UInt64 {
        random.next() % 8 == 0
            ? random.next() : words[Int(random.next() % UInt64(words.count))]
    }

    private func finishWork() {
        for _ in 0..<4 {
            for device in bench.devices { device.finishAll(at: bench.now) }
            bench.settle()
        }
    }

    /// The hostile program goes; the honest one works.
    func end() throws {
        bench.core.take(ProgramEnded(client: hostile.program.session.id))
        bench.settle()
        finishWork()
        #expect(bench.core.holdings == held, "seed \(seed)")
        #expect(bench.violations == [], "seed \(seed)")
        honest.program.fill(honest.address, bytes: 64, stream: honest.stream)
        let asked = honest.program.synchronize(honest.stream)
        bench.settle()
        finishWork()
        #expect(honest.program.answer(to: asked)?.status == 0, "seed \(seed)")
    }

    func close() throws {
        if let recording { #expect(try recording.end(bench.core) == []) }
    }
}
