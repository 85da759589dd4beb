import Device
import Wire

/// What is to be done on the device for one operation: the daemon's half of it (the scheduler knows
/// the other half, when). Objects are pooled, so an operation allocates nothing.
final class WorkItem {
    enum Kind: UInt8 {
        case kernel, copy, fill
    }

    var kind = Kind.kernel
    /// The client it belongs to; nil while the item lies in the pool.
    var session: Session?
    var stream: StreamSlot?
    var function = FunctionID(rawValue: 0)
    var signature: SignatureEntry?
    /// Kernel: where its tensors lie.
    var addresses: [UInt64] = []
    /// Copy and fill: absolute addresses in this process or on the device.
    var destination: UInt64 = 0
    var source: UInt64 = 0
    var bytes = 0
    var copyKind = CopyKind.deviceToDevice
    var fillValue: Int32 = 0
    /// The staging slot that becomes free when the copy is done, or −1.
    var stagingSlot = -1
    /// Small data that came inside the record and must outlive it.
    var inline: [UInt8] = []

    /// Forgets whose it was; keeps the arrays' storage for the next one.
    func reset() {
        session = nil
        stream = nil
        signature = nil
        stagingSlot = -1
        addresses.removeAll(keepingCapacity: true)
        inline.removeAll(keepingCapacity: true)
    }
}

/// Work items by index; an index is what the scheduler carries as an operation's payload.
struct WorkStore {
    private var items: [WorkItem] = []
    private var free: [Int] = []

    /// A blank item and its index.
    mutating func take() -> (index: Int, item: WorkItem) {
        if let index = free.popLast() { return (index, items[index]) }
        let item = WorkItem()
        items.append(item)
        return (items.count - 1, item)
    }

    subscript(index: Int) -> WorkItem { items[index] }

    mutating func release(_ index: Int) {
        items[index].reset()
        free.append(index)
    }
}
