import CWire
import Device
import LinuxIO
import Scheduling
import SharedRing
import Wire

/// Contexts, streams and events: what a program creates and destroys, and the order it asks for.
extension DispatchLoop {
    /// [device]
    func resetDevice(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let device = Int32(truncatingIfNeeded: record.operand(0))
        for stream in session.streams.objects where stream.device == device {
            remove(stream, force: true, in: session)
        }
        ring.lastStream = nil
        session.contexts = session.contexts.filter { $0.value != device }
        answer(record, of: ring, status: 0)
    }

    /// [context, device, default stream]
    func createContext(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let device = Int32(truncatingIfNeeded: record.operand(1))
        guard devices.contains(device) else {
            return answer(
                record, of: ring, status: FlexStatus.invalidDevice,
                message: "device \(device) is not one of this daemon's: \(devices)")
        }
        session.contexts[record.operand(0)] = device
        addStream(
            record.operand(2), context: record.operand(0), device: device, priority: 0, flags: 0,
            record, of: ring, in: session)
    }

    /// [context]
    func destroyContext(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let context = record.operand(0)
        for stream in session.streams.objects where stream.context == context {
            remove(stream, force: true, in: session)
        }
        ring.lastStream = nil
        session.contexts[context] = nil
        answer(record, of: ring, status: 0)
    }

    /// [stream, context, priority, flags]
    func createStream(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let device = session.contexts[record.operand(1)] else {
            return answer(
                record, of: ring, status: FlexStatus.invalid, message: "no such context")
        }
        addStream(
            record.operand(0), context: record.operand(1), device: device,
            priority: UInt32(truncatingIfNeeded: record.operand(2)),
            flags: UInt32(truncatingIfNeeded: record.operand(3)), record, of: ring, in: session)
    }

    private func addStream(
        _ handle: UInt64, context: UInt64, device: Int32, priority: UInt32, flags: UInt32,
        _ record: borrowing RecordView, of ring: SessionRing, in session: Session
    ) {
        guard session.streams.accepts(handle) else {
            return answer(
                record, of: ring, status: FlexStatus.limit,
                message: "this program holds \(session.streams.count) streams; the limit is "
                    + "\(limits.streamsPerSession)")
        }
        do throws(DeviceError) {
            try runtime.select(device)
            let deviceStream = try runtime.createStream(priority: priority, flags: flags)
            let slot = StreamSlot(
                handle: handle, id: StreamID(session.id, handle), device: device, context: context,
                deviceStream: deviceStream)
            try register(slot, in: session)
            answer(record, of: ring, status: 0)
        } catch {
            answer(record, of: ring, status: error.code, message: error.message)
        }
    }

    private func register(_ slot: StreamSlot, in session: Session) throws(DeviceError) {
        do {
            try scheduler.createStream(slot.id, device: DeviceID(rawValue: slot.device))
            session.streams.insert(slot, as: slot.handle)
        } catch {
            retiring.append(slot)
            throw DeviceError(code: FlexStatus.limit, message: "\(error)")
        }
    }

    /// [stream, force]
    func destroyStream(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let stream = session.streams[record.operand(0)] else {
            return answer(record, of: ring, status: FlexStatus.invalid, message: "no such stream")
        }
        for other in session.rings { other.lastStream = nil }
        let isForced = record.operand(1) != 0
        guard !isForced, (try? scheduler.isComplete(stream.id)) == false else {
            remove(stream, force: isForced, in: session)
            return answer(record, of: ring, status: 0)
        }
        // What was asked for is done before the device's stream goes and before the call returns. The
        // handle is free at once: another thread may be given it again.
        let token = waits.add(.release { $0.retiring.append(stream) })
        _ = try? scheduler.wait(for: .stream(stream.id), token: token)
        park(record, of: ring, in: session, for: .stream(stream.id), timeoutMilliseconds: -1)
        _ = session.streams.remove(stream.handle)
        _ = try? scheduler.destroyStream(stream.id, force: false, now: clock.now())
    }

    /// Lets go of a stream in which nothing is queued or, forced, drops what was not dispatched.
    func remove(_ stream: StreamSlot, force: Bool, in session: Session) {
        _ = session.streams.remove(stream.handle)
        let dropped = try? scheduler.destroyStream(stream.id, force: force, now: clock.now())
        release(dropped ?? [])
        retiring.append(stream)
    }

    func abortStream(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        guard let stream = stream(record.stream, of: ring, in: session) else {
            return answer(record, of: ring, status: FlexStatus.invalid, message: "no such stream")
        }
        release((try? scheduler.abort(stream.id, now: clock.now())) ?? [])
        answer(record, of: ring, status: 0)
    }

    /// [event, device, flags]
    func createEvent(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let handle = record.operand(0)
        guard session.events.accepts(handle) else { return }
        let event = EventSlot(
            id: EventID(session.id, handle), device: Int32(truncatingIfNeeded: record.operand(1)),
            flags: record.operand(2))
        session.events.insert(event, as: handle)
    }

    /// [event]
    func destroyEvent(_ record: borrowing RecordView, in session: Session) {
        guard let event = session.events.remove(record.operand(0)) else { return }
        scheduler.destroyEvent(event.id)
    }

    /// [event]
    func recordEvent(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        withEvent(record, of: ring, in: session) { stream, event in
            try scheduler.recordEvent(stream.id, event.id, now: clock.now())
        }
    }

    /// [event]
    func waitEvent(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        withEvent(record, of: ring, in: session) { stream, event in
            try scheduler.waitEvent(stream.id, event.id, now: clock.now())
        }
    }

    /// [event]
    func resetEvent(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        withEvent(record, of: ring, in: session) { stream, event in
            try scheduler.resetEvent(stream.id, event.id, now: clock.now())
        }
    }

    private func withEvent(
        _ record: borrowing RecordView, of ring: SessionRing, in session: Session,
        _ body: (StreamSlot, EventSlot) throws -> Void
    ) {
        guard let stream = stream(record.stream, of: ring, in: session),
            let event = session.events[record.operand(0)]
        else {
            return fail(
                record, of: ring, in: session, status: FlexStatus.invalid,
                message: "\(name(of: record)): no such stream or event")
        }
        do {
            try body(stream, event)
            answer(record, of: ring, status: 0)
        } catch {
            fail(
                record, of: ring, in: session, status: FlexStatus.limit,
                message: "\(name(of: record)): \(error)")
        }
    }
}
