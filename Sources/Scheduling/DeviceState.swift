import Wire

/// One device's load and counters.
struct DeviceState {
    private(set) var load: DeviceLoad
    private var busyNanoseconds: Nanoseconds = 0
    private var operations: UInt64 = 0
    /// The end of the time that is counted as busy.
    private var busyUntil: Nanoseconds = .min

    init(_ device: DeviceID) { load = DeviceLoad(device: device) }

    mutating func add(_ facts: OperationFacts) {
        load.operationsInFlight += 1
        load.inFlightNanoseconds += facts.costNanoseconds
        load.operationsInFlightByPhase[Int(facts.phase.rawValue)] += 1
    }

    /// Operations may overlap: time in which several ran counts once.
    mutating func remove(_ facts: OperationFacts, startedAt: Nanoseconds, finishedAt: Nanoseconds) {
        load.operationsInFlight -= 1
        load.inFlightNanoseconds -= facts.costNanoseconds
        load.operationsInFlightByPhase[Int(facts.phase.rawValue)] -= 1
        operations += 1
        busyNanoseconds += max(0, finishedAt - max(startedAt, busyUntil))
        busyUntil = max(busyUntil, finishedAt)
    }

    func status(ready: Int) -> DeviceStatus {
        DeviceStatus(
            device: load.device, busyNanoseconds: busyNanoseconds, operations: operations,
            inFlight: load.operationsInFlight, ready: ready, memoryUsedBytes: 0,
            memoryTotalBytes: 0)
    }
}
