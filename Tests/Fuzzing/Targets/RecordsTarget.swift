import CWire
import RingDoubles

/// Records that are well formed, with any verb, operands and bytes. For each record:
///
/// - a byte: the verb, modulo 64;
/// - a byte: 1 the thread waits, 2 on a stream, 4 with bytes, 8 devices finish their work after it,
///   16 it is not looked at before the next one; the three highest bits count operands;
/// - a stream and each operand: a byte, see `word`;
/// - bytes: their count and themselves. A count of 255 is the plan of a line of floats.
enum RecordsTarget {
    static let recordsMax = 400

    static func run(_ input: [UInt8]) throws -> String? {
        let world = try FuzzWorld()
        let words = world.words
        var choices = Choices(input)
        var count = 0
        while !choices.isOver, count < recordsMax {
            count += 1
            if let broken = send(&choices, words, to: world) { return broken }
        }
        world.bench.settle()
        return world.close()
    }

    private static func send(
        _ choices: inout Choices, _ words: [UInt64], to world: FuzzWorld
    ) -> String? {
        let verb = Int(choices.byte() % 64)
        let how = choices.byte()
        let isAsk = how & 1 != 0
        let stream = how & 2 != 0 ? word(&choices, words) : 0
        let operands = (0..<how >> 5).map { _ in word(&choices, words) }
        let call = RingProducer.Call(
            function: UInt16(verb), verb: verb, flags: UInt8(isAsk ? FX_FLAG_ASK : 0),
            stream: stream, operands: operands, bytes: how & 4 != 0 ? bytes(&choices) : [])
        let sequence = world.hostile.program.publish(call)
        // A thread that waits goes on when it has its answer.
        if how & 16 == 0 || isAsk || sequence == nil { world.bench.settle() }
        if how & 8 != 0 { world.finishWork() }
        guard isAsk, let sequence else { return nil }
        if world.hostile.program.answer(to: sequence) == nil { world.finishWork() }
        return world.hostile.program.answer(to: sequence) != nil
            ? nil : "verb \(verb) with \(operands) is never answered"
    }

    /// A byte: one of `words`; 253: two bytes; 254: eight bytes; or the number itself.
    private static func word(_ choices: inout Choices, _ words: [UInt64]) -> UInt64 {
        let selector = choices.byte()
        switch selector {
        case 253: return choices.number(bytes: 2)
        case 254: return choices.number(bytes: 8)
        default: return Int(selector) < words.count ? words[Int(selector)] : UInt64(selector)
        }
    }

    private static func bytes(_ choices: inout Choices) -> [UInt8] {
        let count = choices.byte()
        return count == 255 ? PlanBytes.line(16) : choices.slice(Int(count))
    }
}
