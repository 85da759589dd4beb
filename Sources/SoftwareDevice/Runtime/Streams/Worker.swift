import CLinux
import Glibc

/// The thread of a device, which runs its streams when nobody is waiting for them.
extension Platform {
    /// Wakes the worker of `device`, or makes it. Called with the lock held.
    func wakeWorker(of device: Device) {
        guard !isEnding else { return }
        if !device.hasWorker { startWorker(of: device) }
        device.workArrived.announce()
    }

    private func startWorker(of device: Device) {
        ExitGuard.arm()
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        // The worker takes no signals: they are the program's.
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passUnretained(device).toOpaque()
        let status = unsafe pthread_create(
            &thread, &attributes, { unsafe runWorker($0) }, unsafe argument)
        // Without a thread, whoever waits for the device runs its tasks.
        device.hasWorker = status == 0
    }

    fileprivate func work(_ device: Device) {
        lock.lock()
        if device.paced != nil {
            // Its sleeps end when the chip starts something: not later.
            _ = cl_timer_slack(1)
            workPaced(device)
        }
        while !isEnding {
            if runsInline || device.isDriven || device.ready.isEmpty {
                _ = device.workArrived.wait(until: .never)
            } else {
                drive(device) { isEnding }
                settle()
            }
        }
        device.hasWorker = false
        progress.announce()
        lock.unlock()
    }
}

private func runWorker(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument = unsafe argument {
        // Devices live as long as the process.
        unsafe Platform.shared.work(Unmanaged<Device>.fromOpaque(argument).takeUnretainedValue())
    }
    return nil
}

/// Stops the workers before the libraries under them are torn down at exit. From then on whoever
/// calls runs its tasks itself, so that destructors that still use the device neither hang nor
/// crash.
enum ExitGuard {
    private static let isArmed: Bool = atexit { ExitGuard.stopWorkers() } == 0
    /// How long a running task may hold up the end of the process.
    private static let patienceSeconds: UInt64 = 5

    static func arm() {
        _ = isArmed
    }

    private static func stopWorkers() {
        guard !ForkGuard.isForkedChild else { return }
        let platform = Platform.shared
        platform.lock.withLock {
            platform.isEnding = true
            platform.runsInline = true
            for device in platform.devices { device.workArrived.announce() }
            _ = platform.wait(Deadline(seconds: patienceSeconds), on: nil) {
                platform.devices.allSatisfy { !$0.hasWorker }
            }
        }
    }
}
