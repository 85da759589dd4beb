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
    var log = Logger(label: "flexnpu") { StreamLogHandler.standardError(label: $0) }
    log.logLevel = options.verbose ? .info : .warning
    let started = MonotonicClock.now()
    // Blocked before any thread starts, so that all of them leave the signals to the control
    // thread.
    let signals = try SignalDescriptor([SIGTERM, SIGINT, SIGHUP])
    signal(SIGPIPE, SIG_IGN)
    endAtOnceOnCrash()
    let folder = options.socketPath.split(separator: "/").dropLast().joined(separator: "/")
    try makeFolder("/\(folder)")
    let listener = try UnixListener(path: options.socketPath)
    let limits = DaemonLimits()
    let assembled = try startLoop(options, limits, signals, log)
    // One daemon a device: the lock goes with the process, however it ends.
    let locks = try assembled.devices.map { try DeviceLock(device: $0, folder: "/\(folder)") }
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
            loop: assembled.mailbox, limits: limits, deviceCount: assembled.facts.deviceCount,
            socName: assembled.facts.socName, runsInline: assembled.facts.runsInline),
        commands: commands, limits: limits, log: log)
    let server = try ControlServer(
        listener: listener, signals: signals, reception: reception, commands: commands,
        loop: assembled.mailbox, limits: limits, log: log)
    log.notice(
        "serving",
        metadata: ["socket": "\(options.socketPath)", "soc": "\(assembled.facts.socName)"])
    server.run()
    assembled.loopStop.request()
    assembled.mailbox.wake()
    // A thread inside the device library may never come back; what was observed has to reach the disk.
    let patience = commands.isRecording ? recordingEndMilliseconds : loopEndMilliseconds
    guard assembled.ended.wait(milliseconds: patience) else { _exit(0) }
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

/// What the main thread knows of the loop, which lives on a thread of its own.
private struct AssembledLoop: Sendable {
    var mailbox: LoopMailbox
    var observed: ObservedRings
    var loopStop: StopRequest
    var devices: [Int32]
    var facts: DeviceFacts
    var ended: LinuxIO.Semaphore
}

/// Starts the dispatch loop. The device library is loaded on the loop's thread: AscendCL's current
/// device is a thread's.
private func startLoop(
    _ options: DaemonOptions, _ limits: DaemonLimits, _ signals: SignalDescriptor, _ log: Logger
) throws -> AssembledLoop {
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
    // The device library may hang where it is initialised, and a signal must end that too.
    while !ready.wait(milliseconds: 50) {
        guard signals.next() != nil else { continue }
        log.error("stopped while the device library was starting")
        _exit(1)
    }
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

/// Keeps a second daemon from driving the same device.
private final class DeviceLock: Sendable {
    private let file: LockFile
    init(device: Int32, folder: String) throws {
        do {
            file = try LockFile(path: "\(folder)/device-\(device).lock")
        } catch {
            throw CommandError(
                description: "device \(device) has a daemon already: \(error); "
                    + "use that one, or stop it first")
        }
    }
}
