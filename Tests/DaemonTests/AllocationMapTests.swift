import Daemon
import Testing

@Suite struct AllocationMapTests {
    private func map() -> AllocationMap {
        var map = AllocationMap()
        map.insert(.init(address: 0x2000, bytes: 0x100, device: 1))
        map.insert(.init(address: 0x1000, bytes: 0x100, device: 0))
        return map
    }

    @Test func `a range is found only where all of it lies in one block`() {
        let map = map()
        #expect(map.block(holding: 0x1000, bytes: 0x100)?.device == 0)
        #expect(map.block(holding: 0x2080, bytes: 0x80)?.device == 1)
        #expect(map.block(holding: 0x2080, bytes: 0x81) == nil)
        #expect(map.block(holding: 0xfff, bytes: 1) == nil)
        #expect(map.block(holding: 0x1100, bytes: 1) == nil)
        #expect(map.block(holding: .max, bytes: .max) == nil)
    }

    @Test func `a block is taken out by its start alone`() {
        var map = map()
        #expect(map.remove(startingAt: 0x1010) == nil)
        #expect(map.remove(startingAt: 0x1000)?.bytes == 0x100)
        #expect(map.remove(startingAt: 0x1000) == nil)
        #expect(map.totalBytes == 0x100)
    }

    @Test func `handles are told apart by their generation`() {
        final class Thing {}
        var table = HandleTable<Thing>(limit: 4)
        let (old, new) = (UInt64(1) << 24 | 2, UInt64(2) << 24 | 2)
        #expect(table.accepts(old))
        table.insert(Thing(), as: old)
        #expect(!table.accepts(new))
        #expect(table[new] == nil)
        #expect(table.remove(new) == nil)
        #expect(table.remove(old) != nil)
        #expect(table.accepts(new))
        #expect(!table.accepts(4))
    }

    @Test func `marks name labels, other texts none`() {
        let labels = MarkLabels.parse(Array("flexnpu:phase=decode;request=7".utf8))
        #expect(labels == ["phase": "decode", "request": "7"])
        #expect(MarkLabels.parse(Array("hello".utf8)).isEmpty)
        #expect(MarkLabels.parse(Array("flexnpu:=;;x".utf8)).isEmpty)
    }
}
