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
    let group = try options.group.map(groupNumber)
    let folder = try makeSocketFolder(options.socketPath, group)
    let listener = try UnixListener(path: options.socketPath, group: group)
    let limits = options.limits
    let assembled = try startLoop(options, limits, log)
    let locks = try lockDevices(of: assembled, folder)
    defer { withExtendedLifetime(locks) {} }
    let environment = DaemonEnvironment(
        pid: getpid(), startedAt: started, socket: options.socketPath,
        deviceLibrary: options.deviceLibrary, socName: assembled.facts.socName,
        memoryBytes: assembled.facts.memoryBytes, library: assembled.facts.library)
    let state = try options.statePath.map(StateFile.init(folder:))
    let policies = PolicyExchange(loop: assembled.mailbox, state: state, log: log)
    let commands = CommandHandler(
        loop: assembled.mailbox, observed: assembled.observed, limits: limits, policies: policies,
        environment: environment, log: log)
    try restore(options, state, policies, log)
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
    assembled.end()
    _ = commands.stopTrace(loopHasEnded: true)
    return 0
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

/// What the main thread knows of the loop, which lives on a thread of its own.
private struct AssembledLoop: Sendable {
    var mailbox: LoopMailbox
    var observed: ObservedRings
    var loopStop: StopRequest
    var devices: [Int32]
    var facts: DeviceFacts
    var ended: LinuxIO.Semaphore

    /// Returns when every program has been told and the devices are let go.
    func end() {
        loopStop.request()
        mailbox.wake()
        ended.wait()
    }
}

/// Starts the dispatch loop. The device library is loaded on the loop's thread: AscendCL's current
/// device is a thread's.
private func startLoop(_ options: DaemonOptions, _ limits: DaemonLimits, _ log: Logger) throws
    -> AssembledLoop
{
    let outcome = Mutex<Result<AssembledLoop, any Error>?>(nil)
    let (ready, ended) = (LinuxIO.Semaphore(), LinuxIO.Semaphore())
    let shared = SharedOutcome(outcome)
    try startThread("flexnpu-loop") {
        do {
            let (loop, facts) = try assembleLoop(options, limits, log)
            shared.set(
                .success(
                    AssembledLoop(
                        mailbox: loop.mailbox, observed: loop.observed, loopStop: loop.stopRequest,
                        devices: loop.core.fleet.devices, facts: facts, ended: ended)))
            ready.signal()
            loop.run()
        } catch {
            shared.set(.failure(error))
            ready.signal()
        }
        ended.signal()
    }
    ready.wait()
    return try shared.get()
}

private final class SharedOutcome: Sendable {
    private let outcome: Mutex<Result<AssembledLoop, any Error>?>
    init(_ outcome: consuming sending Mutex<Result<AssembledLoop, any Error>?>) {
        self.outcome = outcome
    }
    func set(_ value: Result<AssembledLoop, any Error>) { outcome.withLock { $0 = value } }
    func get() throws -> AssembledLoop {
        guard let value = outcome.withLock({ $0 }) else {
            throw CommandError(description: "the dispatch loop did not start")
        }
        return try value.get()
    }
}

/// The first policy: the one asked for, or the one that the state folder remembers.
private func restore(
    _ options: DaemonOptions, _ state: StateFile?, _ policies: PolicyExchange, _ log: Logger
) throws {
    if let path = options.policyPath {
        let source = String(decoding: try readFile(path, limit: 1 << 20), as: UTF8.self)
        _ = try policies.load(
            path: path, source: source, carryState: false, watch: options.watchPolicy)
        return
    }
    guard let remembered = state?.remembered, let path = remembered.policy else { return }
    do {
        let source = String(decoding: try readFile(path, limit: 1 << 20), as: UTF8.self)
        _ = try policies.load(path: path, source: source, carryState: false, watch: false)
        for (key, value) in remembered.options.sorted(by: { $0.key < $1.key }) {
            _ = try policies.set(key, to: value)
        }
    } catch {
        // A policy that no longer loads must not keep a restarted daemon from serving.
        log.error(
            "the remembered policy does not load; the built-in fair one decides",
            metadata: ["policy": "\(path)", "why": "\(error)"])
    }
}
