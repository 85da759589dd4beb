import CWire
import Device
import LinuxIO
import SharedRing
import Wire

/// One end of a copy as the program names it.
struct CopyPlace: Equatable {
    enum Space: UInt64 {
        /// A device address.
        case device
        /// An offset in the staging area.
        case staging
        /// A block of pinned host memory, and an offset in it.
        case host
        /// In the record's own bytes.
        case inline
    }
    var space: Space
    var value: UInt64
}

/// One end of a copy, found in the client's own memory.
struct FoundPlace: Equatable {
    var address: UInt64
    /// The device it lies on; nil on the host.
    var device: Int32?
    /// The staging slot it lies in, or −1.
    var stagingSlot: Int = -1
}

extension Session {
    /// Where `count` bytes at a place are; refused where they are not all the program's.
    func find(_ place: CopyPlace, _ count: UInt64) throws(CallRefusal) -> FoundPlace {
        switch place.space {
        case .device:
            if let block = memory.block(holding: place.value, bytes: count) {
                return FoundPlace(address: place.value, device: block.device)
            }
        case .staging:
            let slotBytes = UInt64(FX_STAGING_SLOT_BYTES)
            let (slot, offset) = (place.value / slotBytes, place.value % slotBytes)
            if slot < UInt64(FX_STAGING_SLOTS), count <= slotBytes - offset {
                return FoundPlace(
                    address: staging.address + place.value, stagingSlot: Int(slot))
            }
        case .host:
            if let address = hostBlocks.address(of: place.value, bytes: count) {
                return FoundPlace(address: address)
            }
        case .inline: return FoundPlace(address: 0)
        }
        throw CallRefusal(
            AclStatus.invalidParameter, "\(count) bytes reach outside this program's memory")
    }
}

extension CopyKind {
    init(to destination: CopyPlace, from source: CopyPlace) {
        switch (destination.space == .device, source.space == .device) {
        case (true, true): self = .deviceToDevice
        case (true, false): self = .hostToDevice
        case (false, true): self = .deviceToHost
        case (false, false): self = .hostToHost
        }
    }
}
