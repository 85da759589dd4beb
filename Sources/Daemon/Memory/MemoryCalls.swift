import Device
import LinuxIO
import Logging
import Scheduling
import Wire

/// Device and pinned host memory.
extension DispatchCore {
    func malloc(_ operands: MallocOperands, _ call: borrowing CallContext) throws(CallRefusal) {
        if let refusal = call.session.refusal(ofDeviceBytes: UInt64(operands.size)) {
            throw refusal
        }
        call.session.askedDeviceBytes += UInt64(operands.size)
        ask(
            .allocate(
                bytes: UInt64(operands.size), policy: Int32(truncatingIfNeeded: operands.policy)),
            .allocate(
                park(call), call.session, device: operands.device.rawValue,
                bytes: UInt64(operands.size)), on: operands.device.rawValue, of: call.session)
    }

    /// The memory is the program's no longer, and goes back once the work enqueued before is done.
    func free(_ operands: FreeOperands, _ call: borrowing CallContext) {
        let session = call.session
        if let block = session.memory.remove(startingAt: operands.address) {
            release(.deviceMemory(block, lane: session.id.rawValue), after: session)
        }
        answer(call)
    }

    func hostFree(_ operands: HostFreeOperands, _ call: borrowing CallContext) {
        let session = call.session
        if let block = session.hostBlocks.remove(operands.block) {
            release(.hostBlock(block, lane: session.id.rawValue), after: session)
        }
        answer(call)
    }

    /// Gives a block of pinned memory to a program, and tells the devices of it. Nil: the program
    /// has as much as it may have, or is gone.
    func pin(_ memory: SharedMemory, for client: ClientID) -> UInt64? {
        guard let session = sessions.first(where: { $0.id == client }),
            session.hostBlocks.totalBytes + memory.count <= session.limits.hostBytesPerSession
        else { return nil }
        let block = session.hostBlocks.add(memory)
        for executor in fleet.executors {
            executor.ask(
                .registerHost(address: memory.address, bytes: UInt64(memory.count)),
                lane: client.rawValue, ticket: asks.add(.pin(session, block: block), of: nil))
        }
        return block
    }

    func hostBlockKnown(
        _ block: UInt64, of session: Session, to device: Int32, _ refusal: CallRefusal?
    ) {
        guard let refusal else { return session.hostBlocks.noteKnown(block, to: device) }
        log.warning(
            "a device does not take pinned memory: copies from it wait until their stream is idle",
            metadata: ["device": "\(device)", "why": "\(refusal.message)"])
    }

    // MARK: Giving back

    /// Gives something back when all work that the program has enqueued so far is done.
    private func release(_ release: Release, after session: Session) {
        let token = waits.add(.release(release))
        guard scheduler.afterAllWork(of: session.id, token: token) else { return }
        waits.remove(token)
        perform(release)
    }

    /// The work before it is done.
    func perform(_ release: Release) {
        switch release {
        case .deviceMemory(let block, let lane):
            fleet[block.device]?.ask(
                .free(address: block.address), lane: lane, ticket: asks.add(.none, of: nil))
        case .hostBlock(let memory, let lane): unpin(memory, lane: lane)
        case .stream(let stream, let lane): retireStream(stream, lane: lane)
        case .session(let session): releaseHoldings(of: session)
        }
    }

    private func unpin(_ memory: SharedMemory, lane: UInt32) {
        for executor in fleet.executors {
            executor.ask(
                .unregisterHost(address: memory.address), lane: lane,
                ticket: asks.add(.unpin(memory), of: nil))
        }
    }

    /// Everything that a gone program held goes back. Behind whatever else its lane was asked.
    private func releaseHoldings(of session: Session) {
        let lane = session.id.rawValue
        for stream in session.objects.streams.objects { retireStream(stream, lane: lane) }
        for block in session.memory.blocks { perform(.deviceMemory(block, lane: lane)) }
        session.memory = AllocationMap()
        for memory in session.hostBlocks.removeAll() { unpin(memory, lane: lane) }
        for plan in session.plans.removeAll() { release(plan) }
        session.objects = ClientObjects(limits)
        fleet.closeLane(of: session.id)
    }
}
