import AscendCL
import CostModel
import Device
import Foundation
import LinuxIO
import Logging
import Scheduling
import Wire

/// What a device library says of itself.
struct DeviceFacts: Sendable {
    var deviceCount: Int
    var socName: String
    /// Short operations run on the daemon's loop: a short spin of the program pays.
    var runsInline: Bool
    /// Of one device.
    var memoryBytes: UInt64
    /// Host nanoseconds that one of the chip takes; 1 but for a software device that says otherwise.
    var scale: Double
    var library: DeviceLibrary
}

/// Makes the loop with its core, its scheduler and an executor for each device.
func assembleLoop(_ options: DaemonOptions, _ limits: DaemonLimits, _ log: Logger) throws -> (
    loop: DispatchLoop, facts: DeviceFacts
) {
    let library = try DeviceLibrary(path: options.deviceLibrary)
    let inline = ProcessInfo.processInfo.environment["FLEXNPU_DEVICE_INLINE"] != "0"
    let runtime = try AscendRuntime(library: library, runInline: inline)
    let devices = try ownedDevices(options, count: runtime.deviceCount)
    let facts = try facts(of: runtime, library, devices)
    let (bell, clock, now) = (try EventFD(), TickClock(), MonotonicClock.now())
    let doorbell = LoopDoorbell(bell)
    let executors = try makeExecutors(devices, runtime, library, doorbell)
    let core = DispatchCore(
        CoreParts(
            table: APITable.standard, limits: limits, log: log,
            scheduler: makeScheduler(devices, limits, now),
            fleet: DeviceFleet(executors), clock: clock,
            chip: Chip.named(facts.socName) ?? .ascend910B2, scale: facts.scale), now: now)
    return (try DispatchLoop(core: core, clock: clock, bell: bell, doorbell: doorbell), facts)
}

private func ownedDevices(_ options: DaemonOptions, count: Int) throws -> [Int32] {
    let all = (0..<Int32(count)).map { $0 }
    let devices = options.devices ?? all
    for device in devices where !all.contains(device) {
        throw CommandError(
            description: "there is no device \(device); \(options.deviceLibrary) has \(count)")
    }
    return devices
}

private func facts(of runtime: AscendRuntime, _ library: DeviceLibrary, _ devices: [Int32]) throws
    -> DeviceFacts
{
    var memoryBytes: UInt64 = 0
    if let first = devices.first {
        try runtime.select(first)
        memoryBytes = UInt64(max(0, (try? runtime.memoryInfo().total) ?? 0))
    }
    return DeviceFacts(
        deviceCount: runtime.deviceCount, socName: runtime.socName,
        runsInline: runtime.runsInline, memoryBytes: memoryBytes, scale: library.timeScale,
        library: library)
}

private func makeExecutors(
    _ devices: [Int32], _ runtime: AscendRuntime, _ library: DeviceLibrary,
    _ doorbell: LoopDoorbell
) throws -> [any DeviceExecutor] {
    let operators = try OperatorLibrary(library: library)
    let ofLoop = runtime.access.forOneThread()
    return try devices.map { device -> any DeviceExecutor in
        runtime.runsInline
            ? try InlineExecutor(
                device: device, runtime: ofLoop, operators: operators,
                functions: APITable.standard, doorbell: doorbell)
            : try ThreadedExecutor(
                device: device, access: runtime.access, operators: operators,
                functions: APITable.standard, doorbell: doorbell)
    }
}

private func makeScheduler(
    _ devices: [Int32], _ limits: DaemonLimits, _ now: Nanoseconds
) -> Scheduler {
    var schedulerLimits = SchedulerLimits()
    schedulerLimits.clientsMax = limits.sessions
    schedulerLimits.queuedPerClientMax = 4 * limits.queuedPerSession
    schedulerLimits.submitAhead = true
    return Scheduler(
        devices: devices.map { DeviceID(rawValue: $0) }, limits: schedulerLimits,
        policyHost: PolicyHost(now: now))
}
