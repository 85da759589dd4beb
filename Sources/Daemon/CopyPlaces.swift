import CWire
import Device
import LinuxIO
import SharedRing
import Wire

/// One end of a copy, found in the client's own memory.
struct Place {
    var address: UInt64
    /// The device it lies on; nil on the host.
    var device: Int32?
    /// The staging slot it lies in, or −1.
    var slot: Int
}

extension DispatchLoop {
    /// Where `count` bytes at `value` of `space` are, or nil where they are not the client's.
    func place(_ space: UInt64, _ value: UInt64, _ count: UInt64, in session: Session) -> Place? {
        switch Int(truncatingIfNeeded: space) {
        case FX_SPACE_DEVICE:
            guard let block = session.memory.block(holding: value, bytes: count) else { return nil }
            return Place(address: value, device: block.device, slot: -1)
        case FX_SPACE_STAGING:
            let slotBytes = UInt64(FX_STAGING_SLOT_BYTES)
            let (slot, offset) = (value / slotBytes, value % slotBytes)
            guard slot < UInt64(FX_STAGING_SLOTS), count <= slotBytes - offset else { return nil }
            return Place(
                address: session.staging.address + value, device: nil, slot: Int(slot))
        case FX_SPACE_HOST:
            let offset = value & (1 << 40 - 1)
            guard let block = session.hostBlocks[value >> 40],
                offset <= UInt64(block.count), count <= UInt64(block.count) - offset
            else { return nil }
            return Place(address: block.address + offset, device: nil, slot: -1)
        default: return nil
        }
    }

    /// The source of a copy; data that came inside the record is put in `inline`.
    func source(
        _ record: borrowing RecordView, _ count: UInt64, _ inline: inout [UInt8],
        in session: Session
    ) -> Place? {
        guard record.operand(2) == UInt64(FX_SPACE_INLINE) else {
            return place(record.operand(2), record.operand(3), count, in: session)
        }
        guard count <= UInt64(FX_INLINE_LIMIT), count <= UInt64(record.byteCount) else {
            return nil
        }
        inline = record.bytes(count: Int(count))
        return Place(address: 0, device: nil, slot: -1)
    }

    /// Gives back the staging slots of a copy that will not be made, however wrong its operands are:
    /// the program waits for them.
    func freeSlots(of record: borrowing RecordView, in session: Session) {
        for end in [0, 2] where Int(truncatingIfNeeded: record.operand(end)) == FX_SPACE_STAGING {
            let slot = record.operand(end + 1) / UInt64(FX_STAGING_SLOT_BYTES)
            if slot < UInt64(FX_STAGING_SLOTS) { session.page.freeSlot(Int(slot)) }
        }
    }

    static func kind(to destination: UInt64, from source: UInt64) -> CopyKind {
        let device = UInt64(FX_SPACE_DEVICE)
        switch (destination == device, source == device) {
        case (true, true): return .deviceToDevice
        case (true, false): return .hostToDevice
        case (false, true): return .deviceToHost
        case (false, false): return .hostToHost
        }
    }
}
