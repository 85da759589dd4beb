import CWire

/// What programs do, as the records target spells it.
enum RecordSeeds {
    static let all: [String: [UInt8]] = [
        "fill-and-wait": fill() + wait(),
        "malloc-use-and-free": record(FX_VERB_MALLOC, isAsk: true, operands: [0, 64, 0])
            + fill() + record(FX_VERB_FREE, operands: [address]) + wait(),
        "plan-and-launch": plan + launch + launch + wait(),
        "launch-without-a-plan": launch + wait(),
        "two-streams-and-an-event": secondStream
            + record(FX_VERB_EVENT_RECORD, stream: stream, operands: [event, 1])
            + record(FX_VERB_EVENT_WAIT, stream: otherStream, operands: [event, 1])
            + fill(otherStream) + wait(otherStream),
        "wait-before-the-record": secondStream
            + record(FX_VERB_EVENT_WAIT, stream: otherStream, operands: [event, 1])
            + fill(otherStream)
            + record(FX_VERB_EVENT_RECORD, stream: stream, operands: [event, 1]) + wait(),
        "events-come-and-go": record(FX_VERB_EVENT_CREATE, operands: [otherEvent, 0, 0])
            + record(FX_VERB_EVENT_RECORD, stream: stream, operands: [otherEvent, 1])
            + record(FX_VERB_QUERY_EVENT, isAsk: true, operands: [otherEvent, 1])
            + record(FX_VERB_EVENT_ELAPSED, isAsk: true, operands: [event, otherEvent])
            + record(FX_VERB_EVENT_RESET, stream: stream, operands: [otherEvent])
            + record(FX_VERB_EVENT_DESTROY, operands: [otherEvent]),
        "copies-of-every-kind": record(
            FX_VERB_COPY, stream: stream, operands: [0, address, 3, 0, 8],
            bytes: [8, 1, 2, 3, 4, 5, 6, 7, 8])
            + record(FX_VERB_COPY, isAsk: true, operands: [0, address, 1, 0, 64])
            + record(FX_VERB_COPY, isAsk: true, operands: [1, 0, 0, address, 64]),
        "stream-goes-under-work": fill() + fill()
            + record(FX_VERB_STREAM_DESTROY, isAsk: true, operands: [stream, 1]) + fill(),
        "abort-under-work": fill() + fill()
            + record(FX_VERB_STREAM_ABORT, isAsk: true, stream: stream) + wait(),
        "context-goes-with-its-streams": fill()
            + record(FX_VERB_CONTEXT_DESTROY, isAsk: true, operands: [context]) + wait(),
        "another-context-on-another-device": record(
            FX_VERB_CONTEXT_CREATE, isAsk: true, operands: [18, 1, otherStream])
            + fill(otherStream) + wait(otherStream),
        "device-is-reset-under-work": fill()
            + record(FX_VERB_DEVICE_RESET, isAsk: true, operands: [0]) + fill() + wait(),
        "marks-and-ranges": record(FX_VERB_RANGE_BEGIN, operands: [1], bytes: text("decode"))
            + record(FX_VERB_MARK, bytes: text("flexnpu:phase=prefill;")) + fill()
            + record(FX_VERB_RANGE_END, operands: [1]) + fill(),
        "limits-of-cores": record(FX_VERB_STREAM_LIMIT, stream: stream, operands: [0, 4])
            + record(FX_VERB_DEVICE_LIMIT, operands: [0, 1, 2]) + plan + launch + wait(),
        "waits-of-every-kind": fill()
            + record(FX_VERB_WAIT_DEVICE, isAsk: true, operands: [0, 7])
            + record(FX_VERB_WAIT_EVENT, isAsk: true, operands: [event, 1, 7])
            + record(FX_VERB_QUERY_STREAM, isAsk: true, stream: stream),
        "stale-and-foreign-things": fill(14)
            + record(FX_VERB_FILL, stream: stream, operands: [15, 0, 64])
            + record(FX_VERB_FREE, operands: [15])
            + record(FX_VERB_STREAM_DESTROY, isAsk: true, operands: [14, 0]),
        "init-and-finalize": record(FX_VERB_INITIALIZE, isAsk: true, bytes: text("/a/path"))
            + fill() + record(FX_VERB_FINALIZE, isAsk: true) + fill(),
    ]

    /// Selectors of `FuzzWorld.words`.
    private static let stream: UInt8 = 9
    private static let event: UInt8 = 10
    private static let context: UInt8 = 11
    private static let address: UInt8 = 12
    private static let otherStream: UInt8 = 16
    private static let otherEvent: UInt8 = 17
    private static let function: UInt8 = 19

    private static func text(_ text: String) -> [UInt8] {
        [UInt8(text.utf8.count)] + Array(text.utf8)
    }

    private static func record(
        _ verb: Int, isAsk: Bool = false, stream: UInt8? = nil, operands: [UInt8] = [],
        bytes: [UInt8]? = nil
    ) -> [UInt8] {
        let how =
            (isAsk ? 1 : 0) | (stream == nil ? 0 : 2) | (bytes == nil ? 0 : 4)
            | UInt8(operands.count) << 5
        return [UInt8(verb), how] + (stream.map { [$0] } ?? []) + operands + (bytes ?? [])
    }

    private static func fill(_ stream: UInt8 = stream) -> [UInt8] {
        record(FX_VERB_FILL, stream: stream, operands: [address, 0, 64])
    }

    private static func wait(_ stream: UInt8 = stream) -> [UInt8] {
        record(FX_VERB_WAIT_STREAM, isAsk: true, stream: stream, operands: [3])
    }

    private static let plan = record(
        FX_VERB_PLAN, isAsk: true, operands: [1, function, address, 0], bytes: [255])
    private static let launch = record(
        FX_VERB_KERNEL, stream: stream, operands: [1, 0, address, 0])
    private static let secondStream = record(
        FX_VERB_STREAM_CREATE, isAsk: true, operands: [otherStream, context, 0, 0])
}
