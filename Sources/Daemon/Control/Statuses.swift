import Device
import LinuxIO
import Scheduling
import SharedRing
package import Wire

/// What does not change while the daemon runs.
struct DaemonEnvironment: Sendable {
    static let version = "0.1.0"

    var pid: Int32
    var startedAt: Nanoseconds
    var socket: String
    var deviceLibrary: String
    var socName: String
    /// Of one device.
    var memoryBytes: UInt64
    /// Asked how late it is, which any thread may.
    var library: DeviceLibrary

    /// What a trace says of the machine that it was recorded on.
    var forTrace: [String: String] {
        ["flexnpu": Self.version, "device_library": deviceLibrary, "soc": socName]
    }
}

/// How the daemon, its devices and its policy are.
struct AskStatus: LoopMessage {
    var environment: DaemonEnvironment
    var trace: TraceStatus
    func take(by core: DispatchCore) -> DaemonStatus {
        core.status(environment: environment, trace: trace)
    }
}

/// Who is served, and what each has had.
struct AskClients: LoopMessage {
    func take(by core: DispatchCore) -> [ClientStatus] { core.clientStatuses() }
}

/// Snapshots for commands, taken between two passes.
extension DispatchCore {
    func status(environment: DaemonEnvironment, trace: TraceStatus) -> DaemonStatus {
        DaemonStatus(
            version: DaemonEnvironment.version, pid: environment.pid,
            uptimeNanoseconds: now - environment.startedAt, socket: environment.socket,
            deviceLibrary: environment.deviceLibrary, socName: environment.socName,
            devices: fleet.devices.compactMap { deviceStatus($0, environment) },
            clients: sessions.count,
            policy: scheduler.host.liveStatus, trace: trace,
            isolation:
                "handles, addresses and limits; a fault on a device may reach all its clients",
            residentBytes: residentBytes(), isDraining: isDraining)
    }

    private func deviceStatus(_ device: Int32, _ environment: DaemonEnvironment)
        -> DeviceStatus?
    {
        guard var status = scheduler.status(of: DeviceID(rawValue: device)) else { return nil }
        status.busyNanoseconds = time.hostSpan(status.busyNanoseconds)
        // Counted here: a status must not wait for a device.
        status.memoryUsedBytes = sessions.reduce(0) { $0 + $1.memory.bytes(on: device) }
        status.memoryTotalBytes = environment.memoryBytes
        return status
    }

    package func clientStatuses() -> [ClientStatus] {
        sessions.map { session in
            let seen = observed?.totals(of: session.id) ?? ObservedRings.Totals()
            return ClientStatus(
                id: session.id, pid: session.pid, name: session.facts.name,
                mode: session.mode.rawValue, labels: session.facts.labels,
                weight: session.facts.weight, connectedNanoseconds: now - session.connectedAt,
                calls: session.calls + seen.calls,
                lost: session.lost + seen.lost,
                memoryBytes: session.memory.totalBytes, streams: session.objects.streams.count,
                phases: scheduler.accounts(of: session.id).map(inHostTime),
                limits: session.limitUses(), user: session.user)
        }
    }

    /// Commands tell this host's time, as programs see it; the scheduler's is the chip's.
    private func inHostTime(_ account: PhaseAccount) -> PhaseAccount {
        var account = account
        account.busyNanoseconds = time.hostSpan(account.busyNanoseconds)
        account.waitedNanoseconds = time.hostSpan(account.waitedNanoseconds)
        account.waitedP50Nanoseconds = time.hostSpan(account.waitedP50Nanoseconds)
        account.waitedP99Nanoseconds = time.hostSpan(account.waitedP99Nanoseconds)
        return account
    }
}
