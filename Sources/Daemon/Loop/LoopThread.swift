import Glibc
import LinuxIO
import Logging
import Synchronization
import Wire

/// What the main thread knows of the loop, which lives on a thread of its own.
struct AssembledLoop: Sendable {
    var mailbox: LoopMailbox
    var observed: ObservedRings
    var loopStop: StopRequest
    var devices: [Int32]
    var facts: DeviceFacts
    var ended: LinuxIO.Semaphore

    /// Returns when every program has been told and the devices are let go; false: it takes longer.
    func end(within milliseconds: Int) -> Bool {
        loopStop.request()
        mailbox.wake()
        return ended.wait(milliseconds: milliseconds)
    }
}

/// Starts the dispatch loop. The device library is loaded on the loop's thread: AscendCL's current
/// device is a thread's.
func startLoop(
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
