import Daemon
import Scheduling
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

    @Test func `no bytes lie in a block up to its end`() {
        let map = map()
        #expect(map.block(holding: 0x1100, bytes: 0)?.device == 0)
        #expect(map.block(holding: 0x1101, bytes: 0) == nil)
    }

    @Test func `an empty map holds nothing`() {
        let map = AllocationMap()
        #expect(map.block(holding: 0, bytes: 0) == nil)
        #expect(map.block(holding: .max, bytes: 1) == nil)
        #expect(map.totalBytes == 0)
    }

    @Test func `random blocks are found as a list finds them`() {
        let seed = UInt64.random(in: 1 ... .max)
        var random = SeededRandom(seed: seed)
        var (map, list) = (AllocationMap(), [AllocationMap.Block]())
        for _ in 0..<2000 {
            let address = (random.next() % 64) * 0x100
            if let index = list.firstIndex(where: { $0.address == address }) {
                #expect(map.remove(startingAt: address) == list.remove(at: index), "seed \(seed)")
            } else {
                let bytes = 1 + random.next() % 0x100
                let block = AllocationMap.Block(address: address, bytes: bytes, device: 0)
                map.insert(block)
                list.append(block)
            }
            let (from, count) = (random.next() % 0x4000, random.next() % 0x120)
            let holder = list.first {
                $0.address <= from && from + count <= $0.address + $0.bytes
            }
            #expect(map.block(holding: from, bytes: count) == holder, "seed \(seed)")
            #expect(map.totalBytes == list.reduce(0) { $0 + $1.bytes }, "seed \(seed)")
        }
    }
}
