/// A function of AscendCL: its row in the API table.
package struct FunctionID: Hashable, Sendable, Comparable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A program's connection to the daemon; counts up, never reused within a daemon's life.
package struct ClientID: RawRepresentable, Hashable, Sendable, Comparable, Codable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A stream of a client: unique within the daemon (client in the high half, the client's index in
/// the low).
package struct StreamID: Hashable, Sendable, Comparable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// An event of a client, unique within the daemon in the same way.
package struct EventID: Hashable, Sendable, Comparable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A device of this host, by its logical number.
package struct DeviceID: RawRepresentable, Hashable, Sendable, Comparable, Codable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// An operation on a stream. The low half is a slot that is reused, the high half its generation,
/// so a stale id is told from a live one.
package struct OperationID: Hashable, Sendable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    package init(slot: UInt32, generation: UInt32) {
        rawValue = UInt64(generation) << 32 | UInt64(slot)
    }
    package var slot: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
    package var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
}

/// Nanoseconds of the daemon's monotonic clock, or of a virtual clock. Time is always passed in.
package typealias Nanoseconds = Int64

/// What part of serving a model an operation belongs to.
package enum Phase: UInt8, Sendable, Codable, CaseIterable {
    case other = 0
    case prefill = 1
    case decode = 2
    case mixed = 3
}

/// Who said which phase it is; the first that knows wins, in this order.
package enum PhaseSource: UInt8, Sendable, Codable {
    case none = 0
    case mark = 1  // an mstx mark or range of the program
    case label = 2  // `flexnpu run --label`
    case policy = 3  // the policy's `classify`
    case shape = 4  // inferred from names and shapes
}
