package import LinuxIO
import Wire

/// A program's blocks of pinned host memory, which both sides have mapped.
package struct HostBlocks {
    package init() {}

    private var blocks: [UInt64: SharedMemory] = [:]
    private var lastNumber: UInt64 = 0
    package private(set) var totalBytes = 0

    /// Where a block's number lies in a place's value; the offset is below.
    private static let offsetBits: UInt64 = 40

    /// Keeps a block and gives it a number.
    package mutating func add(_ memory: SharedMemory) -> UInt64 {
        lastNumber += 1
        blocks[lastNumber] = memory
        totalBytes += memory.count
        return lastNumber
    }

    package mutating func remove(_ number: UInt64) -> SharedMemory? {
        guard let block = blocks.removeValue(forKey: number) else { return nil }
        totalBytes -= block.count
        return block
    }

    /// Takes all of them out.
    package mutating func removeAll() -> [SharedMemory] {
        defer {
            blocks.removeAll()
            totalBytes = 0
        }
        return blocks.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The address of `bytes` bytes at a place `number << 40 | offset`; nil outside of any block.
    package func address(of place: UInt64, bytes: UInt64) -> UInt64? {
        let offset = place & (1 << Self.offsetBits - 1)
        guard let block = blocks[place >> Self.offsetBits], offset <= UInt64(block.count),
            bytes <= UInt64(block.count) - offset
        else { return nil }
        return block.address + offset
    }
}
