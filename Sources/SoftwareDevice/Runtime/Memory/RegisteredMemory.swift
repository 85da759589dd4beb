/// Memory of the program that it made known to devices (aclrtHostRegister): they may touch it from
/// then on, and copies read it when their turn comes, not when they are enqueued.
struct RegisteredMemory {
    private var live = BlockTree(.byAddress)
    /// The devices that know each block, by its address.
    private var devices: [UInt: Set<Int>] = [:]

    /// False where the device knows some of it already, or another device other bounds of it.
    mutating func insert(_ block: Block, device: Int) -> Bool {
        if live.block(containing: block.address) == block {
            return devices[block.address, default: []].insert(device).inserted
        }
        guard !live.overlaps(block) else { return false }
        live.insert(block)
        devices[block.address] = [device]
        return true
    }

    /// False where the device knows no block that starts there.
    mutating func remove(_ address: UInt, device: Int) -> Bool {
        guard devices[address]?.remove(device) != nil else { return false }
        if devices[address]?.isEmpty == true, let block = live.block(containing: address) {
            devices[address] = nil
            live.remove(block)
        }
        return true
    }

    func block(containing address: UInt) -> Block? { live.block(containing: address) }
}
