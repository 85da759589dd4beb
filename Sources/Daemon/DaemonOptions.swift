package import Wire

/// How a daemon is started; `flexnpu daemon` fills it from its arguments.
package struct DaemonOptions: Sendable {
    /// The Unix socket to listen on.
    package var socketPath: String
    /// A folder with CANN's libraries, or one file that exports AscendCL.
    package var deviceLibrary: String
    /// The devices to own; nil: all that the library reports.
    package var devices: [Int32]?
    /// The first policy; nil: the built-in fair one (or what the state folder remembers).
    package var policyPath: String?
    /// Load the policy again whenever its file is saved.
    package var watchPolicy: Bool
    /// Where the live policy and its options are remembered across restarts; nil: nowhere.
    package var statePath: String?
    /// Record from the start, into this folder.
    package var traceDirectory: String?
    package var verbose: Bool
    package init(
        socketPath: String, deviceLibrary: String, devices: [Int32]? = nil,
        policyPath: String? = nil, watchPolicy: Bool = false, statePath: String? = nil,
        traceDirectory: String? = nil, verbose: Bool = false
    ) {
        self.socketPath = socketPath
        self.deviceLibrary = deviceLibrary
        self.devices = devices
        self.policyPath = policyPath
        self.watchPolicy = watchPolicy
        self.statePath = statePath
        self.traceDirectory = traceDirectory
        self.verbose = verbose
    }
}

/// Limits of one client and of the daemon; reaching one is a named error to that client alone.
package struct DaemonLimits: Sendable {
    package var sessions = 256
    package var ringsPerSession = 256
    package var streamsPerSession = 1984
    package var eventsPerSession = 65_536
    package var hostBytesPerSession = 64 << 30
    /// Connections heard at a time that have not said who they are; the others wait to be accepted.
    package var greetings = 256
    /// How long a connection may take to say who it is.
    package var greetingNanoseconds: Nanoseconds = 2_000_000_000
    /// Commands answered at a time.
    package var commands = 256
    /// Operations queued and not yet done; past it the client's rings are left standing, so it
    /// waits.
    package var queuedPerSession = 4096
    package var contextsPerSession = 1024
    /// Slots for plans of operations; a program that needs more uses old ones again.
    package var plansPerSession = 16_384
    /// Bytes of records waiting for the trace thread; past it records are lost and counted.
    package var traceQueueBytes = 64 << 20
    package init() {}
}
