package import LinuxIO
import Wire

/// A program's blocks of pinned host memory, which both sides have mapped.
package struct HostBlocks {
    package init() {}

    private struct Block {
        var memory: SharedMemory
        /// Devices whose library knows the memory: they read it when a copy's turn comes. Others
        /// read it when the copy is submitted.
        var devices: Set<Int32> = []
    }

    private var blocks: [UInt64: Block] = [:]
    private var lastNumber: UInt64 = 0
    package private(set) var totalBytes = 0

    /// Where a block's number lies in a place's value; the offset is below.
    private static let offsetBits: UInt64 = 40

    /// Keeps a block and gives it a number.
    package mutating func add(_ memory: SharedMemory) -> UInt64 {
        lastNumber += 1
        blocks[lastNumber] = Block(memory: memory)
        totalBytes += memory.count
        return lastNumber
    }

    /// A device's library has taken the block. Nothing where the block has gone meanwhile.
    package mutating func noteKnown(_ number: UInt64, to device: Int32) {
        blocks[number]?.devices.insert(device)
    }

    /// Whether the device knows the block of a place.
    package func isKnown(_ place: UInt64, to device: Int32) -> Bool {
        blocks[place >> Self.offsetBits]?.devices.contains(device) ?? false
    }

    package mutating func remove(_ number: UInt64) -> SharedMemory? {
        guard let memory = blocks.removeValue(forKey: number)?.memory else { return nil }
        totalBytes -= memory.count
        return memory
    }

    /// Takes all of them out.
    package mutating func removeAll() -> [SharedMemory] {
        defer {
            blocks.removeAll()
            totalBytes = 0
        }
        return blocks.sorted { $0.key < $1.key }.map(\.value.memory)
    }

    /// The address of `bytes` bytes at a place `number << 40 | offset`; nil outside of any block.
    package func address(of place: UInt64, bytes: UInt64) -> UInt64? {
        let offset = place & (1 << Self.offsetBits - 1)
        guard let block = blocks[place >> Self.offsetBits]?.memory, offset <= UInt64(block.count),
            bytes <= UInt64(block.count) - offset
        else { return nil }
        return block.address + offset
    }
}
