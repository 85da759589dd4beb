import Daemon
import LinuxIO
import Testing

@Suite struct HostBlocksTests {
    private func memory(_ bytes: Int) throws -> SharedMemory {
        try SharedMemory(name: "pinned", count: bytes)
    }

    @Test func `a place is found only where all of it lies in its block`() throws {
        var blocks = HostBlocks()
        let block = try memory(4096)
        let number = blocks.add(block)
        let place = number << 40
        #expect(blocks.address(of: place, bytes: 4096) == block.address)
        #expect(blocks.address(of: place | 4000, bytes: 96) == block.address + 4000)
        #expect(blocks.address(of: place | 4000, bytes: 97) == nil)
        #expect(blocks.address(of: place | 4096, bytes: 0) == block.address + 4096)
        #expect(blocks.address(of: place | 4097, bytes: 0) == nil)
        #expect(blocks.address(of: place | 1, bytes: .max) == nil)
        #expect(blocks.address(of: place | (1 << 40 - 1), bytes: 1) == nil)
    }

    @Test func `a number that nobody was given is no block`() throws {
        var blocks = HostBlocks()
        #expect(blocks.address(of: 0, bytes: 1) == nil)
        let number = blocks.add(try memory(4096))
        #expect(blocks.address(of: (number + 1) << 40, bytes: 1) == nil)
        #expect(blocks.address(of: .max, bytes: 1) == nil)
        #expect(blocks.remove(number + 1) == nil)
    }

    @Test func `a number is not used again`() throws {
        var blocks = HostBlocks()
        let first = blocks.add(try memory(4096))
        #expect(blocks.remove(first)?.count == 4096)
        #expect(blocks.remove(first) == nil)
        let second = blocks.add(try memory(4096))
        #expect(first != second)
        #expect(blocks.address(of: first << 40, bytes: 1) == nil)
    }

    @Test func `a block is known to the devices that took it`() throws {
        var blocks = HostBlocks()
        let number = blocks.add(try memory(4096))
        let other = blocks.add(try memory(4096))
        blocks.noteKnown(number, to: 1)
        #expect(blocks.isKnown(number << 40 | 100, to: 1))
        #expect(!blocks.isKnown(number << 40, to: 0))
        #expect(!blocks.isKnown(other << 40, to: 1))
        _ = blocks.remove(number)
        blocks.noteKnown(number, to: 0)
        #expect(!blocks.isKnown(number << 40, to: 0))
    }

    @Test func `bytes are counted in and out`() throws {
        var blocks = HostBlocks()
        let number = blocks.add(try memory(4096))
        _ = blocks.add(try memory(8192))
        #expect(blocks.totalBytes == 12_288)
        _ = blocks.remove(number)
        #expect(blocks.totalBytes == 8192)
        #expect(blocks.removeAll().map(\.count) == [8192])
        #expect(blocks.totalBytes == 0)
        #expect(blocks.removeAll().isEmpty)
    }
}
