package import Device
import Wire

/// The executors of all devices of this daemon.
package struct DeviceFleet {
    let executors: [any DeviceExecutor]
    /// Index in `executors` by device number, −1 where the device is not ours.
    private let indices: [Int]

    package init(_ executors: [any DeviceExecutor]) {
        self.executors = executors
        devices = executors.map(\.device)
        var indices: [Int] = []
        for (index, executor) in executors.enumerated() {
            while indices.count <= Int(executor.device) { indices.append(-1) }
            indices[Int(executor.device)] = index
        }
        self.indices = indices
    }

    let devices: [Int32]

    subscript(device: Int32) -> (any DeviceExecutor)? {
        let index = Int(device)
        guard index >= 0, index < indices.count, indices[index] >= 0 else { return nil }
        return executors[indices[index]]
    }

    /// When one of them must be looked at although nothing rings.
    var nextLook: Nanoseconds? { executors.compactMap(\.nextLook).min() }

    func closeLane(of client: ClientID) {
        for executor in executors { executor.closeLane(client.rawValue) }
    }

    func stop() {
        for executor in executors { executor.stop() }
    }
}
