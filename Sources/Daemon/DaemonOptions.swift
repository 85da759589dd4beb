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
    /// A group, by its name, whose members may have their programs served; nil: this user's alone.
    package var group: String?
    package var limits: DaemonLimits
    package var verbose: Bool
    package init(
        socketPath: String, deviceLibrary: String, devices: [Int32]? = nil,
        policyPath: String? = nil, watchPolicy: Bool = false, statePath: String? = nil,
        traceDirectory: String? = nil, group: String? = nil,
        limits: DaemonLimits = DaemonLimits(), verbose: Bool = false
    ) {
        self.group = group
        self.limits = limits
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
