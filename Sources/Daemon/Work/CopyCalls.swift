import Device
import Scheduling
import SharedRing
import Wire

/// Copies and fills.
extension DispatchCore {
    func copy(_ operands: CopyOperands, _ call: borrowing CallContext) throws(CallRefusal) {
        let (session, record) = (call.session, call.record)
        let count = UInt64(operands.size)
        let isInline = operands.source.space == .inline
        guard operands.destination.space != .inline,
            !isInline || count <= UInt64(record.byteCount)
        else {
            throw CallRefusal(
                AclStatus.invalidParameter, "\(count) bytes are not all in the record")
        }
        let to = try session.find(operands.destination, count)
        let from = try session.find(operands.source, count)
        let kind = CopyKind(to: operands.destination, from: operands.source)
        guard let stream = operands.stream else {
            return copyNow(
                call, to: to, from: from, count, kind,
                inline: isInline ? record.bytes(count: Int(count)) : [])
        }
        let item = work.store.takeItem()
        item.kind = .copy
        item.destination = to.address
        item.source = from.address
        item.bytes = count
        item.copyKind = kind
        item.needsIdleStream =
            operands.source.space == .host
            && !session.hostBlocks.isKnown(operands.source.value, to: stream.device)
        if isInline { record.appendBytes(count: Int(count), to: &item.words) }
        item.stagingSlot = max(to.stagingSlot, from.stagingSlot)
        try enqueue(item, call, stream, cores: .none)
    }

    /// A synchronous copy: it waits for no stream, so it is done beside them.
    private func copyNow(
        _ call: borrowing CallContext, to: FoundPlace, from: FoundPlace, _ count: UInt64,
        _ kind: CopyKind,
        inline: [UInt8]
    ) {
        let device = to.device ?? from.device ?? call.ring.device
        ask(
            .copyNow(
                destination: to.address, source: from.address, bytes: count, kind: kind,
                inline: inline),
            .copy(
                park(call), call.session,
                stagingSlot: max(to.stagingSlot, from.stagingSlot)), on: device, of: call.session)
    }

    func fill(_ operands: FillOperands, _ call: borrowing CallContext) throws(CallRefusal) {
        let session = call.session
        let count = UInt64(operands.size)
        guard let block = session.memory.block(holding: operands.address, bytes: count) else {
            throw CallRefusal(
                AclStatus.invalidParameter, "\(count) bytes reach outside this program's memory")
        }
        let value = Int32(truncatingIfNeeded: operands.value)
        guard let stream = operands.stream else {
            return ask(
                .fillNow(address: operands.address, value: value, bytes: count),
                .reply(park(call)), on: block.device, of: session)
        }
        let item = work.store.takeItem()
        item.kind = .fill
        item.destination = operands.address
        item.bytes = count
        item.fillValue = value
        try enqueue(item, call, stream, cores: .none)
    }
}
