import CWire
import Daemon
import RingDoubles
import Testing

/// What a program writes into a record's operands is looked up and limited before anything happens.
@Suite struct OperandReadingTests {
    /// A verb with operands that hold, and what may stand in their places.
    struct Sample: Sendable {
        var name: String
        var verb: Int
        /// `X` is the operand in question.
        var operands: [Operand]
        var wrong: [UInt64]
        var onStream = true
    }

    enum Operand: Sendable {
        case word(UInt64)
        case stream, event, context, address
        case inQuestion
    }

    /// Absent, all ones, another kind's handle, another generation's.
    static let wrongStreams: [UInt64] = [
        0, .max, ProgramDouble.handle(kind: 3, index: 0),
        ProgramDouble.handle(kind: 2, index: 0, generation: 2),
        ProgramDouble.handle(kind: 2, index: 7),
    ]
    static let wrongEvents: [UInt64] = [
        0, .max, ProgramDouble.handle(kind: 2, index: 0),
        ProgramDouble.handle(kind: 3, index: 0, generation: 2),
        ProgramDouble.handle(kind: 3, index: 7),
    ]
    static let wrongDevices: [UInt64] = [1, .max, 1 << 31, 0xffff_ffff]
    static let wrongCounts: [UInt64] = [0, .max, 1 << 46, 1 << 63]

    static let samples: [Sample] = [
        Sample(
            name: "stream", verb: Int(FX_VERB_STREAM_DESTROY), operands: [.inQuestion, .word(0)],
            wrong: wrongStreams),
        Sample(
            name: "event", verb: Int(FX_VERB_EVENT_DESTROY), operands: [.inQuestion],
            wrong: wrongEvents),
        Sample(
            name: "event of a record", verb: Int(FX_VERB_EVENT_RECORD),
            operands: [.inQuestion, .word(1)], wrong: wrongEvents),
        Sample(
            name: "context", verb: Int(FX_VERB_CONTEXT_DESTROY), operands: [.inQuestion],
            wrong: [
                0, .max, ProgramDouble.handle(kind: 2, index: 0),
                ProgramDouble.handle(kind: 1, index: 0, generation: 2),
            ]),
        Sample(
            name: "new stream", verb: Int(FX_VERB_STREAM_CREATE),
            operands: [.inQuestion, .context, .word(0), .word(0)],
            wrong: [
                .max, ProgramDouble.handle(kind: 2, index: 1984),
                ProgramDouble.handle(kind: 2, index: 0, generation: 9),
            ]),
        Sample(
            name: "new event", verb: Int(FX_VERB_EVENT_CREATE),
            operands: [.inQuestion, .word(0), .word(0)],
            wrong: [.max, 65_536, ProgramDouble.handle(kind: 3, index: 0)]),
        Sample(
            name: "new context", verb: Int(FX_VERB_CONTEXT_CREATE),
            operands: [.inQuestion, .word(0), .word(900)], wrong: [.max, 1024, 0]),
        Sample(
            name: "device", verb: Int(FX_VERB_MALLOC),
            operands: [.inQuestion, .word(64), .word(0)],
            wrong: wrongDevices),
        Sample(
            name: "device to reset", verb: Int(FX_VERB_DEVICE_RESET), operands: [.inQuestion],
            wrong: wrongDevices),
        Sample(
            name: "bytes", verb: Int(FX_VERB_MALLOC), operands: [.word(0), .inQuestion, .word(0)],
            wrong: wrongCounts),
        Sample(
            name: "bytes of a fill", verb: Int(FX_VERB_FILL),
            operands: [.address, .word(0), .inQuestion], wrong: wrongCounts + [4097]),
        Sample(
            name: "address", verb: Int(FX_VERB_FILL), operands: [.inQuestion, .word(0), .word(16)],
            wrong: [0, .max, 0x42, .max - 15]),
        Sample(
            name: "cores", verb: Int(FX_VERB_STREAM_LIMIT), operands: [.word(0), .inQuestion],
            wrong: [1 << 16, .max]),
        Sample(
            name: "function", verb: Int(FX_VERB_QUERY), operands: [.inQuestion, .word(0)],
            wrong: [.max, 65_535, 1 << 16]),
        Sample(
            name: "plan", verb: Int(FX_VERB_KERNEL), operands: [.inQuestion, .word(0)],
            wrong: [0, 1, .max, 1 << 32]),
        Sample(
            name: "slot of a plan", verb: Int(FX_VERB_PLAN), operands: [.inQuestion, .word(1299)],
            wrong: [16_384, .max]),
        Sample(
            name: "kind of memory", verb: Int(FX_VERB_COPY),
            operands: [.inQuestion, .address, .word(0), .address, .word(16)],
            wrong: [3, 4, .max]),
        Sample(
            name: "place in staging", verb: Int(FX_VERB_COPY),
            operands: [.word(0), .address, .word(1), .inQuestion, .word(16)],
            wrong: [64 << 20, .max, (1 << 20) - 8]),
        Sample(
            name: "place in pinned memory", verb: Int(FX_VERB_COPY),
            operands: [.word(0), .address, .word(2), .inQuestion, .word(16)],
            wrong: [0, 1 << 40, .max]),
    ]

    /// A program with a stream, an event and 4096 bytes on the only device.
    private func words(
        _ operands: [Operand], _ equipped: CoreBench.Equipped, _ event: UInt64, _ wrong: UInt64
    ) -> [UInt64] {
        operands.map { operand in
            switch operand {
            case .word(let word): word
            case .stream: equipped.stream
            case .event: event
            case .context: ProgramDouble.context
            case .address: equipped.address
            case .inQuestion: wrong
            }
        }
    }

    @Test(arguments: samples)
    func `an operand that does not hold is refused, and nothing reaches a device`(
        sample: Sample
    ) throws {
        let bench = CoreBench()
        let equipped = try bench.attachWithMemory(4096)
        let event = equipped.program.makeEvent(index: 0)
        bench.settle()
        let (sent, asked) = (bench.device.sent.count, bench.device.asked.count)
        for wrong in sample.wrong {
            let call = equipped.program.ask(
                sample.verb, words(sample.operands, equipped, event, wrong),
                stream: equipped.stream)
            bench.settle()
            let answer = try #require(equipped.program.answer(to: call), "\(wrong) has no answer")
            #expect(answer.status != 0, "\(sample.name) \(wrong) was taken")
            #expect(!answer.text.isEmpty)
        }
        #expect(bench.device.sent.count == sent)
        #expect(bench.device.asked.count == asked)
        #expect(bench.core.holdings == Holdings())
        #expect(bench.core.sessions.count == 1)
    }

    @Test(arguments: [0, 1, 6, 9, 200])
    func `a wrong count of operands is refused by every verb`(count: Int) throws {
        let bench = CoreBench()
        let equipped = try bench.attachWithMemory(4096)
        let operands = [UInt64](repeating: .max, count: count)
        for verb in 1...60 {
            let call = equipped.program.ask(verb, operands, stream: equipped.stream)
            bench.settle()
            let takesNone = [1, 2, 43, 46].contains(verb) && count == 0
            // An address, a block or a range that is nobody's is let go for nothing.
            let takesAny = [11, 12, 40, 51, 52].contains(verb) && count == 1 || verb == 50
            guard !takesNone, !takesAny else { continue }
            let answer = equipped.program.answer(to: call)
            #expect(answer.map { $0.status != 0 } == true, "verb \(verb) with \(count) operands")
        }
        #expect(bench.core.sessions.count == 1)
        #expect(bench.violations == [])
    }

    @Test func `another program's handles and memory are not this one's`() throws {
        let bench = CoreBench()
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        let event = one.program.makeEvent(index: 5)
        bench.settle()
        let refused = other.program.ask(
            Int(FX_VERB_FILL), [one.address, 0, 16], stream: other.stream)
        bench.settle()
        #expect(other.program.answer(to: refused)?.status == 107_000)
        let foreign = other.program.ask(
            Int(FX_VERB_EVENT_RECORD), [event, 1], stream: other.stream)
        bench.settle()
        #expect(other.program.answer(to: foreign)?.status == 107_000)
        #expect(bench.device.sent.isEmpty)
    }

    @Test func `a time that no clock reaches is waited for without end`() throws {
        let bench = CoreBench()
        let equipped = try bench.attachWithMemory()
        equipped.program.fill(equipped.address, bytes: 1, stream: equipped.stream)
        let forever = equipped.program.synchronize(equipped.stream, milliseconds: .max)
        bench.settle()
        #expect(equipped.program.answer(to: forever) == nil)
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(equipped.program.answer(to: forever)?.status == 0)
    }
}
