package import Wire

/// What a policy may know of an operation. Copied once, when the operation becomes ready.
package struct OperationFacts: Sendable, Equatable {
    package var id: OperationID
    package var client: ClientID
    package var stream: StreamID
    package var device: DeviceID
    package var function: FunctionID
    /// What sort of work it is.
    package var kind: WorkKind
    package var phase: Phase
    package var phaseSource: PhaseSource
    /// Counts the operations of the stream from 1.
    package var sequence: UInt64
    /// Predicted time on the device.
    package var costNanoseconds: Nanoseconds
    package var tokens: UInt32
    package var bytes: UInt64
    package var flops: UInt64
    /// Cores that it can use at most, of the pool that its kind of work runs on.
    package var cores: CoreLimit
    package var enqueuedAt: Nanoseconds

    package init(
        id: OperationID, client: ClientID, stream: StreamID, device: DeviceID, function: FunctionID,
        kind: WorkKind = .kernel, phase: Phase = .other, phaseSource: PhaseSource = .none,
        sequence: UInt64, costNanoseconds: Nanoseconds, tokens: UInt32 = 0, bytes: UInt64 = 0,
        flops: UInt64 = 0, cores: CoreLimit = .none, enqueuedAt: Nanoseconds
    ) {
        self.kind = kind
        self.cores = cores
        self.id = id
        self.client = client
        self.stream = stream
        self.device = device
        self.function = function
        self.phase = phase
        self.phaseSource = phaseSource
        self.sequence = sequence
        self.costNanoseconds = costNanoseconds
        self.tokens = tokens
        self.bytes = bytes
        self.flops = flops
        self.enqueuedAt = enqueuedAt
    }
}

/// What a policy may know of a client.
package struct ClientFacts: Sendable, Equatable {
    package var id: ClientID
    /// The program's name, without its folder.
    package var name: String
    /// `--label` and marks: at least `weight`, `tenant`, `phase` where they were given.
    package var labels: [String: String]
    /// Share of the device, relative to the other clients'; at least 1.
    package var weight: Double

    package init(id: ClientID, name: String, labels: [String: String] = [:], weight: Double = 1) {
        self.id = id
        self.name = name
        self.labels = labels
        self.weight = weight
    }
}

/// How busy a device is, at the moment of a decision.
package struct DeviceLoad: Sendable, Equatable {
    package var device: DeviceID
    package var operationsInFlight: Int
    /// Predicted time of what is in flight and not yet done.
    package var inFlightNanoseconds: Nanoseconds
    /// The same, by phase (`Phase.rawValue` is the index).
    package var operationsInFlightByPhase: [4 of Int32]

    package init(
        device: DeviceID, operationsInFlight: Int = 0, inFlightNanoseconds: Nanoseconds = 0,
        operationsInFlightByPhase: [4 of Int32] = .init(repeating: 0)
    ) {
        self.device = device
        self.operationsInFlight = operationsInFlight
        self.inFlightNanoseconds = inFlightNanoseconds
        self.operationsInFlightByPhase = operationsInFlightByPhase
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.device == b.device && a.operationsInFlight == b.operationsInFlight
            && a.inFlightNanoseconds == b.inFlightNanoseconds
            && (0..<4).allSatisfy {
                a.operationsInFlightByPhase[$0] == b.operationsInFlightByPhase[$0]
            }
    }
}

/// How many cores of each pool an operation may take; 0: as many as the pool has.
package struct CoreLimit: Sendable, Equatable {
    package var cube: UInt16
    package var vector: UInt16
    package init(cube: UInt16 = 0, vector: UInt16 = 0) {
        self.cube = cube
        self.vector = vector
    }

    /// No limit.
    package static let none = CoreLimit()

    /// The narrower of both in each pool.
    package func narrowed(to other: CoreLimit) -> CoreLimit {
        CoreLimit(cube: Self.least(cube, other.cube), vector: Self.least(vector, other.vector))
    }

    /// With the other's limit of each pool that has none here.
    package func filled(from other: CoreLimit) -> CoreLimit {
        CoreLimit(
            cube: cube == 0 ? other.cube : cube, vector: vector == 0 ? other.vector : vector)
    }

    private static func least(_ a: UInt16, _ b: UInt16) -> UInt16 {
        a == 0 ? b : (b == 0 ? a : min(a, b))
    }
}

/// What a policy answers when it is asked for work.
package enum Decision: Sendable, Equatable {
    /// Dispatch this ready operation. `line` is the policy's source line that chose it, 0 where
    /// there is none; `note` is a remark of the policy's (`Policy.note`), 0 for none.
    case dispatch(OperationID, line: UInt32, cores: CoreLimit = .none, note: UInt32 = 0)
    /// Nothing now; ask again when something changes, or at `wakeAt`.
    case hold(wakeAt: Nanoseconds?, line: UInt32 = 0)
    /// The policy failed; what it answered does not count.
    case breach(PolicyBreach)
}

/// Why a call into a policy failed.
package struct PolicyBreach: Sendable, Equatable, Error {
    package enum Kind: String, Sendable, Codable {
        case instructions, memory, time, error, notReady, hold, starvation
    }
    package var kind: Kind
    /// For people: file, line and what happened.
    package var message: String

    package init(kind: Kind, message: String) {
        self.kind = kind
        self.message = message
    }
}

/// Why an operation leaves without having run.
package enum DropReason: UInt8, Sendable, Codable {
    case clientGone = 0
    case streamAborted = 1
    case failed = 2
}

/// What a policy hands to the version that follows it: plain data, as the policy's own language
/// spells it.
package struct SavedState: Sendable, Equatable, Codable {
    package var policy: String
    package var version: Int
    package var text: String
    package init(policy: String, version: Int, text: String) {
        self.policy = policy
        self.version = version
        self.text = text
    }
}

/// Decides which ready operation goes to a device next. It never sees the clock: time is passed in.
///
/// The caller (`PolicyHost`) keeps the ready set itself and checks every answer, so a policy can be
/// wrong without breaking anybody's order. `ready` and the other hooks return a breach where the
/// policy failed; the host then keeps the operation in its own queue.
package protocol Policy: AnyObject {
    /// Its name and version, as `policy list` shows them.
    var name: String { get }
    var version: Int { get }
    /// Where it came from: a file's path, or "built in".
    var origin: String { get }

    func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach?
    func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach?
    func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach?
    func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision
    /// `operation` finished after `tookNanoseconds` on the device.
    func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds) -> PolicyBreach?
    /// The operation was decided by somebody else (the fallback): forget it.
    func forget(_ operation: OperationID)

    /// The options with their values now, in a fixed order.
    var options: [PolicyOption] { get }
    /// Sets an option live. Throws `PolicyOptionError` where there is none of that name or the
    /// value does not fit.
    func set(_ key: String, to value: String) throws
    /// State for the version that follows; nil where it has none. Throws where it has some that
    /// cannot be had as it is.
    func save() throws(PolicyBreach) -> SavedState?
    /// How long it says that a client may have ready work and get nothing. Less than the host's
    /// bound is a promise that it is held to; more says that it means to let clients wait, which is
    /// then no breach; nil: it says nothing.
    var starvationNanoseconds: Nanoseconds? { get }
    /// The text behind a decision's `note`; nil where there is none.
    func note(_ number: UInt32) -> String?
    /// The lines that it logged since this was last asked, oldest first.
    func takeLog() -> [String]
    /// Whether somebody keeps the lines of its holds. A policy that would pay for them needs to say
    /// them only while this is set.
    var recordsHolds: Bool { get set }
    /// What it was compiled from; nil for one that is built in.
    var text: PolicyText? { get }
    /// How to make a fresh instance of the same text with the same options, for a rollback; nil
    /// where this one can itself be told of everything again, after it was told to forget it.
    func recipe() -> (any PolicyRecipe)?
}

/// A policy's source and that of the files that it requires, as they were when it was loaded.
package struct PolicyText: Sendable, Equatable, Codable {
    package var path: String
    package var source: String
    /// By the name that `require` was given.
    package var modules: [String: String]
    package init(path: String, source: String, modules: [String: String] = [:]) {
        self.path = path
        self.source = source
        self.modules = modules
    }
}

/// What a policy can be made from again, on any thread.
package protocol PolicyRecipe: Sendable {
    /// A fresh policy that knows `clients`. Throws why it does not load.
    func makePolicy(clients: [ClientFacts], now: Nanoseconds) throws -> any Policy
}

extension Policy {
    package var starvationNanoseconds: Nanoseconds? { nil }
    package var text: PolicyText? { nil }
    package func recipe() -> (any PolicyRecipe)? { nil }
    package func note(_ number: UInt32) -> String? { nil }
    package func takeLog() -> [String] { [] }
    /// Of a policy without lines.
    package var recordsHolds: Bool {
        get { false }
        set {}
    }
}

/// Why an option could not be set; the message names the option, the value and what would fit.
package struct PolicyOptionError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
