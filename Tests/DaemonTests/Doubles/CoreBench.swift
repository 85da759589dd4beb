import AscendCL
import CWire
import CostModel
import Daemon
import Device
import LinuxIO
import Logging
import RingDoubles
import Scheduling
import SharedRing
import Wire

/// A core with fake devices, driven by a test: nothing in it sleeps, reads a clock or is another
/// thread.
final class CoreBench {
    let core: DispatchCore
    let devices: [FakeExecutor]
    private let limits: DaemonLimits
    private(set) var now: Nanoseconds = 1_000_000
    private var nextClient: UInt32 = 1

    struct Stamps: StampClock {
        func nanoseconds(ticks: UInt64) -> Nanoseconds { Nanoseconds(truncatingIfNeeded: ticks) }
        func nanoseconds(span: UInt64) -> Nanoseconds { Nanoseconds(truncatingIfNeeded: span) }
    }

    init(
        devices count: Int32 = 1, submitsAhead: Bool = true, policy: any Policy = FIFOPolicy(),
        limits: DaemonLimits = DaemonLimits(),
        scheduler change: (inout SchedulerLimits) -> Void = { _ in },
        scale: Double = 1
    ) {
        self.limits = limits
        devices = (0..<count).map { FakeExecutor(device: $0) }
        var schedulerLimits = SchedulerLimits()
        schedulerLimits.submitAhead = submitsAhead
        change(&schedulerLimits)
        let scheduler = Scheduler(
            devices: (0..<count).map { DeviceID(rawValue: $0) }, limits: schedulerLimits,
            policyHost: PolicyHost(policy))
        var log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        log.logLevel = .critical
        core = DispatchCore(
            CoreParts(
                table: APITable.standard, limits: limits, log: log, scheduler: scheduler,
                fleet: DeviceFleet(devices), clock: Stamps(), chip: .ascend910B2,
                scale: scale), now: now)
    }

    var device: FakeExecutor { devices[0] }

    /// A program that has said hello and has one ring.
    func attach(mode: Session.Mode = .route) throws -> ProgramDouble {
        let program = try ProgramDouble(client: nextClient, mode: mode, limits: limits)
        nextClient += 1
        try core.admit(program.session)
        return program
    }

    /// One of its streams on device 0, made as libflexnpu.so makes it.
    func attachWithStream() throws -> (program: ProgramDouble, stream: UInt64) {
        let program = try attach()
        program.makeContext()
        settle()
        let stream = program.makeStream(index: 0)
        settle()
        return (program, stream)
    }

    /// Passes until nothing more happens. Time goes on by a microsecond each.
    func settle() {
        for _ in 0..<10_000 {
            now += 1000
            if !core.step(now: now) { return }
        }
    }

    func advance(by nanoseconds: Nanoseconds) {
        now += nanoseconds
        settle()
    }

    /// What any device was told against its contract.
    var violations: [String] { devices.flatMap(\.contract.violations) }

    /// A stream and a block of device memory of a new program.
    func attachWithMemory(_ bytes: UInt64 = 1 << 20) throws -> Equipped {
        let (program, stream) = try attachWithStream()
        let asked = program.malloc(bytes)
        settle()
        guard let answer = program.answer(to: asked), answer.status == 0 else {
            preconditionFailure("the fake device refused memory")
        }
        return Equipped(program: program, stream: stream, address: answer.words[0])
    }

    /// A program with what most tests need.
    struct Equipped {
        var program: ProgramDouble
        var stream: UInt64
        var address: UInt64
    }
}
