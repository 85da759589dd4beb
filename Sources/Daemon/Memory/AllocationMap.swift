/// The device memory that one client holds: address ranges, sorted, without overlap.
///
/// A client has few blocks (frameworks allocate large ones and divide them), so a sorted array
/// beats a tree.
package struct AllocationMap {
    package init() {}

    package struct Block: Equatable {
        package var address: UInt64
        package var bytes: UInt64
        package var device: Int32
        package init(address: UInt64, bytes: UInt64, device: Int32) {
            self.address = address
            self.bytes = bytes
            self.device = device
        }
    }

    package private(set) var blocks: [Block] = []
    package private(set) var totalBytes: UInt64 = 0

    /// Of the blocks on one device.
    func bytes(on device: Int32) -> UInt64 {
        blocks.reduce(0) { $0 + ($1.device == device ? $1.bytes : 0) }
    }

    package mutating func insert(_ block: Block) {
        blocks.insert(block, at: firstIndex(after: block.address))
        totalBytes += block.bytes
    }

    /// Takes the block that starts at `address` out, or returns nil where none does.
    package mutating func remove(startingAt address: UInt64) -> Block? {
        let index = firstIndex(after: address) - 1
        guard index >= 0, blocks[index].address == address else { return nil }
        totalBytes -= blocks[index].bytes
        return blocks.remove(at: index)
    }

    /// The block in which all of `bytes` bytes from `address` lie.
    package func block(holding address: UInt64, bytes: UInt64) -> Block? {
        let index = firstIndex(after: address) - 1
        guard index >= 0 else { return nil }
        let block = blocks[index]
        let offset = address - block.address
        guard offset <= block.bytes, bytes <= block.bytes - offset else { return nil }
        return block
    }

    /// Index of the first block that starts past `address`.
    private func firstIndex(after address: UInt64) -> Int {
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
