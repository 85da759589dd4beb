package import LinuxIO
package import Scheduling
package import SharedRing
package import Wire

/// One program's connection, as the core knows it: its rings, objects, memory and plans.
///
/// Made by the control thread during the handshake, then owned by the core alone.
package final class Session {
    package let id: ClientID
    let pid: Int32
    /// Whose program it is.
    let user: UInt32
    let mode: Mode
    let connectedAt: Nanoseconds
    package let page: SessionPage
    let staging: SharedMemory
    let doorbell: EventFD
    var facts: ClientFacts
    /// From `--label phase=…`: the phase of everything that has no mark of its own.
    let labelPhase: Phase?

    package var rings = ProgramRings()
    var objects: ClientObjects
    /// The plans that the program has made, by the slots that it chose.
    var plans: PlanSlots
    package var memory = AllocationMap()
    var hostBlocks = HostBlocks()
    /// Core limits that the program set for a device's streams that have none of their own.
    var deviceLimits: [Int32: CoreLimit] = [:]

    /// Its own: its labels and commands may change them.
    package private(set) var limits: DaemonLimits
    /// Holds its rings back where it has had its operations for the moment.
    package var rate: RateLimit
    /// Device memory that devices were asked for and have not answered.
    var askedDeviceBytes: UInt64 = 0

    var calls: UInt64 = 0
    /// A launch waits for its device to know its plan; the records behind it wait in their rings.
    var isHeld = false
    /// Whether any stream has ever had a refusal to report.
    var hasRefusals = false
    /// Operations enqueued and not done.
    package var queuedOperations = 0
    /// Asks that a device's executor has not answered yet.
    package var asksInFlight = 0
    package var state = State.serving

    package enum Mode: String, Sendable { case observe, route }

    package enum State {
        case serving
        /// The program is gone: what its rings still hold is taken, then the session ends.
        case gone
        /// The program broke the protocol: nothing of it is believed any more.
        case expelled
        /// Its end has begun; what is in flight keeps parts of it alive.
        case ended
    }

    package init(
        id: ClientID, pid: Int32, mode: Mode, connectedAt: Nanoseconds, page: SessionPage,
        staging: SharedMemory, doorbell: EventFD, facts: ClientFacts, limits: DaemonLimits,
        user: UInt32 = 0
    ) {
        self.user = user
        self.limits = limits
        rate = RateLimit(perSecond: limits.operationsPerSecond, now: connectedAt)
        self.id = id
        self.pid = pid
        self.mode = mode
        self.connectedAt = connectedAt
        self.page = page
        self.staging = staging
        self.doorbell = doorbell
        self.facts = facts
        objects = ClientObjects(limits)
        plans = PlanSlots(limit: limits.plansPerSession)
        labelPhase = facts.labels["phase"].flatMap(Phase.init(named:))
    }

    /// Changes a limit from now on. What is held already stays held.
    func apply(_ setting: LimitSetting, now: Nanoseconds) {
        limits.apply(setting)
        rate.change(perSecond: limits.operationsPerSecond, now: now)
        objects.streams.limit = limits.streamsPerSession
        objects.events.limit = limits.eventsPerSession
        objects.contexts.limit = limits.contextsPerSession
    }

    /// Records that its program made and the daemon never saw.
    var lost: UInt64 { rings.lost }
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
