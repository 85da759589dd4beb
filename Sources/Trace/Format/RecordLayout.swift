package import Wire

/// How the records of a thread's calls lie in a packet: as in the ring that they came from.
///
/// The layout is `fx_record`'s (flexnpu_wire.h), which a test holds against this one. All of it is
/// 64-bit words: six of head, the parameters, the operands, then bytes up to the next whole word.
enum RecordLayout {
    static let headWords = 6
    /// The function takes 13 bits of an event's class, the form three.
    static let functionMask: UInt16 = 0x1fff
    static let formShift: UInt16 = 13
    /// What a packet begins with, in words.
    static let prefixWords = TraceFormat.packetPrefixBytes / 8
}

/// What follows the head of a record, by the upper bits of its class.
enum RecordForm: UInt16, CaseIterable {
    /// The function's parameters as the table has them. Bytes follow where it has strings or
    /// arrays; their words say where in them.
    case typed = 0
    /// Words, operands and bytes as counted: whatever is not as the table says.
    case plain = 1
    /// Nothing: a call that came without its parameters.
    case bare = 2
    /// A signature, then as many addresses as the head has operands.
    case kernel = 3

    /// As `model.emf.uri` says it.
    var kind: EventKind {
        switch self {
        case .typed: .record
        case .plain: .plainRecord
        case .bare: .bareRecord
        case .kernel: .kernelRecord
        }
    }

    func identifier(of function: UInt16) -> UInt16 {
        function & RecordLayout.functionMask | rawValue << RecordLayout.formShift
    }
}

/// The head of a record, taken from its words.
struct RecordHead {
    var sizeWords: Int
    var identifier: UInt16
    var words: Int
    var operands: Int
    var bytes: Int

    @inline(__always)
    init(_ first: UInt64, _ last: UInt64) {
        sizeWords = Int(first >> 32) / 8
        identifier = UInt16(truncatingIfNeeded: first)
        words = Int(last >> 48)
        bytes = Int(UInt32(truncatingIfNeeded: last))
        operands = Int(UInt16(truncatingIfNeeded: last >> 32))
    }

    var function: UInt16 { identifier & RecordLayout.functionMask }
    var form: RecordForm? { RecordForm(rawValue: identifier >> RecordLayout.formShift) }

    /// Whether the counts add up to the size.
    @inline(__always)
    var isWhole: Bool {
        RecordLayout.headWords + words + operands + (bytes + 7) / 8 == sizeWords
    }
}

/// Records of one thread, on their way from its ring to a packet of the trace.
package struct RecordPiece: Sendable {
    package var client: ClientID
    package var thread: UInt32
    /// Room for the packet's beginning, then records whose stamps and durations are nanoseconds.
    package var words: [UInt64]
    /// How many of `words` count.
    package var count: Int
    package var records: Int

    /// Words to leave free at the beginning.
    package static var prefixWords: Int { RecordLayout.prefixWords }

    package init(client: ClientID, thread: UInt32, words: [UInt64], count: Int, records: Int) {
        self.client = client
        self.thread = thread
        self.words = words
        self.count = count
        self.records = records
    }
}
