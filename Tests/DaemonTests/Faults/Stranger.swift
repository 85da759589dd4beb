import AscendCL
import CWire
import Daemon
import RingDoubles
import Scheduling
import Wire

/// A program that may do anything to what it shares with the daemon.
final class Stranger {
    let double: ProgramDouble
    private(set) var isGone = false
    private let words: [UInt64]

    /// Comes with something of everything; `other` is what is only another program's.
    init(_ bench: CoreBench, other: UInt64) throws {
        let one = try bench.attachWithMemory()
        double = one.program
        let event = double.makeEvent(index: 0)
        words = [
            0, 1, 7, .max, 1 << 63, (1 << 63) - 1, 1 << 32, (1 << 46) - 1, 1 << 46, one.stream,
            event, ProgramDouble.context, one.address, one.address + 4096, other,
            ProgramDouble.handle(kind: 2, index: 0, generation: 2),
        ]
    }

    /// A record of any words.
    func write(_ numbers: [UInt64]) {
        var random = SeededRandom(seed: numbers[0])
        func word() -> UInt64 {
            random.chance(percent: 12) ? random.next() : words[random.below(words.count)]
        }
        let operands = (0..<random.below(8)).map { _ in word() }
        let bytes = (0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let call = RingProducer.Call(
            function: UInt16(random.below(Int(FX_FUNCTION_LIMIT))), verb: Int(numbers[1] % 64),
            flags: UInt8(numbers[2] % 4 == 0 ? FX_FLAG_ASK : 0), stream: word(),
            operands: operands, bytes: bytes,
            ticks: random.chance(percent: 25) ? random.next() : nil)
        _ = double.publish(call)
    }

    /// As many records as its ring holds.
    func flood(_ numbers: [UInt64]) {
        let verbs = [FX_VERB_FILL, FX_VERB_MARK, FX_VERB_QUERY_STREAM, FX_VERB_EVENT_RECORD]
        let verb = Int(verbs[Int(numbers[0] % UInt64(verbs.count))])
        let operands: [UInt64] =
            switch UInt32(verb) {
            case UInt32(FX_VERB_FILL): [words[12], 1, 16]
            case UInt32(FX_VERB_EVENT_RECORD): [words[10], numbers[1]]
            default: []
            }
        let call = RingProducer.Call(
            verb: verb, flags: UInt8(numbers[2] % 2 == 0 ? 0 : FX_FLAG_ASK), stream: words[9],
            operands: operands, bytes: [UInt8](repeating: 65, count: Int(numbers[2] % 900)))
        for _ in 0..<2000 where double.publish(call) == nil { return }
    }

    /// Writes over what both share.
    func scribble(_ numbers: [UInt64]) {
        let ring = double.rings[0]
        switch numbers[0] % 5 {
        case 0: ring.pretend(tail: numbers[1])
        case 1: ring.pretend(tail: ring.tail + 8 * (numbers[1] % 64))
        case 2: ring.pretend(dropped: numbers[1])
        case 3: ring.finish()
        default:
            for offset in 0..<numbers[2] % 64 {
                ring.scribble(numbers[1] &* (offset + 1), at: ring.tail + offset * 8)
            }
        }
    }

    /// Its process ends; what it wrote stays, and another that shares the memory may go on.
    func leave(_ core: DispatchCore) {
        isGone = true
        core.take(ProgramEnded(client: double.session.id))
    }
}
