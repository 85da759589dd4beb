import AscendCL
import CWire
import LinuxIO
import RingDoubles
import Wire

/// Rings as libflexnpu.so leaves them, and as it never would.
enum RingSeeds {
    private typealias Call = RingProducer.Call
    private static let stream = ProgramDouble.handle(kind: 2, index: 0)
    private static let event = ProgramDouble.handle(kind: 3, index: 0)
    /// Of the second block that a fake device gives.
    private static let address: UInt64 = 0x1010_0000
    private static let ask = UInt8(FX_FLAG_ASK)

    static func all() throws -> [String: [UInt8]] {
        [
            "fill-and-wait": [0] + (try ring([fill, wait])),
            "plan-and-launch": [0] + (try ring([plan, launch, wait])),
            "record-and-wait-of-an-event": [0] + (try ring([record, waitForEvent, fill, wait])),
            "words-and-bytes-of-an-observed-call": [0]
                + (try ring([.init(function: 9, words: [1, 2, 3], bytes: Array(0..<21))])),
            "tail-inside-a-record": [1] + (try ring([fill, wait])).dropLast(11),
            "tail-beyond-what-was-written": [0x10] + (try ring([fill])),
            "padding-then-nothing": [0, 0xff, 0xff, 0, 0, 0, 8, 0, 0],
            "size-of-all-ones": [0, 7, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]
                + [UInt8](repeating: 0, count: 48),
        ]
    }

    private static let fill = Call(
        verb: Int(FX_VERB_FILL), stream: stream, operands: [address, 0, 64])
    private static let wait = Call(
        verb: Int(FX_VERB_WAIT_STREAM), flags: ask, stream: stream, operands: [.max])
    private static let record = Call(
        verb: Int(FX_VERB_EVENT_RECORD), stream: stream, operands: [event, 1])
    private static let waitForEvent = Call(
        verb: Int(FX_VERB_EVENT_WAIT), stream: stream, operands: [event, 1])
    private static let plan = Call(
        verb: Int(FX_VERB_PLAN), flags: ask,
        operands: [3, UInt64(PlanBytes.function.id.rawValue), address, 0],
        bytes: PlanBytes.line(16))
    private static let launch = Call(
        verb: Int(FX_VERB_KERNEL), stream: stream, operands: [3, 0, address, 0])

    private static func ring(_ calls: [Call]) throws -> [UInt8] {
        let memory = try SharedMemory(name: "ring", count: Int(FX_RING_DATA_OFFSET) + 65_536)
        var producer = RingProducer(memory: memory)
        for call in calls { precondition(producer.publish(call)) }
        let data = UnsafeRawBufferPointer(
            start: memory.base + Int(FX_RING_DATA_OFFSET), count: Int(producer.tail))
        return Array(data)
    }
}
