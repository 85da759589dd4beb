import AscendCL
import CostModel
import Device
import Scheduling
import SharedRing
import Wire

/// Operations: their plans, and their launches.
extension DispatchCore {
    /// A plan is checked by the device library with the values of its first use, so that what is
    /// wrong fails in phase one. One that somebody has had checked already costs no call.
    func plan(_ operands: PlanOperands, _ call: borrowing CallContext) throws(CallRefusal) {
        let function = operands.function
        let plan = try work.referencePlan(
            function, call.record.bytes(count: call.record.byteCount))
        let values = call.record.operands(operands.values)
        guard values.count == plan.valueCount else {
            release(plan)
            throw CallRefusal(
                AclStatus.operationInternal,
                "\(values.count) values for a plan that has \(plan.valueCount)")
        }
        if let refusal = call.session.refusal(ofPlan: plan, in: operands.slot) {
            release(plan)
            throw refusal
        }
        let device = call.ring.device
        guard !plan.devices.contains(device) else {
            keepPlan(plan, in: operands.slot, of: call.session)
            return answer(call)
        }
        ask(
            .preparePlan(
                plan.number, function: function.id, encoded: plan.encoded, values: values),
            .plan(park(call), call.session, slot: operands.slot, plan), on: device,
            of: call.session)
    }

    /// The program may name the plan by that slot from now on; what the slot held goes.
    func keepPlan(_ plan: Plan, in slot: Int, of session: Session) {
        if let old = session.plans.replace(slot, with: plan) { release(old) }
        recordPlan(plan, slot: slot, of: session)
    }

    func kernel(_ operands: KernelOperands, _ call: borrowing CallContext) throws(CallRefusal) {
        let (plan, stream, session) = (operands.plan, operands.stream, call.session)
        guard operands.values.count == plan.valueCount else {
            throw CallRefusal(
                AclStatus.invalidArgument,
                "\(operands.values.count) values for a plan that has \(plan.valueCount)")
        }
        let item = work.store.takeItem()
        item.kind = .kernel
        call.record.appendOperands(operands.values, to: &item.words)
        if let foreign = plan.firstForeignTensor(item.words[...], in: session.memory) {
            work.store.release(item)
            throw CallRefusal(
                AclStatus.badAddress,
                "tensor \(foreign) lies outside the memory that this program has allocated on the "
                    + "device")
        }
        item.plan = plan
        work.retainPlan(plan)
        // Those of the stream whose limits the thread used when it prepared the operation; else the
        // device's.
        let limits = CoreLimit(
            cube: UInt16(truncatingIfNeeded: operands.limits),
            vector: UInt16(truncatingIfNeeded: operands.limits >> 16)
        ).filled(from: session.deviceLimits[stream.device] ?? .none)
        guard plan.devices.contains(stream.device) else {
            return hold(item, plan, call, stream, cores: limits)
        }
        try enqueue(item, call, stream, cores: limits)
    }

    /// A plan that was checked on another device is made known to this one first. What the program
    /// did after this launch stays in its rings until then, or it would overtake it.
    private func hold(
        _ item: WorkItem, _ plan: Plan, _ call: borrowing CallContext, _ stream: StreamSlot,
        cores: CoreLimit
    ) {
        let session = call.session
        session.isHeld = true
        item.function = call.function
        ask(
            .preparePlan(
                plan.number, function: plan.phaseOne.id, encoded: plan.encoded, values: item.words),
            .launch(
                HeldLaunch(
                    item: item, session: session, thread: call.ring.thread, stream: stream,
                    cores: cores)), on: stream.device, of: session)
        answer(call)
    }

    /// The device has answered whether it takes the plan of a held launch.
    func launchHeld(_ held: HeldLaunch, on device: Int32, _ refusal: CallRefusal?) {
        let session = held.session
        session.isHeld = false
        if refusal == nil { held.item.plan?.devices.insert(device) }
        guard refusal == nil, session.state == .serving else {
            release(held.item)
            if let refusal { noteRefusal(refusal, on: held.stream, in: session) }
            return
        }
        do throws(CallRefusal) {
            try enqueue(held.item, of: session, held.stream, held.thread, cores: held.cores)
        } catch { noteRefusal(error, on: held.stream, in: session) }
    }

    /// Hands work to the scheduler; answers at once unless the caller waits for it to be done.
    func enqueue(
        _ item: WorkItem, _ call: borrowing CallContext, _ stream: StreamSlot, cores: CoreLimit
    ) throws(CallRefusal) {
        item.function = call.function
        try enqueue(item, of: call.session, stream, call.ring.thread, cores: cores)
        if call.isAsk { wait(call, for: .stream(stream.id), timeoutMilliseconds: nil) }
    }

    private func enqueue(
        _ item: WorkItem, of session: Session, _ stream: StreamSlot, _ thread: ProgramThread,
        cores: CoreLimit
    ) throws(CallRefusal) {
        item.stream = stream
        let phase = phase(of: item, stream, thread, session)
        do {
            try scheduler.enqueue(
                work.submission(item, stream, phase: phase, cores: cores), now: chipNow)
        } catch {
            // The refusal gives the staging slot back.
            item.stagingSlot = -1
            release(item)
            throw CallRefusal(AclStatus.limitReached, "\(error)")
        }
        item.session = session
        session.queuedOperations += 1
        session.rate.take()
    }

    /// The first of mark, label, shape that knows which phase this is.
    private func phase(
        of item: WorkItem, _ stream: StreamSlot, _ thread: ProgramThread, _ session: Session
    ) -> (Phase, PhaseSource) {
        if let phase = thread.phase { return (phase, .mark) }
        if let phase = session.labelPhase { return (phase, .label) }
        let inferred = stream.inference.observe(item.plan?.shape.hint ?? .none)
        return inferred == .other ? (.other, .none) : (inferred, .shape)
    }
}
