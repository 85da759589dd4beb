import Device
import Foundation
import Glibc
import LinuxIO
import Logging
import Scheduling
import Synchronization
import Wire

/// Runs a daemon until it is told to stop. Returns the process's exit code; what cannot be set up
/// is thrown.
package func runDaemon(_ options: DaemonOptions) throws -> Int32 {
    let log = makeLog(isVerbose: options.verbose)
    let started = MonotonicClock.now()
    // Each program takes some, and each of its threads had one until it was handed over.
    raiseDescriptorLimit()
    // Blocked before any thread starts, so that all of them leave the signals to the control
    // thread.
    let signals = try SignalDescriptor([SIGTERM, SIGINT, SIGHUP])
    signal(SIGPIPE, SIG_IGN)
    endAtOnceOnCrash()
    let group = try options.group.map(groupNumber)
    let folder = try makeSocketFolder(options.socketPath, group)
    let listener = try UnixListener(path: options.socketPath, group: group)
    let limits = options.limits
    let assembled = try startLoop(options, limits, signals, log)
    let locks = try lockDevices(of: assembled, folder)
    defer { withExtendedLifetime(locks) {} }
    let environment = DaemonEnvironment(
        pid: getpid(), startedAt: started, socket: options.socketPath,
        deviceLibrary: options.deviceLibrary, socName: assembled.facts.socName,
        memoryBytes: assembled.facts.memoryBytes, library: assembled.facts.library)
    let state = options.statePath.map(StateFile.init(folder:))
    let policies = PolicyExchange(loop: assembled.mailbox, state: state, log: log)
    let commands = CommandHandler(
        loop: assembled.mailbox, observed: assembled.observed, limits: limits, policies: policies,
        environment: environment, log: log)
    try policies.begin(options)
    if let directory = options.traceDirectory { _ = try commands.startTrace(directory) }
    let reception = try Reception(
        handshake: Handshake(
            loop: assembled.mailbox, limits: limits, group: group, facts: assembled.facts),
        commands: commands, limits: limits, log: log)
    let server = try ControlServer(
        listener: listener, signals: signals, reception: reception, commands: commands,
        loop: assembled.mailbox, limits: limits, log: log)
    log.notice(
        "serving",
        metadata: ["socket": "\(options.socketPath)", "soc": "\(assembled.facts.socName)"])
    let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
    let reports = ServiceReports(manager, assembled.mailbox)
    reports?.tellReady()
    server.run(reports: reports)
    reports?.tellStopping()
    waitUntilAnswered(reception)
    // A thread inside the device library may never come back; what was observed has to reach the disk.
    let patience = commands.isRecording ? recordingEndMilliseconds : loopEndMilliseconds
    guard assembled.end(within: patience) else { _exit(0) }
    _ = commands.stopTrace(loopHasEnded: true)
    try exitInAnyCase()
    return 0
}

/// Takes Swift's backtraces away, unless somebody wants them: while one is written, for a second or more,
/// the process neither works nor ends, and no program learns that its daemon is lost.
private func endAtOnceOnCrash() {
    guard ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] == nil else { return }
    for crash in [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP] { signal(crash, SIG_DFL) }
}

/// How long the loop may take to end, which waits for threads inside the device library; and how long
/// where a recording is under way.
private let loopEndMilliseconds = 1300
private let recordingEndMilliseconds = 10_000
/// How long handlers at exit may take, the device library's among them.
private let exitMilliseconds = 400

/// Ends the process when an orderly exit takes too long.
private func exitInAnyCase() throws {
    try startThread("flexnpu-end") {
        _ = LinuxIO.Semaphore().wait(milliseconds: exitMilliseconds)
        _exit(0)
    }
}

/// One daemon a device.
private func lockDevices(of assembled: AssembledLoop, _ folder: String) throws -> [DeviceLock] {
    let isSoftware = !assembled.facts.library.ownDescription.isEmpty
    return try assembled.devices.map { device in
        try DeviceLock(
            device: device, isShared: !isSoftware, folder: folder,
            environment: ProcessInfo.processInfo.environment)
    }
}

/// The folder of the socket, made where it is not there: this user's alone, or the group's to enter.
private func makeSocketFolder(_ socketPath: String, _ group: UInt32?) throws -> String {
    let parts = socketPath.split(separator: "/").dropLast().joined(separator: "/")
    let folder = "/\(parts)"
    if try makeFolder(folder), let group { try Paths.openFolder(folder, to: group) }
    return folder
}

/// Commands that were taken get their answers, one that ends the daemon among them.
private func waitUntilAnswered(_ reception: Reception) {
    let end = MonotonicClock.now() + 500_000_000
    while !reception.isQuiet, MonotonicClock.now() < end {
        MonotonicClock.sleep(nanoseconds: 2_000_000)
    }
}
