package import Wire

/// One decision, as the log keeps it.
package struct DecisionRecord: Sendable, Equatable {
    package enum Kind: UInt8, Sendable {
        case dispatched = 0
        case held = 1
        /// The policy failed or answered what is not so; `operation` is what the fallback took, if
        /// anything.
        case breach = 2
        /// No policy was asked: its `ready` had failed, or the hold limit was reached.
        case fallback = 3
        /// No policy was asked: the client had got nothing for the starvation bound, and was given
        /// its oldest operation.
        case starved = 4
    }
    package var time: Nanoseconds
    package var device: DeviceID
    package var kind: Kind
    /// 0 where nothing was dispatched.
    package var operation: OperationID
    package var client: ClientID
    package var phase: Phase
    package var line: UInt32
    package var cores = CoreLimit.none
    package var note: UInt32 = 0
    /// What the policy was asked about: work in flight and ready on the device.
    package var operationsInFlight: Int = 0
    package var inFlightNanoseconds: Nanoseconds = 0
    package var ready: Int = 0
    /// Held: when to ask again.
    package var wakeAt: Nanoseconds?
    /// The operation's stream and its place in it.
    package var stream = StreamID(rawValue: 0)
    package var sequence: UInt64 = 0
    /// The load of the policy that was asked.
    package var load: UInt32 = 0
}

/// Why a policy was taken out, and what led there.
package struct QuarantineReport: Sendable, Equatable {
    package var load: Int
    package var name: String
    package var breach: PolicyBreach
    /// How many breaches in how long.
    package var reason: String
    /// The last decisions, oldest first.
    package var decisions: [DecisionRecord]
    /// What was ready, oldest first.
    package var ready: [OperationFacts]
    /// The load that took over.
    package var successor: Int
}

/// Something happened to policies: for the trace, the log and `policy list`.
package struct PolicyReport: Sendable, Equatable {
    package enum What: Sendable, Equatable {
        /// The first policy, or one that came without the state of the one before it.
        case loaded
        case swapped
        case breach(PolicyBreach)
        case quarantined(QuarantineReport)
        case option(key: String, value: String)
        case rolledBack(from: Int)
    }
    package var time: Nanoseconds
    package var load: Int
    package var name: String
    package var what: What
    /// One line for people.
    package var detail: String
}

/// The last decisions, in a ring.
struct DecisionLog {
    static let capacity = 256
    private var ring: ContiguousArray<DecisionRecord> = []
    private var next = 0

    mutating func append(_ record: DecisionRecord) {
        if ring.count < Self.capacity {
            ring.append(record)
        } else {
            ring[next] = record
        }
        next = (next + 1) % Self.capacity
    }

    /// Oldest first.
    var records: [DecisionRecord] {
        ring.count < Self.capacity ? Array(ring) : Array(ring[next...] + ring[..<next])
    }

    mutating func removeAll() {
        ring.removeAll(keepingCapacity: true)
        next = 0
    }
}
