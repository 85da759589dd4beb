import Device
import Scheduling
import Wire

/// Contexts, streams and events: what a program creates and destroys.
extension DispatchCore {
    func initialize(_ operands: InitializeOperands, _ call: borrowing CallContext) { answer(call) }

    func finalize(_ operands: FinalizeOperands, _ call: borrowing CallContext) { answer(call) }

    // MARK: Contexts

    func deviceReset(_ operands: DeviceResetOperands, _ call: borrowing CallContext) {
        let session = call.session
        for stream in session.objects.streams.objects
        where stream.device == operands.device.rawValue {
            removeStream(stream, force: true, in: session)
        }
        for context in session.objects.contexts.objects
        where context.device == operands.device.rawValue {
            _ = session.objects.contexts.remove(context.handle)
        }
        freeMemory(on: operands.device.rawValue, of: session)
        answer(call)
    }

    func contextCreate(_ operands: ContextCreateOperands, _ call: borrowing CallContext) {
        let session = call.session
        let context = ContextSlot(
            handle: operands.context, device: operands.device.rawValue)
        let stream = newStream(operands.defaultStream, context.handle, context.device, session)
        session.objects.contexts.reserve(context.handle)
        ask(
            .createStream(stream.number, priority: 0, flags: 0),
            .createContext(park(call), context, stream), on: context.device, of: session)
    }

    func contextDestroy(_ operands: ContextDestroyOperands, _ call: borrowing CallContext) {
        let session = call.session
        for stream in session.objects.streams.objects
        where stream.context == operands.context.handle {
            removeStream(stream, force: true, in: session)
        }
        _ = session.objects.contexts.remove(operands.context.handle)
        answer(call)
    }

    // MARK: Streams

    func streamCreate(_ operands: StreamCreateOperands, _ call: borrowing CallContext) {
        let context = operands.context
        let stream = newStream(operands.stream, context.handle, context.device, call.session)
        ask(
            .createStream(
                stream.number, priority: UInt32(truncatingIfNeeded: operands.priority),
                flags: UInt32(truncatingIfNeeded: operands.flags)),
            .createStream(park(call), stream), on: context.device, of: call.session)
    }

    private func newStream(
        _ handle: UInt64, _ context: UInt64, _ device: Int32, _ session: Session
    ) -> StreamSlot {
        session.objects.streams.reserve(handle)
        return StreamSlot(
            handle: handle, id: StreamID(session.id, handle), device: device, context: context,
            number: streamNumbers.takeNumber())
    }

    /// The device has made a stream: it exists for the scheduler and the program as well, or for
    /// nobody.
    func admitStream(_ stream: StreamSlot, in session: Session) -> CallRefusal? {
        do {
            try scheduler.createStream(
                stream.id, device: DeviceID(rawValue: stream.device), number: stream.number)
            session.objects.streams.insert(stream, as: stream.handle)
            return nil
        } catch {
            session.objects.streams.releaseReservation(stream.handle)
            retireStream(stream, lane: session.id.rawValue)
            return CallRefusal(AclStatus.limitReached, "\(error)")
        }
    }

    func streamDestroy(_ operands: StreamDestroyOperands, _ call: borrowing CallContext) {
        let (stream, session) = (operands.stream, call.session)
        let isForced = operands.force != 0
        guard !isForced, (try? scheduler.isComplete(stream.id)) == false else {
            removeStream(stream, force: isForced, in: session)
            return answer(call)
        }
        // What was asked for is done before the device's stream goes and before the call returns.
        // The handle is free at once: another thread may be given it again.
        // The first of the two waits takes the stream's failure with it: the device library's own
        // call tells of none either.
        let token = waits.add(.release(.stream(stream, lane: session.id.rawValue)))
        _ = try? scheduler.wait(for: .stream(stream.id), token: token)
        wait(call, for: .stream(stream.id), timeoutMilliseconds: nil)
        session.rings.forgetLastStreams()
        _ = session.objects.streams.remove(stream.handle)
        _ = try? scheduler.destroyStream(stream.id, force: false, now: chipNow)
    }

    /// Lets go of a stream in which nothing is queued or, forced, drops what was not dispatched.
    /// What is on the device finishes first.
    func removeStream(_ stream: StreamSlot, force: Bool, in session: Session) {
        session.rings.forgetLastStreams()
        _ = session.objects.streams.remove(stream.handle)
        let lane = session.id.rawValue
        let token = waits.add(.release(.stream(stream, lane: lane)))
        let answer = try? scheduler.wait(for: .stream(stream.id), token: token)
        let dropped = try? scheduler.destroyStream(stream.id, force: force, now: chipNow)
        release(dropped ?? [])
        guard case .pending? = answer else {
            waits.remove(token)
            return retireStream(stream, lane: lane)
        }
        if force { abortOnDevice(stream) }
    }

    /// The device drops what it has not begun of a stream, and stops what it can.
    func abortOnDevice(_ stream: StreamSlot) {
        fleet[stream.device]?.submit(.abort(stream: stream.number))
    }

    /// Nothing uses the device's side of a stream any more.
    func retireStream(_ stream: StreamSlot, lane: UInt32) {
        fleet[stream.device]?.ask(
            .destroyStream(stream.number), lane: lane,
            ticket: asks.add(.retireStream(stream.number), of: nil))
    }

    func streamAbort(_ operands: StreamAbortOperands, _ call: borrowing CallContext) {
        let stream = operands.stream
        release((try? scheduler.abort(stream.id, now: chipNow)) ?? [])
        abortOnDevice(stream)
        answer(call)
    }

    // MARK: Core limits

    /// Launches carry the limits that were in use when they were prepared: this is told for the
    /// recording.
    func streamLimit(_ operands: StreamLimitOperands, _ call: borrowing CallContext) {
        answer(call)
    }

    func deviceLimit(_ operands: DeviceLimitOperands, _ call: borrowing CallContext) {
        call.session.deviceLimits[operands.device.rawValue, default: .none].set(
            operands.cores, resource: operands.resource)
        answer(call)
    }

    // MARK: Events

    func eventCreate(_ operands: EventCreateOperands, _ call: borrowing CallContext) {
        let event = EventSlot(
            handle: operands.event, id: EventID(call.session.id, operands.event),
            device: operands.device.rawValue, flags: operands.flags)
        call.session.objects.events.insert(event, as: event.handle)
        answer(call)
    }

    func eventDestroy(_ operands: EventDestroyOperands, _ call: borrowing CallContext) {
        _ = call.session.objects.events.remove(operands.event.handle)
        scheduler.destroyEvent(operands.event.id)
        answer(call)
    }

    func eventRecord(_ operands: EventRecordOperands, _ call: borrowing CallContext)
        throws(CallRefusal)
    {
        try order(call) { () throws(SchedulerError) in
            try scheduler.recordEvent(
                operands.stream.id, operands.event.id, number: operands.number, now: chipNow)
        }
    }

    func eventWait(_ operands: EventWaitOperands, _ call: borrowing CallContext) throws(CallRefusal)
    {
        try order(call) { () throws(SchedulerError) in
            try scheduler.waitEvent(
                operands.stream.id, operands.event.id, number: operands.number, now: chipNow)
        }
    }

    func eventReset(_ operands: EventResetOperands, _ call: borrowing CallContext)
        throws(CallRefusal)
    {
        try order(call) { () throws(SchedulerError) in
            try scheduler.resetEvent(operands.stream.id, operands.event.id, now: chipNow)
        }
    }

    private func order(_ call: borrowing CallContext, _ body: () throws(SchedulerError) -> Void)
        throws(CallRefusal)
    {
        do { try body() } catch { throw CallRefusal(AclStatus.limitReached, "\(error)") }
        answer(call)
    }
}

extension CoreLimit {
    /// `resource` is an aclrtDevResLimitType: 0 cube cores, 1 vector cores.
    fileprivate mutating func set(_ count: Int, resource: UInt64) {
        let cores = UInt16(clamping: count)
        if resource == 0 { cube = cores } else if resource == 1 { vector = cores }
    }
}
