package import Wire

/// What kind of work a submission is. The scheduler treats them alike; policies and the daemon may
/// not.
package enum WorkKind: UInt8, Sendable {
    case kernel = 0
    case copy = 1
    case fill = 2
    /// A whole iteration of an engine, scheduled as one unit.
    case step = 3
}

/// Work for a stream, as the daemon hands it in.
package struct Submission: Sendable, Equatable {
    package var stream: StreamID
    package var kind: WorkKind
    /// What the daemon finds its own half of the work by; the scheduler only carries it.
    package var payload: Int
    package var function: FunctionID
    package var phase: Phase
    package var phaseSource: PhaseSource
    /// Predicted time on the device.
    package var costNanoseconds: Nanoseconds
    package var tokens: UInt32
    package var bytes: UInt64
    package var flops: UInt64
    /// Cores that it can use at most: its own number of tiles, under its stream's limit.
    package var cores: CoreLimit
    /// It may only be submitted when nothing of its stream is on the device: the device reads its
    /// input when it is submitted, not when its turn comes.
    package var needsIdleStream: Bool

    package init(
        stream: StreamID, kind: WorkKind = .kernel, payload: Int,
        function: FunctionID = FunctionID(rawValue: 0), phase: Phase = .other,
        phaseSource: PhaseSource = .none, costNanoseconds: Nanoseconds = 0, tokens: UInt32 = 0,
        bytes: UInt64 = 0, flops: UInt64 = 0, cores: CoreLimit = .none,
        needsIdleStream: Bool = false
    ) {
        self.cores = cores
        self.needsIdleStream = needsIdleStream
        self.stream = stream
        self.kind = kind
        self.payload = payload
        self.function = function
        self.phase = phase
        self.phaseSource = phaseSource
        self.costNanoseconds = costNanoseconds
        self.tokens = tokens
        self.bytes = bytes
        self.flops = flops
    }
}

/// What a device is to do next.
package enum Dispatch: Sendable, Equatable {
    /// Start this now; report it with `Scheduler.finished` when the device is done with it.
    case operation(DispatchedOperation)
    /// There is ready work and the policy wants to wait: ask again after any change, or at
    /// `wakeAt`.
    case hold(wakeAt: Nanoseconds?)
    /// Nothing is ready.
    case idle
}

/// An operation that goes to its device.
package struct DispatchedOperation: Sendable, Equatable {
    package var facts: OperationFacts
    package var kind: WorkKind
    package var payload: Int
    /// The load of the policy that chose it, and its line; 0 where the fallback did.
    package var policyLoad: UInt32
    package var policyLine: UInt32
    /// What the policy allows it, under what it can use.
    package var cores = CoreLimit.none
    /// The policy's remark (`Policy.note`); 0: none.
    package var note: UInt32 = 0
    package var id: OperationID { facts.id }
}

/// What a device that runs ahead must be told beside its operations, in the order of `next`.
package enum DeviceOrder: Sendable, Equatable {
    /// A mark behind everything that was submitted to the stream.
    case record(DeviceID, stream: UInt32, mark: UInt32)
    /// The stream's later work waits for the mark.
    case wait(DeviceID, stream: UInt32, mark: UInt32)
    /// Nobody will wait for the mark any more; its number may come again.
    case forget(DeviceID, mark: UInt32)
}

/// The whole life of an operation that ran, for the trace.
package struct FinishedOperation: Sendable, Equatable {
    package var facts: OperationFacts
    package var kind: WorkKind
    package var payload: Int
    package var readyAt: Nanoseconds
    package var dispatchedAt: Nanoseconds
    package var startedAt: Nanoseconds
    package var finishedAt: Nanoseconds
    package var policyLoad: UInt32
    package var policyLine: UInt32
}

/// An operation that leaves without having run; its payload is the daemon's again.
package struct DroppedOperation: Sendable, Equatable {
    package var facts: OperationFacts
    package var kind: WorkKind
    package var payload: Int
    /// Whether the policy had been told of it.
    package var wasReady: Bool
}

/// Why an operation failed on its device. Kept by its stream until a wait reports it, once.
package struct OperationFailure: Sendable, Equatable {
    /// An aclError.
    package var code: Int32
    package var message: String
    package init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }
}

/// What a program waits for.
package enum WaitTarget: Sendable, Equatable {
    case stream(StreamID)
    /// A record of the event: the one of this number, or the latest where it is nil.
    case event(EventID, number: UInt64? = nil)
    case device(ClientID, DeviceID)
}

/// The answer to a wait.
package enum WaitAnswer: Sendable, Equatable {
    /// It was over before it began. The failure, if any, is hereby reported.
    case satisfied(OperationFailure?)
    /// Its token will come out of `Scheduler.nextSatisfied`.
    case pending
}

/// A wait that is over.
package struct SatisfiedWait: Sendable, Equatable {
    package var token: UInt64
    package var failure: OperationFailure?
    package init(token: UInt64, failure: OperationFailure? = nil) {
        self.token = token
        self.failure = failure
    }
}

/// An event record whose turn came.
package struct CompletedRecord: Sendable, Equatable {
    package var event: EventID
    package var stream: StreamID
    package var payload: Int
    package var completedAt: Nanoseconds
}

/// Where an event stands.
package enum EventStatus: Sendable, Equatable {
    /// Never recorded, or reset since.
    case unrecorded
    case pending
    case complete(at: Nanoseconds)
}

/// Limits of the scheduler. Reaching one is an error to the client that reached it.
package struct SchedulerLimits: Sendable, Equatable {
    package var clientsMax = 1024
    package var streamsPerClientMax = 1984
    /// Past the largest index a client may use for a stream.
    package var streamIndexEnd = 32_768
    /// Past the largest index a client may use for an event.
    package var eventIndexEnd = 65_536
    /// Operations, records and waits of one client that are not done.
    package var queuedPerClientMax = 8192
    /// Show an operation as ready when its predecessor was dispatched, not only when it is done.
    /// Right only where each of our streams is one in-order stream of the device.
    package var submitAhead = false
    /// Operations, records and waits of one stream on its device at a time, where work is submitted
    /// ahead. A 910B's stream queue takes 2,013 tasks; half of that leaves room for records.
    package var streamDepthMax = 1024
    package init() {}
}

/// Why the scheduler took something not.
package enum SchedulerError: Error, Sendable, Equatable, CustomStringConvertible {
    case unknownClient(ClientID)
    case unknownStream(StreamID)
    case unknownEvent(EventID)
    case unknownRecord(EventID, number: UInt64)
    case unknownDevice(DeviceID)
    case exists(UInt64)
    case tooManyClients(limit: Int)
    case tooManyStreams(limit: Int)
    case tooManyEvents(limit: Int)
    case queueFull(limit: Int)

    package var description: String {
        switch self {
        case .unknownClient(let id): "there is no client \(id.rawValue)"
        case .unknownStream(let id):
            "there is no stream \(id.index) of client \(id.client.rawValue)"
        case .unknownEvent(let id):
            "event \(id.index) of client \(id.client.rawValue) cannot be used with this stream"
        case .unknownRecord(let id, let number):
            "event \(id.index) of client \(id.client.rawValue) has no record number \(number)"
        case .unknownDevice(let id): "there is no device \(id.rawValue)"
        case .exists(let id): "\(id) is already in use"
        case .tooManyClients(let limit): "the limit of \(limit) clients is reached"
        case .tooManyStreams(let limit): "the limit of \(limit) streams is reached"
        case .tooManyEvents(let limit): "the limit of \(limit) events is reached"
        case .queueFull(let limit):
            "the limit of \(limit) queued operations is reached; synchronize before queueing more"
        }
    }
}

extension StreamID {
    /// The stream that its client calls `index`.
    package init(client: ClientID, index: UInt32) {
        self.init(rawValue: UInt64(client.rawValue) << 32 | UInt64(index))
    }
    package var client: ClientID { ClientID(rawValue: UInt32(truncatingIfNeeded: rawValue >> 32)) }
    package var index: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}

extension EventID {
    /// The event that its client calls `index`.
    package init(client: ClientID, index: UInt32) {
        self.init(rawValue: UInt64(client.rawValue) << 32 | UInt64(index))
    }
    package var client: ClientID { ClientID(rawValue: UInt32(truncatingIfNeeded: rawValue >> 32)) }
    package var index: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
}
