/// What a command asks the daemon. On the socket: a `fx_hello` of kind command, then any number of
/// requests, each a 32-bit little-endian length and that many bytes of JSON, each answered in the
/// same form.
package enum ControlRequest: Codable, Sendable, Equatable {
    case status
    /// Every client with its accounts, for `list` and `top`.
    case clients
    case policies
    /// The live policy: its source file, options, counters.
    case policyShow
    /// Loads a policy file and makes it live between two decisions. `source` is the file's text as
    /// the command read it, `path` its absolute path (for messages, `require` and watching).
    /// `carryState` hands the old policy's saved state over (`swap`), without it the policy starts
    /// afresh (`load`).
    case policyLoad(path: String, source: String, carryState: Bool, watch: Bool)
    /// One of the policies that are compiled in.
    case policyBuiltIn(name: String)
    case policySet(key: String, value: String)
    /// Back to the load before, or to an earlier one by its number.
    case policyRollback(load: Int?)
    case traceStart(directory: String)
    case traceStop
    /// A client's limit, as `memory=8G`.
    case limit(client: ClientID, setting: String)
    /// No new programs from now on; the daemon ends when the last one has gone.
    case drain
    case shutdown
}

/// What the daemon answers.
package enum ControlReply: Codable, Sendable, Equatable {
    case done(message: String)
    case failure(message: String)
    case status(DaemonStatus)
    case clients([ClientStatus])
    case policies([PolicyStatus])
    case trace(TraceStatus)
}

/// The daemon as a whole.
package struct DaemonStatus: Codable, Sendable, Equatable {
    package var version: String
    package var pid: Int32
    package var uptimeNanoseconds: Nanoseconds
    package var socket: String
    package var deviceLibrary: String
    package var socName: String
    package var devices: [DeviceStatus]
    package var clients: Int
    package var policy: PolicyStatus
    package var trace: TraceStatus
    package var isolation: String
    package var residentBytes: UInt64
    /// It serves no new programs and ends with the last one.
    package var isDraining: Bool
    package init(
        version: String, pid: Int32, uptimeNanoseconds: Nanoseconds, socket: String,
        deviceLibrary: String, socName: String, devices: [DeviceStatus], clients: Int,
        policy: PolicyStatus, trace: TraceStatus, isolation: String,
        residentBytes: UInt64, isDraining: Bool = false
    ) {
        self.isDraining = isDraining
        self.version = version
        self.pid = pid
        self.uptimeNanoseconds = uptimeNanoseconds
        self.socket = socket
        self.deviceLibrary = deviceLibrary
        self.socName = socName
        self.devices = devices
        self.clients = clients
        self.policy = policy
        self.trace = trace
        self.isolation = isolation
        self.residentBytes = residentBytes
    }
}

/// One device.
package struct DeviceStatus: Codable, Sendable, Equatable {
    package var device: DeviceID
    package var busyNanoseconds: Nanoseconds
    package var operations: UInt64
    package var inFlight: Int
    package var ready: Int
    package var memoryUsedBytes: UInt64
    package var memoryTotalBytes: UInt64
    /// Nil: the device has a time of its own.
    package var lateness: DeviceLateness?
    package init(
        device: DeviceID, busyNanoseconds: Nanoseconds, operations: UInt64, inFlight: Int,
        ready: Int,
        memoryUsedBytes: UInt64, memoryTotalBytes: UInt64, lateness: DeviceLateness? = nil
    ) {
        self.device = device
        self.busyNanoseconds = busyNanoseconds
        self.operations = operations
        self.inFlight = inFlight
        self.ready = ready
        self.memoryUsedBytes = memoryUsedBytes
        self.memoryTotalBytes = memoryTotalBytes
        self.lateness = lateness
    }
}

/// How late a machine made what a software device's chip had a time for.
package struct DeviceLateness: Codable, Sendable, Equatable {
    /// Completions that somebody waited for, and work that was computed late.
    package var completions: UInt64
    package var latestNanoseconds: Nanoseconds
    /// 99 % of the completions were at most so late.
    package var p99Nanoseconds: Nanoseconds
    /// From the first submission to the last completion.
    package var makespanNanoseconds: Nanoseconds
    /// The run shows the chip's time, and not the machine's.
    package var isValid: Bool
    package init(
        completions: UInt64, latestNanoseconds: Nanoseconds, p99Nanoseconds: Nanoseconds,
        makespanNanoseconds: Nanoseconds, isValid: Bool
    ) {
        self.completions = completions
        self.latestNanoseconds = latestNanoseconds
        self.p99Nanoseconds = p99Nanoseconds
        self.makespanNanoseconds = makespanNanoseconds
        self.isValid = isValid
    }
}

/// One client with what it used, since it came.
package struct ClientStatus: Codable, Sendable, Equatable {
    package var id: ClientID
    package var pid: Int32
    package var name: String
    package var mode: String
    package var labels: [String: String]
    package var weight: Double
    package var connectedNanoseconds: Nanoseconds
    package var calls: UInt64
    package var lost: UInt64
    package var memoryBytes: UInt64
    package var streams: Int
    /// What it may hold, and how much of that it does.
    package var limits: [LimitUse]
    /// The number of the user whose program it is.
    package var user: UInt32
    /// One account a phase, in the order of `Phase`; empty phases are left out.
    package var phases: [PhaseAccount]
    package init(
        id: ClientID, pid: Int32, name: String, mode: String, labels: [String: String],
        weight: Double, connectedNanoseconds: Nanoseconds, calls: UInt64, lost: UInt64,
        memoryBytes: UInt64, streams: Int, phases: [PhaseAccount], limits: [LimitUse] = [],
        user: UInt32 = 0
    ) {
        self.limits = limits
        self.user = user
        self.id = id
        self.pid = pid
        self.name = name
        self.mode = mode
        self.labels = labels
        self.weight = weight
        self.connectedNanoseconds = connectedNanoseconds
        self.calls = calls
        self.lost = lost
        self.memoryBytes = memoryBytes
        self.streams = streams
        self.phases = phases
    }
}

/// One limit of a client.
package struct LimitUse: Codable, Sendable, Equatable {
    /// As options and labels spell it.
    package var name: String
    /// Nil: not counted, as what comes and goes within a second is not.
    package var used: UInt64?
    /// Nil: as much as there is.
    package var limit: UInt64?
    /// Bytes; else a count.
    package var isBytes: Bool
    package init(name: String, used: UInt64?, limit: UInt64?, isBytes: Bool) {
        self.name = name
        self.used = used
        self.limit = limit
        self.isBytes = isBytes
    }
}

/// What one client used in one phase. Waiting is from ready to dispatched.
package struct PhaseAccount: Codable, Sendable, Equatable {
    package var phase: Phase
    package var operations: UInt64
    package var queued: Int
    package var busyNanoseconds: Nanoseconds
    package var waitedNanoseconds: Nanoseconds
    package var waitedP50Nanoseconds: Nanoseconds
    package var waitedP99Nanoseconds: Nanoseconds
    package init(
        phase: Phase, operations: UInt64 = 0, queued: Int = 0, busyNanoseconds: Nanoseconds = 0,
        waitedNanoseconds: Nanoseconds = 0, waitedP50Nanoseconds: Nanoseconds = 0,
        waitedP99Nanoseconds: Nanoseconds = 0
    ) {
        self.phase = phase
        self.operations = operations
        self.queued = queued
        self.busyNanoseconds = busyNanoseconds
        self.waitedNanoseconds = waitedNanoseconds
        self.waitedP50Nanoseconds = waitedP50Nanoseconds
        self.waitedP99Nanoseconds = waitedP99Nanoseconds
    }
}

/// One load of a policy.
package struct PolicyStatus: Codable, Sendable, Equatable {
    /// Counts loads from 1.
    package var load: Int
    package var name: String
    package var version: Int
    package var origin: String
    package var state: State
    package var decisions: UInt64
    package var breaches: UInt64
    package var lastBreach: String?
    package var options: [PolicyOption]
    package var watched: Bool
    /// What it said last through `log`, oldest first.
    package var log: [String]
    package enum State: String, Codable, Sendable { case live, replaced, quarantined }
    package init(
        load: Int, name: String, version: Int, origin: String, state: State, decisions: UInt64,
        breaches: UInt64, lastBreach: String?, options: [PolicyOption], watched: Bool,
        log: [String] = []
    ) {
        self.log = log
        self.load = load
        self.name = name
        self.version = version
        self.origin = origin
        self.state = state
        self.decisions = decisions
        self.breaches = breaches
        self.lastBreach = lastBreach
        self.options = options
        self.watched = watched
    }
}

/// The recording, if there is one.
package struct TraceStatus: Codable, Sendable, Equatable {
    package var directory: String?
    package var events: UInt64
    package var bytes: UInt64
    package var lost: UInt64
    /// Why recording stopped by itself (a full disk), naming the file.
    package var failure: String?
    package init(
        directory: String? = nil, events: UInt64 = 0, bytes: UInt64 = 0, lost: UInt64 = 0,
        failure: String? = nil
    ) {
        self.directory = directory
        self.events = events
        self.bytes = bytes
        self.lost = lost
        self.failure = failure
    }
}
