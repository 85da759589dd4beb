/// The numbers of the format that reader and writer share. README.md has the grammar.
enum TraceFormat {
    /// Bumped when a reader of before could misread what is written now.
    static let version = 2
    static let packetMagic: UInt32 = 0xC1FC_1FC1
    /// magic, uuid, stream class, stream instance.
    static let packetHeaderBytes = 4 + 16 + 4 + 8
    /// begin, end, content bits, packet bits, packet number, events discarded, client, and segment
    /// or (records) thread.
    static let packetContextBytes = 6 * 8 + 2 * 4
    static let packetPrefixBytes = packetHeaderBytes + packetContextBytes
    /// A packet is closed when it holds this much.
    static let packetBytes = 64 << 10
    /// The signature dictionary is written anew after this much of a stream.
    static let segmentBytes = 8 << 20
    static let clientStream: UInt32 = 0
    static let daemonStream: UInt32 = 1
    /// Records of a thread as they lay in its ring.
    static let recordStream: UInt32 = 2
    static let metadataName = "metadata"
    static let daemonName = "daemon"
    static let origin = "flexnpu:"

    static func clientName(_ client: UInt32) -> String { "client-\(client)" }
    static func threadName(_ client: UInt32, _ thread: UInt32) -> String {
        "thread-\(client)-\(thread)"
    }
}

/// The clock of a trace: its times are nanoseconds since an instant which lies
/// `wallOffsetNanoseconds` after 1970.
package struct TraceClock: Sendable, Equatable {
    package var frequency: UInt64
    package var wallOffsetNanoseconds: Int64
    package init(frequency: UInt64 = 1_000_000_000, wallOffsetNanoseconds: Int64) {
        self.frequency = frequency
        self.wallOffsetNanoseconds = wallOffsetNanoseconds
    }
}

/// What an event of the trace is, as `model.emf.uri` in the metadata says it.
enum EventKind: String, CaseIterable {
    /// A call, one field a parameter.
    case call
    /// An operation's call: its signature and addresses.
    case kernel
    /// A call in the form that fits every call.
    case plain
    /// The life of an operation.
    case operation
    case signature
    case client
    case policy
    /// What a policy was asked and answered.
    case decision
    case lost
    /// Gives a thread its number within the packet.
    case thread
    /// Gives a stream its number within the packet.
    case stream
    /// The upper half of the addresses that follow in the packet.
    case addresses
    /// Records of rings, by their form.
    case record
    case plainRecord = "plain-record"
    case bareRecord = "bare-record"
    case kernelRecord = "kernel-record"

    var uri: String { TraceFormat.origin + rawValue }
}

/// A field's type, written `u16`, `x48`, `i32`, `f64` or `string`.
struct FieldType: Equatable {
    enum Family: UInt8 {
        case unsigned
        case signed
        case hexadecimal
        case real
        case string
    }
    var family: Family
    /// 0 for a string, which ends with a zero byte.
    var bytes: Int

    static let string = FieldType(family: .string, bytes: 0)
    static let real = FieldType(family: .real, bytes: 8)

    var name: String {
        switch family {
        case .unsigned: "u\(bytes * 8)"
        case .signed: "i\(bytes * 8)"
        case .hexadecimal: "x\(bytes * 8)"
        case .real: "f64"
        case .string: "string"
        }
    }

    init(family: Family, bytes: Int) {
        self.family = family
        self.bytes = bytes
    }

    init?(name: Substring) {
        if name == "string" {
            self = .string
            return
        }
        guard let bits = Int(name.dropFirst()), bits > 0, bits <= 64, bits % 8 == 0 else {
            return nil
        }
        switch name.first {
        case "u": self.init(family: .unsigned, bytes: bits / 8)
        case "i": self.init(family: .signed, bytes: bits / 8)
        case "x": self.init(family: .hexadecimal, bytes: bits / 8)
        case "f" where bits == 64: self.init(family: .real, bytes: 8)
        default: return nil
        }
    }
}

/// How wide a value is written; wider ones are rarer.
enum Width {
    /// Bytes by code.
    static let bytes = [1, 2, 4, 6, 8]

    static func unsigned(_ value: UInt64) -> Int {
        if value < 1 << 8 { return 0 }
        if value < 1 << 16 { return 1 }
        if value < 1 << 32 { return 2 }
        return value < 1 << 48 ? 3 : 4
    }

    /// Without the code for six bytes: no sign extension from there.
    static func signed(_ value: Int64) -> Int {
        if value == Int64(Int8(truncatingIfNeeded: value)) { return 0 }
        if value == Int64(Int16(truncatingIfNeeded: value)) { return 1 }
        return value == Int64(Int32(truncatingIfNeeded: value)) ? 2 : 4
    }
}
