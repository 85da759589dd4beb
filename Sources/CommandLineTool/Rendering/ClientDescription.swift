package import Wire

/// A client as `--json` gives it: like the daemon's account, with phases by their names.
package struct ClientDescription: Encodable, Equatable {
    package struct Account: Encodable, Equatable {
        package var phase: String
        package var operations: UInt64
        package var queued: Int
        package var busyNanoseconds: Nanoseconds
        package var waitedNanoseconds: Nanoseconds
        package var waitedP50Nanoseconds: Nanoseconds
        package var waitedP99Nanoseconds: Nanoseconds
    }

    package var id: ClientID
    package var pid: Int32
    package var name: String
    package var mode: String
    package var labels: [String: String]
    package var weight: Double
    package var connectedNanoseconds: Nanoseconds
    package var calls: UInt64
    package var lost: UInt64
    package var memoryBytes: UInt64
    package var streams: Int
    package var limits: [LimitUse]
    package var user: UInt32
    package var phases: [Account]

    package init(_ status: ClientStatus) {
        id = status.id
        pid = status.pid
        name = status.name
        mode = status.mode
        labels = status.labels
        weight = status.weight
        connectedNanoseconds = status.connectedNanoseconds
        calls = status.calls
        lost = status.lost
        memoryBytes = status.memoryBytes
        streams = status.streams
        limits = status.limits
        user = status.user
        phases = status.phases.map {
            Account(
                phase: $0.phase.name, operations: $0.operations, queued: $0.queued,
                busyNanoseconds: $0.busyNanoseconds, waitedNanoseconds: $0.waitedNanoseconds,
                waitedP50Nanoseconds: $0.waitedP50Nanoseconds,
                waitedP99Nanoseconds: $0.waitedP99Nanoseconds)
        }
    }
}
