import Device
import LinuxIO
import Logging
import Scheduling
import SharedRing
import Wire

/// Asks of devices, and what is done with their answers.
extension DispatchCore {
    /// Asks a device in the program's lane.
    func ask(
        _ ask: DeviceAsk, _ purpose: AskTable.Purpose, on device: Int32, of session: Session
    ) {
        let ticket = asks.add(purpose, of: session)
        guard let executor = fleet[device] else {
            let refusal = DeviceAnswer(
                status: AclStatus.invalidDevice,
                message: "device \(device) is not one of this daemon's")
            if let purpose = asks.takePurpose(ticket) { settle(purpose, refusal, on: device) }
            return
        }
        executor.ask(ask, lane: session.id.rawValue, ticket: ticket)
        // What the executor could answer at once is answered before the next record is taken.
        if executor.completesInline { _ = takeCompletions(of: executor) }
    }

    func settle(
        _ purpose: AskTable.Purpose, _ answer: DeviceAnswer, on device: Int32
    ) {
        let refusal = answer.status == 0 ? nil : CallRefusal(answer.status, answer.message)
        switch purpose {
        case .reply(let parked, let isText):
            var answer = answer
            if isText { answer.bytes = Array(answer.bytes.prefix { $0 != 0 }) }
            reply(to: parked, answer)
        case .createStream(let parked, let stream):
            streamCreated(parked, stream, refusal)
        case .createContext(let parked, let context, let stream):
            contextCreated(parked, context, stream, refusal)
        case .allocate(let parked, let session, let device, let bytes):
            allocated(parked, session, device: device, bytes: bytes, answer)
        case .plan(let parked, let session, let slot, let plan):
            planPrepared(parked, session, slot: slot, plan, on: device, refusal)
        case .copy(let parked, let session, let stagingSlot):
            // Before the answer: the program takes the slot's state as the copy's.
            if stagingSlot >= 0 { session.page.freeSlot(stagingSlot) }
            reply(to: parked, answer)
        case .launch(let held): launchHeld(held, on: device, refusal)
        case .retireStream(let number): streamRetired(number, on: device, refusal)
        case .retirePlan(let plan): work.retirePlan(plan, on: device)
        case .pin(let session, let block):
            hostBlockKnown(block, of: session, to: device, refusal)
        case .unpin, .none: break
        }
    }

    private func reply(to parked: ParkedThread, _ answer: DeviceAnswer) {
        guard answer.status == 0 else {
            return self.answer(parked, CallRefusal(answer.status, answer.message))
        }
        self.answer(parked, words: answer.words, bytes: answer.bytes)
    }

    private func streamCreated(
        _ parked: ParkedThread, _ stream: StreamSlot, _ refusal: CallRefusal?
    ) {
        let session = parked.session
        if let refusal {
            session.objects.streams.releaseReservation(stream.handle)
            streamNumbers.giveBack(stream.number)
            return answer(parked, refusal)
        }
        guard session.state != .ended else {
            return retireStream(stream, lane: Self.ownLane)
        }
        if let refusal = admitStream(stream, in: session) {
            answer(parked, refusal)
        } else {
            answer(parked)
        }
    }

    /// A stream that its device did not destroy keeps its number: it may be in use there.
    private func streamRetired(_ number: UInt32, on device: Int32, _ refusal: CallRefusal?) {
        guard let refusal else { return streamNumbers.giveBack(number) }
        log.error(
            "a device did not destroy a stream",
            metadata: ["device": "\(device)", "stream": "\(number)", "why": "\(refusal.message)"])
    }

    private func contextCreated(
        _ parked: ParkedThread, _ context: ContextSlot, _ stream: StreamSlot,
        _ refusal: CallRefusal?
    ) {
        let session = parked.session
        streamCreated(parked, stream, refusal)
        // A context without its default stream would be one that the program was refused.
        if session.objects.streams[stream.handle] === stream {
            session.objects.contexts.insert(context, as: context.handle)
        } else {
            session.objects.contexts.releaseReservation(context.handle)
        }
    }

    private func allocated(
        _ parked: ParkedThread, _ session: Session, device: Int32, bytes: UInt64,
        _ answer: DeviceAnswer
    ) {
        session.askedDeviceBytes -= bytes
        guard answer.status == 0, let address = answer.words.first else {
            return reply(to: parked, answer)
        }
        let block = AllocationMap.Block(address: address, bytes: bytes, device: device)
        guard session.state != .ended else {
            return perform(.deviceMemory(block, lane: Self.ownLane))
        }
        session.memory.insert(block)
        self.answer(parked, words: MallocReply(address: address).words)
    }

    private func planPrepared(
        _ parked: ParkedThread, _ session: Session, slot: Int, _ plan: Plan, on device: Int32,
        _ refusal: CallRefusal?
    ) {
        if let refusal {
            release(plan)
            return answer(parked, refusal)
        }
        plan.devices.insert(device)
        guard session.state != .ended else { return release(plan) }
        keepPlan(plan, in: slot, of: session)
        answer(parked)
    }
}
