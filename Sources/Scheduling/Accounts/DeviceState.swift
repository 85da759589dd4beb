import Wire

/// One device's load and counters.
struct DeviceState {
    private(set) var load: DeviceLoad
    private var busy = BusyTime()
    private var operations: UInt64 = 0

    init(_ device: DeviceID) { load = DeviceLoad(device: device) }

    mutating func add(_ facts: OperationFacts) {
        load.operationsInFlight += 1
        load.inFlightNanoseconds += facts.costNanoseconds
        load.operationsInFlightByPhase[Int(facts.phase.rawValue)] += 1
    }

    mutating func remove(_ facts: OperationFacts, startedAt: Nanoseconds, finishedAt: Nanoseconds) {
        load.operationsInFlight -= 1
        load.inFlightNanoseconds -= facts.costNanoseconds
        load.operationsInFlightByPhase[Int(facts.phase.rawValue)] -= 1
        operations += 1
        busy.add(startedAt, finishedAt)
    }

    func status(ready: Int) -> DeviceStatus {
        DeviceStatus(
            device: load.device, busyNanoseconds: busy.nanoseconds, operations: operations,
            inFlight: load.operationsInFlight, ready: ready, memoryUsedBytes: 0,
            memoryTotalBytes: 0)
    }
}

/// The devices by their numbers.
struct DeviceTable {
    private var states: ContiguousArray<DeviceState> = []
    /// Index in `states` by device number, −1 where the device is not ours.
    private var indices: ContiguousArray<Int> = []

    init(_ devices: [DeviceID]) {
        for device in devices {
            while indices.count <= Int(device.rawValue) { indices.append(-1) }
            indices[Int(device.rawValue)] = states.count
            states.append(DeviceState(device))
        }
    }

    func index(of device: DeviceID) -> Int? {
        let number = Int(device.rawValue)
        guard number >= 0, number < indices.count, indices[number] >= 0 else { return nil }
        return indices[number]
    }

    subscript(index: Int) -> DeviceState {
        get { states[index] }
        _modify { yield &states[index] }
    }
}
