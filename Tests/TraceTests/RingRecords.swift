import AscendCL
import Trace
import Wire

/// Calls as `fx_record`s, the way they lie in a ring (flexnpu_wire.h).
enum RingRecords {
    /// One record; a kernel's operands are its plan's slot, core limits and values.
    static func words(_ call: CallEvent) -> [UInt64] {
        let operands =
            call.signature == 0 ? [] : [UInt64(call.signature) - 1, 0] + call.values
        let padded = call.bytes + [UInt8](repeating: 0, count: -call.bytes.count & 7)
        let size = 48 + 8 * (call.words.count + operands.count) + padded.count
        var words = [
            UInt64(call.function.rawValue) | UInt64(call.flags) << 24 | UInt64(size) << 32,
            UInt64(bitPattern: call.time), UInt64(bitPattern: call.durationNanoseconds),
            call.stream,
            UInt64(call.sequence) | UInt64(UInt32(bitPattern: call.result)) << 32,
            UInt64(call.bytes.count) | UInt64(operands.count) << 32
                | UInt64(call.words.count) << 48,
        ]
        words += call.words
        words += operands
        for start in stride(from: 0, to: padded.count, by: 8) {
            words.append(padded[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        return words
    }

    /// The calls of one thread as a piece of its ring.
    static func piece(_ calls: [CallEvent]) -> RecordPiece {
        let room = [UInt64](repeating: 0, count: RecordPiece.prefixWords)
        let words = calls.reduce(into: room) { $0 += Self.words($1) }
        return RecordPiece(
            client: calls[0].client, thread: calls[0].thread, words: words, count: words.count,
            records: calls.count)
    }

    /// A trace of these events whose calls are records: pieces of a few, as a ring gives them, or
    /// (routed) one by one.
    static func trace(
        _ events: [TraceEvent], routed: Bool = false, perPiece: Int = 7
    ) throws(TraceError) -> MemoryTrace {
        let memory = MemoryTrace()
        let writer = try TraceWriter(
            sink: memory, table: testTable,
            clock: TraceClock(wallOffsetNanoseconds: 1_700_000_000_000_000_000),
            environment: ["soc": "Ascend910B2"])
        var waiting: [UInt64: [CallEvent]] = [:]
        for event in events {
            guard case .call(let call) = event else {
                try writer.append(event)
                continue
            }
            if routed {
                let recorded = RecordedCall(
                    client: call.client, thread: call.thread, time: call.time,
                    durationNanoseconds: call.durationNanoseconds, result: call.result)
                try writer.append(recorded, record: words(call)[...], isKernel: call.signature != 0)
                continue
            }
            let key = UInt64(call.client.rawValue) << 32 | UInt64(call.thread)
            waiting[key, default: []].append(call)
            guard let calls = waiting[key], calls.count >= perPiece else { continue }
            var piece = piece(calls)
            try writer.append(&piece)
            waiting[key] = nil
        }
        for (_, calls) in waiting.sorted(by: { $0.key < $1.key }) {
            var piece = piece(calls)
            try writer.append(&piece)
        }
        try writer.close()
        return memory
    }

    /// Calls of every kind that an observed program makes, with values of every size.
    static func randomCalls(seed: UInt64, count: Int) -> [CallEvent] {
        var random = SeededGenerator(seed: seed)
        func wide() -> UInt64 { random.next() >> UInt64.random(in: 0..<64, using: &random) }
        var time: Nanoseconds = 1_000_000
        var sequences: [UInt32] = [0, 0, 0]
        return (0..<count).map { _ in
            time += Nanoseconds(wide() >> 40) + 1
            let thread = Int.random(in: 0..<3, using: &random)
            sequences[thread] += 1
            var call = CallEvent(
                time: time, durationNanoseconds: Nanoseconds(wide() >> 1),
                client: ClientID(rawValue: 1), thread: UInt32(thread + 10),
                sequence: sequences[thread],
                function: FunctionID(rawValue: UInt16.random(in: 0..<12, using: &random)),
                flags: UInt8(wide() & 3), result: Int32(truncatingIfNeeded: wide()),
                stream: wide(), words: [])
            let kinds = (testTable[call.function]?.parameters ?? []).map(\.kind)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: call.words = (0..<kinds.count + 3).map { _ in wide() }
            case 1: break
            default:
                for kind in kinds {
                    let size = kind == .string ? 5 : kind == .array ? 16 : 0
                    let start = UInt64(call.bytes.count)
                    call.bytes += (0..<size).map { UInt8(97 + $0) }
                    call.words.append(size == 0 ? wide() : start << 32 | UInt64(size))
                }
                if Bool.random(using: &random), kinds.last == .out { call.words.append(wide()) }
            }
            return call
        }
    }
}
