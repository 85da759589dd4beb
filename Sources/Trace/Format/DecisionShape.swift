import Wire

/// The fields of a decision, in one of eight forms.
struct DecisionShape: Equatable {
    /// The usual widths, or the widest.
    var isNarrow: Bool
    /// An operation, not a hold.
    var isOperation: Bool
    var hasNote: Bool

    init(isNarrow: Bool, isOperation: Bool, hasNote: Bool) {
        self.isNarrow = isNarrow
        self.isOperation = isOperation
        self.hasNote = hasNote
    }

    init(_ decision: DecisionEvent) {
        let device = decision.device.rawValue
        var narrow =
            device == Int32(Int8(truncatingIfNeeded: device)) && decision.policyLoad < 1 << 8
            && decision.policyLine < 1 << 16 && decision.inFlight < 1 << 16
            && UInt64(bitPattern: decision.inFlightNanoseconds) < 1 << 32
            && decision.ready < 1 << 16 && decision.cores < 1 << 8
            && decision.instructions < 1 << 32
        if case .operation(let client, _, _) = decision.answer {
            isOperation = true
            narrow = narrow && client.rawValue < 1 << 16
        } else {
            isOperation = false
        }
        isNarrow = narrow
        hasNote = !decision.note.isEmpty
    }

    /// Bytes of device, policy load, line, operations in flight, their time, ready, cores,
    /// instructions and client.
    var widths: [Int] { isNarrow ? [1, 1, 2, 2, 4, 2, 1, 4, 2] : [4, 4, 4, 4, 8, 4, 4, 8, 4] }

    var structure: String {
        "decision_\(isOperation ? "operation" : "hold")"
            + "\(isNarrow ? "" : "_wide")\(hasNote ? "_note" : "")"
    }

    var definition: String {
        let names = [
            "_device", "_policy", "_line", "_in_flight", "_in_flight_ns", "_ready", "_cores",
            "_instructions",
        ]
        var text =
            "struct \(structure) { enum decision_answer _answer; enum decision_maker _maker; "
        for (index, name) in names.enumerated() {
            text += "\(index == 0 ? "i" : "u")\(widths[index] * 8) \(name); "
        }
        text +=
            isOperation ? "u\(widths[8] * 8) _client; u8 _stream; u8 _sequence; " : "i64 _until; "
        return text + (hasNote ? "string _note; " : "") + "};\n"
    }

    static var all: [DecisionShape] {
        [true, false].flatMap { narrow in
            [true, false].flatMap { operation in
                [true, false].map { note in
                    DecisionShape(isNarrow: narrow, isOperation: operation, hasNote: note)
                }
            }
        }
    }
}
