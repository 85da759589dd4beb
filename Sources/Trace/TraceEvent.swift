package import Wire

/// What a trace holds. Times are nanoseconds of the daemon's monotonic clock; the clock's offset
/// to the wall clock is in the metadata.
package enum TraceEvent: Sendable, Equatable {
    case client(ClientEvent)
    case call(CallEvent)
    /// The arguments behind a signature id, once per segment before its first use.
    case signature(SignatureEvent)
    case operation(OperationEvent)
    case policy(PolicyEvent)
    /// What a policy was asked and answered.
    case decision(DecisionEvent)
    case lost(LostEvent)
}

/// A program came or went.
package struct ClientEvent: Sendable, Equatable {
    package enum What: UInt8, Sendable { case attached = 0, detached = 1, died = 2 }
    package var time: Nanoseconds
    package var client: ClientID
    package var what: What
    package var pid: Int32
    package var name: String
    /// "route" or "observe".
    package var mode: String
    package var labels: [String: String]
    package init(
        time: Nanoseconds, client: ClientID, what: What, pid: Int32, name: String, mode: String,
        labels: [String: String]
    ) {
        self.time = time
        self.client = client
        self.what = what
        self.pid = pid
        self.name = name
        self.mode = mode
        self.labels = labels
    }
}

/// One call of a program, as `fx_record` describes it.
package struct CallEvent: Sendable, Equatable {
    /// When it returned (observed), or when it was taken from the ring (routed).
    package var time: Nanoseconds
    package var durationNanoseconds: Nanoseconds
    package var client: ClientID
    /// The program's thread id.
    package var thread: UInt32
    package var sequence: UInt32
    package var function: FunctionID
    package var flags: UInt8
    package var result: Int32
    package var stream: UInt64
    /// The call's parameters in declared order (`fx_record` says how they are spelled), then a
    /// 64-bit result where there is one. Empty for a kernel, which has `signature`.
    package var words: [UInt64]
    package var bytes: [UInt8]
    /// For a routed aclnn operation: the plan of its arguments, and what travelled with the launch.
    /// 0: none.
    package var signature: UInt32
    package var values: [UInt64]
    package init(
        time: Nanoseconds, durationNanoseconds: Nanoseconds, client: ClientID, thread: UInt32,
        sequence: UInt32, function: FunctionID, flags: UInt8 = 0, result: Int32, stream: UInt64,
        words: [UInt64], bytes: [UInt8] = [], signature: UInt32 = 0, values: [UInt64] = []
    ) {
        self.time = time
        self.durationNanoseconds = durationNanoseconds
        self.client = client
        self.thread = thread
        self.sequence = sequence
        self.function = function
        self.flags = flags
        self.result = result
        self.stream = stream
        self.words = words
        self.bytes = bytes
        self.signature = signature
        self.values = values
    }
}

/// An interned signature (`fx_item` says how `encoded` is spelled).
package struct SignatureEvent: Sendable, Equatable {
    package var time: Nanoseconds
    package var client: ClientID
    package var signature: UInt32
    package var function: FunctionID
    package var encoded: [UInt8]
    package init(
        time: Nanoseconds, client: ClientID, signature: UInt32, function: FunctionID,
        encoded: [UInt8]
    ) {
        self.time = time
        self.client = client
        self.signature = signature
        self.function = function
        self.encoded = encoded
    }
}

/// The life of one operation, written when it ended.
package struct OperationEvent: Sendable, Equatable {
    package var time: Nanoseconds
    package var client: ClientID
    package var stream: UInt64
    package var device: DeviceID
    package var function: FunctionID
    /// Counts the stream's operations from 1.
    package var sequence: UInt64
    package var phase: Phase
    package var phaseSource: PhaseSource
    package var queuedAt: Nanoseconds
    package var readyAt: Nanoseconds
    package var dispatchedAt: Nanoseconds
    package var startedAt: Nanoseconds
    package var finishedAt: Nanoseconds
    /// The load of the policy that chose it (see `PolicyEvent`), 0: no policy was asked; and its
    /// line.
    package var policyLoad: UInt32
    package var policyLine: UInt32
    /// 0, or the error it ended with.
    package var result: Int32
    /// How many cores it was given; 0: that was not decided.
    package var cores: UInt32
    package init(
        time: Nanoseconds, client: ClientID, stream: UInt64, device: DeviceID, function: FunctionID,
        sequence: UInt64, phase: Phase, phaseSource: PhaseSource, queuedAt: Nanoseconds,
        readyAt: Nanoseconds, dispatchedAt: Nanoseconds, startedAt: Nanoseconds,
        finishedAt: Nanoseconds, policyLoad: UInt32, policyLine: UInt32, result: Int32,
        cores: UInt32 = 0
    ) {
        self.time = time
        self.client = client
        self.stream = stream
        self.device = device
        self.function = function
        self.sequence = sequence
        self.phase = phase
        self.phaseSource = phaseSource
        self.queuedAt = queuedAt
        self.readyAt = readyAt
        self.dispatchedAt = dispatchedAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.policyLoad = policyLoad
        self.policyLine = policyLine
        self.result = result
        self.cores = cores
    }
}

/// A policy was loaded, swapped in, failed, was put in quarantine, or an option was set.
package struct PolicyEvent: Sendable, Equatable {
    package enum What: UInt8, Sendable {
        case loaded = 0, swapped = 1, breach = 2, quarantined = 3, option = 4, rolledBack = 5
    }
    package var time: Nanoseconds
    package var what: What
    package var load: UInt32
    package var name: String
    /// The file and version, the breach's message, or `key=value`.
    package var detail: String
    package init(time: Nanoseconds, what: What, load: UInt32, name: String, detail: String) {
        self.time = time
        self.what = what
        self.load = load
        self.name = name
        self.detail = detail
    }
}

/// Records of a client's thread that did not reach the trace.
package struct LostEvent: Sendable, Equatable {
    package var time: Nanoseconds
    package var client: ClientID
    package var thread: UInt32
    package var count: UInt64
    package init(time: Nanoseconds, client: ClientID, thread: UInt32, count: UInt64) {
        self.time = time
        self.client = client
        self.thread = thread
        self.count = count
    }
}
