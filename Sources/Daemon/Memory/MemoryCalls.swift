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
        allocate(
            MemoryReturns.Allocation(
                parked: park(call), session: call.session, device: operands.device.rawValue,
                bytes: UInt64(operands.size), policy: Int32(truncatingIfNeeded: operands.policy)))
    }

    private func allocate(_ allocation: MemoryReturns.Allocation) {
        ask(
            .allocate(bytes: allocation.bytes, policy: allocation.policy), .allocate(allocation),
            on: allocation.device, of: allocation.session)
    }

    /// The device has memory for an allocation, or has not.
    func allocated(_ allocation: MemoryReturns.Allocation, _ answer: DeviceAnswer) {
        let (session, device) = (allocation.session, allocation.device)
        guard answer.status == 0, let address = answer.words.first else {
            let mayComeYet = answer.status == AclStatus.outOfMemory && session.state != .ended
            if mayComeYet, memoryReturns.hold(allocation, now: now) { return }
            session.askedDeviceBytes -= allocation.bytes
            return self.answer(allocation.parked, CallRefusal(answer.status, answer.message))
        }
        session.askedDeviceBytes -= allocation.bytes
        let block = AllocationMap.Block(address: address, bytes: allocation.bytes, device: device)
        guard session.state != .ended else {
            memoryReturns.noteReleased(on: device)
            return perform(.deviceMemory(block, lane: Self.ownLane))
        }
        session.memory.insert(block)
        self.answer(allocation.parked, words: MallocReply(address: address).words)
    }

    /// A device has memory again: allocations that wait for it are tried again, in their order.
    func memoryFreed(on device: Int32) {
        memoryReturns.noteFreed(on: device)
        for allocation in memoryReturns.takeWaiting(on: device) { allocate(allocation) }
    }

    /// Refuses allocations that have waited as long as they may.
    func refuseLateAllocations() -> Bool {
        let late = memoryReturns.takeExpired(now: now)
        for allocation in late {
            allocation.session.askedDeviceBytes -= allocation.bytes
            answer(
                allocation.parked,
                CallRefusal(
                    AclStatus.outOfMemory,
                    "\(allocation.bytes) bytes: memory that was freed is still used by work that was "
                        + "enqueued before; wait for that work first"))
        }
        return !late.isEmpty
    }

    /// The memory is the program's no longer, and goes back once the work enqueued before is done.
    func free(_ operands: FreeOperands, _ call: borrowing CallContext) {
        freeMemory(at: operands.address, of: call.session)
        answer(call)
    }

    private func freeMemory(at address: UInt64, of session: Session) {
        guard let block = session.memory.remove(startingAt: address) else { return }
        memoryReturns.noteReleased(on: block.device)
        release(.deviceMemory(block, lane: session.id.rawValue), after: session)
    }

    /// A device that is reset has none of the program's memory any more.
    func freeMemory(on device: Int32, of session: Session) {
        for block in session.memory.blocks where block.device == device {
            freeMemory(at: block.address, of: session)
        }
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
                .free(address: block.address), lane: lane,
                ticket: asks.add(.free(device: block.device), of: nil))
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
