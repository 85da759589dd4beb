import Device
import Scheduling
import Wire

/// What is to be done on the device for one operation: the daemon's half of it (the scheduler knows
/// the other half, when). Objects are pooled, so an operation allocates nothing.
package final class WorkItem {
    enum Kind: UInt8 {
        case kernel, copy, fill
    }

    var kind = Kind.kernel
    /// Its index in the store; with it, completions find it.
    package fileprivate(set) var ticket = 0
    /// The client it belongs to; nil while the item lies in the pool.
    package var session: Session?
    var stream: StreamSlot?
    var function = FunctionID(rawValue: 0)
    var plan: Plan?
    /// Kernel: the launch's values. Copy: small data that came inside the record.
    package var words: [UInt64] = []
    /// Kernel: the options of the system that its program had set (`ClientSettings`).
    var options: UInt8 = 0
    /// Copy and fill: absolute addresses in this process or on the device.
    var destination: UInt64 = 0
    var source: UInt64 = 0
    var bytes: UInt64 = 0
    var copyKind = CopyKind.deviceToDevice
    var fillValue: Int32 = 0
    /// A copy from memory that its device does not know (see `Submission.needsIdleStream`).
    var needsIdleStream = false
    /// The staging slot that becomes free when the copy is done, or −1.
    package var stagingSlot = -1
    /// The scheduler's name for it, once it is dispatched, and the cores that it was allowed.
    var operation = OperationID(rawValue: 0)
    var cores = CoreLimit.none

    /// Forgets whose it was; keeps the arrays' storage for the next one.
    fileprivate func reset() {
        session = nil
        stream = nil
        plan = nil
        stagingSlot = -1
        needsIdleStream = false
        words.removeAll(keepingCapacity: true)
    }
}

/// Work items by index; an index is what the scheduler carries as an operation's payload, and the
/// ticket that an executor gives back.
package struct WorkStore {
    package init() {}

    private var items: [WorkItem] = []
    private var free: [Int] = []

    package var inUse: Int { items.count - free.count }

    /// A blank item.
    package mutating func takeItem() -> WorkItem {
        if let index = free.popLast() { return items[index] }
        let item = WorkItem()
        item.ticket = items.count
        items.append(item)
        return item
    }

    package subscript(ticket: Int) -> WorkItem { items[ticket] }

    package mutating func release(_ item: WorkItem) {
        item.reset()
        free.append(item.ticket)
    }
}

/// A launch whose plan its device is still being told of.
package struct HeldLaunch {
    let item: WorkItem
    let session: Session
    let thread: ProgramThread
    let stream: StreamSlot
    let cores: CoreLimit
    /// The thread that waits for the launch's end; nil: none does.
    let parked: ParkedThread?
}
