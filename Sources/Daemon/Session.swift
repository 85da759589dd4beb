import CostModel
import Device
import LinuxIO
import Scheduling
import SharedRing
import Wire

/// One program's connection, as the dispatch loop knows it: its rings, objects, memory and
/// signatures.
///
/// Made by the control thread during the handshake, then owned by the dispatch loop alone.
final class Session {
    let id: ClientID
    let pid: Int32
    let mode: Mode
    let connectedAt: Nanoseconds
    let page: SessionPage
    let staging: SharedMemory
    let doorbell: EventFD
    var facts: ClientFacts
    /// From `--label phase=…`: the phase of everything that has no mark of its own.
    var labelPhase: Phase?

    var rings: [SessionRing] = []
    var streams: HandleTable<StreamSlot>
    var events: HandleTable<EventSlot>
    var contexts: [UInt64: Int32] = [:]
    var memory = AllocationMap()
    var hostBlocks: [UInt64: SharedMemory] = [:]
    var hostBytes = 0
    var lastHostBlock: UInt64 = 0
    var signatures: [SignatureEntry] = []
    /// The same arguments get the same id, however often a program asks.
    var signatureIDs: [SignatureKey: UInt32] = [:]
    /// Signature ids whose arguments the running trace has; reset when a recording starts.
    var tracedSignatures = 0

    var calls: UInt64 = 0
    var lost: UInt64 = 0
    var queuedOperations = 0
    /// Whether any stream has ever had a refusal to report.
    var hasRefusals = false
    /// The program is gone: what its rings still hold is taken, then the loop lets go of it.
    var isGone = false
    /// The program broke the protocol: nothing of it is believed any more.
    var isExpelled = false

    enum Mode: String, Sendable { case observe, route }

    init(
        id: ClientID, pid: Int32, mode: Mode, connectedAt: Nanoseconds, page: SessionPage,
        staging: SharedMemory, doorbell: EventFD, facts: ClientFacts, limits: DaemonLimits
    ) {
        self.id = id
        self.pid = pid
        self.mode = mode
        self.connectedAt = connectedAt
        self.page = page
        self.staging = staging
        self.doorbell = doorbell
        self.facts = facts
        streams = HandleTable(limit: limits.streamsPerSession)
        events = HandleTable(limit: limits.eventsPerSession)
        labelPhase = facts.labels["phase"].flatMap(Phase.init(named:))
    }
}

/// One thread of a program: its ring, and what its marks say it is doing.
final class SessionRing {
    let consumer: RingConsumer
    let thread: UInt32
    /// Open mstx ranges that name a phase, innermost last.
    var ranges: [(id: UInt64, phase: Phase?)] = []
    var markPhase: Phase?
    /// How far this ring may be read in the pass that is going on.
    var limit: UInt64 = 0
    /// The stream of the last record, to save a look-up.
    var lastStream: StreamSlot?

    init(consumer: RingConsumer, thread: UInt32) {
        self.consumer = consumer
        self.thread = thread
    }

    /// The phase that the innermost mark names.
    var phase: Phase? { ranges.last(where: { $0.phase != nil })?.phase ?? markPhase }
}

/// A program's stream: the scheduler's name for it, and the device's.
final class StreamSlot {
    let handle: UInt64
    let id: StreamID
    let device: Int32
    let context: UInt64
    let deviceStream: DeviceHandle
    var workspace: (address: UInt64, bytes: UInt64) = (0, 0)
    /// Work that was refused after its call had returned.
    var refusal: DeviceError?
    /// What names and shapes have told so far of the phase its program is in.
    var inference = PhaseInference()
    init(
        handle: UInt64, id: StreamID, device: Int32, context: UInt64, deviceStream: DeviceHandle
    ) {
        self.handle = handle
        self.id = id
        self.device = device
        self.context = context
        self.deviceStream = deviceStream
    }
}

/// A program's event. The scheduler keeps its state.
final class EventSlot {
    let id: EventID
    let device: Int32
    /// aclrtCreateEvent…'s flag; bit 32 says that it was aclrtCreateEventExWithFlag.
    let flags: UInt64
    /// Of aclrtCreateEventExWithFlag: complete as long as it was never recorded.
    var startsComplete: Bool { flags >> 32 & 1 != 0 }
    init(id: EventID, device: Int32, flags: UInt64) {
        self.id = id
        self.device = device
        self.flags = flags
    }
}

extension StreamID {
    /// The daemon-wide name of a client's stream.
    init(_ client: ClientID, _ handle: UInt64) {
        self.init(client: client, index: UInt32(truncatingIfNeeded: handle & 0xff_ffff))
    }
}

extension EventID {
    /// The daemon-wide name of a client's event.
    init(_ client: ClientID, _ handle: UInt64) {
        self.init(client: client, index: UInt32(truncatingIfNeeded: handle & 0xff_ffff))
    }
}

extension Phase {
    /// The phase of that name, as labels and marks spell it.
    init?(named name: String) {
        switch name.lowercased() {
        case "prefill": self = .prefill
        case "decode": self = .decode
        case "mixed": self = .mixed
        case "other": self = .other
        default: return nil
        }
    }
}
