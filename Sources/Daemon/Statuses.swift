import Device
import LinuxIO
import Scheduling
import SharedRing
import Wire

/// What does not change while the daemon runs.
struct DaemonEnvironment: Sendable {
    static let version = "0.1.0"

    var pid: Int32
    var startedAt: Nanoseconds
    var socket: String
    var deviceLibrary: String
    var socName: String

    /// What a trace says of the machine that it was recorded on.
    var forTrace: [String: String] {
        ["flexnpu": Self.version, "device_library": deviceLibrary, "soc": socName]
    }
}

/// Snapshots for commands, taken between two passes.
extension DispatchLoop {
    func status(environment: DaemonEnvironment, trace: TraceStatus) -> DaemonStatus {
        DaemonStatus(
            version: DaemonEnvironment.version, pid: environment.pid,
            uptimeNanoseconds: clock.now() - environment.startedAt, socket: environment.socket,
            deviceLibrary: environment.deviceLibrary, socName: environment.socName,
            devices: devices.compactMap(deviceStatus), clients: sessions.count,
            policy: scheduler.host.liveStatus, trace: trace, escapes: escapes,
            isolation:
                "handles, addresses and limits; a fault on a device may reach all its clients",
            residentBytes: residentBytes())
    }

    private func deviceStatus(_ device: Int32) -> DeviceStatus? {
        guard var status = scheduler.status(of: DeviceID(rawValue: device)) else { return nil }
        try? runtime.select(device)
        if let memory = try? runtime.memoryInfo() {
            status.memoryUsedBytes = UInt64(memory.total - memory.free)
            status.memoryTotalBytes = UInt64(memory.total)
        }
        return status
    }

    func clientStatuses() -> [ClientStatus] {
        let now = clock.now()
        return sessions.map { session in
            ClientStatus(
                id: session.id, pid: session.pid, name: session.facts.name,
                mode: session.mode.rawValue, labels: session.facts.labels,
                weight: session.facts.weight, connectedNanoseconds: now - session.connectedAt,
                calls: session.calls,
                lost: session.rings.reduce(session.lost) { $0 + $1.consumer.lost },
                memoryBytes: session.memory.totalBytes, streams: session.streams.count,
                phases: scheduler.accounts(of: session.id))
        }
    }
}
