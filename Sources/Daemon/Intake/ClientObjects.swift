import CostModel
import Scheduling
package import Wire

/// A program's streams, events and contexts by the handles that the program chose.
struct ClientObjects {
    var streams: HandleTable<StreamSlot>
    var events: HandleTable<EventSlot>
    var contexts: HandleTable<ContextSlot>

    init(_ limits: DaemonLimits) {
        streams = HandleTable(limit: limits.streamsPerSession)
        events = HandleTable(limit: limits.eventsPerSession)
        contexts = HandleTable(limit: limits.contextsPerSession)
    }
}

/// A program's context: which device it is for.
package final class ContextSlot {
    let handle: UInt64
    let device: Int32
    init(handle: UInt64, device: Int32) {
        self.handle = handle
        self.device = device
    }
}

/// A program's stream: the scheduler's name for it, and its number on its device.
package final class StreamSlot {
    let handle: UInt64
    let id: StreamID
    let device: Int32
    let context: UInt64
    /// By which its device's executor knows it.
    package let number: UInt32
    /// Work that was refused after its call had returned: reported once, by the next wait.
    var refusal: CallRefusal?
    /// What names and shapes have told so far of the phase its program is in.
    var inference = PhaseInference()

    package init(
        handle: UInt64, id: StreamID, device: Int32, context: UInt64, number: UInt32
    ) {
        self.handle = handle
        self.id = id
        self.device = device
        self.context = context
        self.number = number
    }
}

/// A program's event. The scheduler keeps its state.
final class EventSlot {
    let handle: UInt64
    let id: EventID
    let device: Int32
    /// aclrtCreateEvent…'s flag; bit 32 says that it was aclrtCreateEventExWithFlag.
    let flags: UInt64
    /// Of aclrtCreateEventExWithFlag: complete as long as it was never recorded.
    var startsComplete: Bool { flags >> 32 & 1 != 0 }

    init(handle: UInt64, id: EventID, device: Int32, flags: UInt64) {
        self.handle = handle
        self.id = id
        self.device = device
        self.flags = flags
    }
}

extension StreamID {
    /// The daemon-wide name of a client's stream.
    init(_ client: ClientID, _ handle: UInt64) {
        self.init(client: client, index: UInt32(HandleIndex.of(handle)))
    }
}

extension EventID {
    /// The daemon-wide name of a client's event.
    init(_ client: ClientID, _ handle: UInt64) {
        self.init(client: client, index: UInt32(HandleIndex.of(handle)))
    }
}

/// The dense index in a handle's low 24 bits.
enum HandleIndex {
    static func of(_ handle: UInt64) -> Int { Int(handle & 0xff_ffff) }
}
