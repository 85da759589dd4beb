package import LinuxIO
package import Scheduling
package import SharedRing
package import Wire

/// A program has said hello. Answered nil, or why it cannot be served.
package struct AdmitProgram: LoopMessage {
    package var id: ClientID
    package var pid: Int32
    package var mode: Session.Mode
    package var page: SessionPage
    package var staging: SharedMemory
    package var doorbell: EventFD
    package var facts: ClientFacts
    package var limits: DaemonLimits
    package var user: UInt32

    package init(
        id: ClientID, pid: Int32, mode: Session.Mode, page: SessionPage, staging: SharedMemory,
        doorbell: EventFD, facts: ClientFacts, limits: DaemonLimits, user: UInt32
    ) {
        self.id = id
        self.pid = pid
        self.mode = mode
        self.page = page
        self.staging = staging
        self.doorbell = doorbell
        self.facts = facts
        self.limits = limits
        self.user = user
    }

    package func take(by core: DispatchCore) -> String? {
        if let refusal = refusal(by: core) { return refusal }
        let session = Session(
            id: id, pid: pid, mode: mode, connectedAt: core.now, page: page, staging: staging,
            doorbell: doorbell, facts: facts, limits: limits, user: user)
        do { try core.admit(session) } catch { return "\(error)" }
        return nil
    }
}

extension AdmitProgram {
    private func refusal(by core: DispatchCore) -> String? {
        if core.isDraining {
            return "the daemon is draining: it serves no new programs, and ends when the "
                + "\(core.sessions.count) that it serves have gone"
        }
        guard core.sessions.count < core.limits.sessions else {
            return "this daemon serves \(core.limits.sessions) programs, its limit (programs)"
        }
        guard core.sessions.count(where: { $0.user == user }) < core.limits.sessionsPerUser else {
            return
                "this daemon serves \(core.limits.sessionsPerUser) programs of user \(user), its "
                + "limit (programs_per_user)"
        }
        return nil
    }
}

/// From now on no program is admitted. Answered how many are served.
package struct BeginDrain: LoopMessage {
    package init() {}
    package func take(by core: DispatchCore) -> Int {
        core.isDraining = true
        return core.sessions.count
    }
}

/// How many programs are served.
struct CountPrograms: LoopMessage {
    func take(by core: DispatchCore) -> Int { core.sessions.count }
}

/// A sign of life of the loop: it is taken between two passes, so who waits for it learns that
/// passes end.
struct Heartbeat: LoopMessage {
    let felt: @Sendable () -> Void
    func take(by core: DispatchCore) { felt() }
}

/// A thread of a program has a ring for its calls to a device. False: it has too many, or the
/// program is not served any more.
package struct AddRing: LoopMessage {
    package var client: ClientID
    package var thread: UInt32
    package var device: Int32
    package var memory: SharedMemory

    package init(client: ClientID, thread: UInt32, device: Int32, memory: SharedMemory) {
        self.client = client
        self.thread = thread
        self.device = device
        self.memory = memory
    }

    // The consumer is the loop's from its first record on, so it is made there; an observed
    // program's is handed on.
    package func take(by core: DispatchCore) -> Bool {
        guard let session = core.sessions.first(where: { $0.id == client }),
            session.rings.count < session.limits.ringsPerSession,
            let consumer = try? RingConsumer(memory: memory, thread: thread)
        else { return false }
        guard session.mode == .route else {
            let ring = ObservedRing(client: client, thread: thread, consumer: consumer)
            return core.observed?.add(ring, limit: session.limits.ringsPerSession) ?? false
        }
        session.rings.add(consumer, thread: thread, device: device)
        return true
    }
}

/// A program wants a block of pinned memory. Answered its number; nil: the program has as much as
/// it may have, or is gone.
package struct PinMemory: LoopMessage {
    package var client: ClientID
    package var memory: SharedMemory

    package init(client: ClientID, memory: SharedMemory) {
        self.client = client
        self.memory = memory
    }

    package func take(by core: DispatchCore) -> UInt64? { core.pin(memory, for: client) }
}

/// A program's socket or process has ended.
package struct ProgramEnded: LoopMessage {
    package var client: ClientID
    package init(client: ClientID) { self.client = client }
    package func take(by core: DispatchCore) { core.programEnded(client) }
}

/// An observed program broke the ring's protocol.
package struct ObservedRingBroken: LoopMessage {
    package var client: ClientID
    package var error: RingError
    package init(client: ClientID, error: RingError) {
        self.client = client
        self.error = error
    }
    package func take(by core: DispatchCore) { core.expelObserved(client, error) }
}
