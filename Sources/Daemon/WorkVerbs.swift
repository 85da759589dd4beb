import AscendCL
import CWire
import CostModel
import Device
import LinuxIO
import Scheduling
import SharedRing
import Wire

/// Work for streams: kernels, copies, fills.
extension DispatchLoop {
    /// [signature, address…]
    func enqueueKernel(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let id = Int(record.operand(0))
        guard let stream = stream(record.stream, of: ring, in: session), id > 0,
            id <= session.signatures.count
        else {
            return fail(
                record, of: ring, in: session, status: FlexStatus.invalid,
                message: "\(name(of: record)): no such stream or signature")
        }
        let entry = session.signatures[id - 1]
        guard record.operandCount == entry.tensors.count + 1 else {
            return fail(
                record, of: ring, in: session, status: FlexStatus.operatorInvalid,
                message: "\(name(of: record)): \(record.operandCount - 1) addresses for "
                    + "\(entry.tensors.count) tensors")
        }
        let (index, item) = store.take()
        for position in 1..<record.operandCount { item.addresses.append(record.operand(position)) }
        if let wrong = firstForeignAddress(of: item.addresses, entry, in: session) {
            store.release(index)
            return fail(
                record, of: ring, in: session, status: FlexStatus.badAddress,
                message: "\(name(of: record)): tensor \(wrong) lies outside the memory that this "
                    + "program has allocated on the device")
        }
        item.kind = .kernel
        item.signature = entry
        enqueue(index, item, record, stream, of: ring, in: session, kind: .kernel)
    }

    /// The position of a tensor that touches memory which is not the client's, or nil.
    private func firstForeignAddress(
        of addresses: [UInt64], _ entry: SignatureEntry, in session: Session
    ) -> Int? {
        for (position, extent) in entry.extents.enumerated() {
            guard let extent else { continue }
            let start = addresses[position] &+ UInt64(bitPattern: extent.first)
            let bytes = UInt64(bitPattern: extent.end &- extent.first)
            if session.memory.block(holding: start, bytes: bytes) == nil { return position }
        }
        return nil
    }

    /// [destination space, destination, source space, source, count]
    func copy(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let count = record.operand(4)
        var inline: [UInt8] = []
        guard record.operandCount == 5, count > 0,
            let to = place(record.operand(0), record.operand(1), count, in: session),
            let from = source(record, count, &inline, in: session)
        else {
            freeSlots(of: record, in: session)
            return fail(
                record, of: ring, in: session, status: FlexStatus.invalid,
                message: "\(name(of: record)): \(count) bytes reach outside this program's memory")
        }
        let kind = Self.kind(to: record.operand(0), from: record.operand(2))
        if record.stream == 0 {
            return copyNow(record, to: to, from: from, count, inline, kind, of: ring, in: session)
        }
        guard let stream = stream(record.stream, of: ring, in: session) else {
            freeSlots(of: record, in: session)
            return fail(
                record, of: ring, in: session, status: FlexStatus.invalid,
                message: "\(name(of: record)): no such stream")
        }
        let (index, item) = store.take()
        item.kind = .copy
        item.destination = to.address
        item.source = from.address
        item.bytes = Int(count)
        item.copyKind = kind
        item.inline = inline
        item.stagingSlot = max(to.slot, from.slot)
        enqueue(index, item, record, stream, of: ring, in: session, kind: .copy)
    }

    /// A synchronous copy: it waits for no stream, so it is done here and now.
    private func copyNow(
        _ record: borrowing RecordView, to: Place, from: Place, _ count: UInt64, _ inline: [UInt8],
        _ kind: CopyKind, of ring: SessionRing, in session: Session
    ) {
        // Before the answer: the program takes the slot's state as the copy's.
        defer { if max(to.slot, from.slot) >= 0 { session.page.freeSlot(max(to.slot, from.slot)) } }
        do throws(DeviceError) {
            try runtime.select(to.device ?? from.device ?? devices[0])
            try runtime.copy(
                to: to.address, from: from.address, inline: inline, bytes: Int(count), kind: kind,
                stream: nil)
            answer(record, of: ring, status: 0)
        } catch {
            fail(record, of: ring, in: session, status: error.code, message: error.message)
        }
    }

    /// [device address, value, count]
    func fill(_ record: borrowing RecordView, of ring: SessionRing, in session: Session) {
        let (address, count) = (record.operand(0), record.operand(2))
        guard count > 0, let block = session.memory.block(holding: address, bytes: count) else {
            return fail(
                record, of: ring, in: session, status: FlexStatus.invalid,
                message: "\(name(of: record)): \(count) bytes reach outside this program's memory")
        }
        let value = Int32(truncatingIfNeeded: record.operand(1))
        guard record.stream != 0 else {
            do throws(DeviceError) {
                try runtime.select(block.device)
                try runtime.fill(address, value: value, bytes: Int(count), stream: nil)
                answer(record, of: ring, status: 0)
            } catch {
                fail(record, of: ring, in: session, status: error.code, message: error.message)
            }
            return
        }
        guard let stream = stream(record.stream, of: ring, in: session) else {
            return fail(
                record, of: ring, in: session, status: FlexStatus.invalid,
                message: "\(name(of: record)): no such stream")
        }
        let (index, item) = store.take()
        item.kind = .fill
        item.destination = address
        item.bytes = Int(count)
        item.fillValue = value
        enqueue(index, item, record, stream, of: ring, in: session, kind: .fill)
    }

    /// Hands work to the scheduler; answers at once unless the caller waits for it to be done.
    private func enqueue(
        _ index: Int, _ item: WorkItem, _ record: borrowing RecordView, _ stream: StreamSlot,
        of ring: SessionRing, in session: Session, kind: WorkKind
    ) {
        item.session = session
        item.stream = stream
        item.function = FunctionID(rawValue: record.function)
        let now = clock.now()
        let (phase, source) = phase(of: item, stream, of: ring, in: session)
        let submission = Submission(
            stream: stream.id, kind: kind, payload: index, function: item.function, phase: phase,
            phaseSource: source, costNanoseconds: cost(of: item),
            tokens: item.signature?.shape.tokens ?? 0,
            bytes: item.signature?.shape.bytes ?? UInt64(item.bytes),
            flops: item.signature?.shape.flops ?? 0)
        do {
            try scheduler.enqueue(submission, now: now)
            session.queuedOperations += 1
            guard record.flags & UInt8(FX_FLAG_ASK) != 0 else { return }
            park(record, of: ring, in: session, for: .stream(stream.id), timeoutMilliseconds: -1)
        } catch {
            if item.stagingSlot >= 0 { session.page.freeSlot(item.stagingSlot) }
            store.release(index)
            fail(
                record, of: ring, in: session, status: FlexStatus.limit,
                message: "\(name(of: record)): \(error)")
        }
    }

    /// Predicted nanoseconds on the device.
    private func cost(of item: WorkItem) -> Nanoseconds {
        if let entry = item.signature { return costs.nanoseconds(entry.costIndex) }
        return OperationCost.predictTransfer(bytes: UInt64(item.bytes), crossings: 2, on: chip)
    }

    /// The first of mark, label, shape that knows which phase this is.
    private func phase(
        of item: WorkItem, _ stream: StreamSlot, of ring: SessionRing, in session: Session
    ) -> (Phase, PhaseSource) {
        if let phase = ring.phase { return (phase, .mark) }
        if let phase = session.labelPhase { return (phase, .label) }
        let inferred = stream.inference.observe(item.signature?.shape.hint ?? .none)
        return inferred == .other ? (.other, .none) : (inferred, .shape)
    }

    func name(of record: borrowing RecordView) -> String {
        table[FunctionID(rawValue: record.function)]?.name ?? "call \(record.function)"
    }
}
