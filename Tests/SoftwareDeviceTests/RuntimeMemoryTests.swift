import Glibc
import SoftwareDevice
import Testing

@Suite struct `Device memory` {
    init() { _ = aclrtSetDevice(0) }

    @Test func `Allocations never overlap, are aligned, and all come back`() {
        var generator = RepeatableGenerator(state: 7)
        var live: [(start: UInt, bytes: Int)] = []
        for _ in 0..<5_000 {
            if live.count < 50 || Bool.random(using: &generator), live.count < 400 {
                let bytes = Int.random(in: 1...(1 << 18), using: &generator)
                guard let block = made({ aclrtMalloc($0, bytes, 0) }) else {
                    Issue.record("no memory for \(bytes) bytes")
                    return
                }
                live.append((UInt(bitPattern: block), bytes))
            } else {
                let victim = live.remove(at: Int.random(in: 0..<live.count, using: &generator))
                #expect(aclrtFree(Handle(bitPattern: victim.start)) == 0)
            }
        }
        #expect(live.allSatisfy { $0.start % 512 == 0 })
        let ordered = live.sorted { $0.start < $1.start }
        for (one, next) in zip(ordered, ordered.dropFirst()) {
            #expect(one.start + UInt(one.bytes) <= next.start)
        }
        for block in live { #expect(aclrtFree(Handle(bitPattern: block.start)) == 0) }
    }

    @Test func `Only the start of a living allocation can be freed`() {
        let block = made { aclrtMalloc($0, 4096, 0) }
        #expect(aclrtFree(block.map { $0 + 512 }) == Code.invalid)
        #expect(aclrtFree(block) == 0)
        #expect(aclrtFree(block) == Code.invalid)
        #expect(aclrtFree(nil) == Code.invalid)
    }

    @Test func `An address tells where it lies`() {
        let device = made { aclrtMalloc($0, 4096, 0) }
        let host = made { aclrtMallocHost($0, 4096) }
        defer {
            _ = aclrtFree(device)
            _ = aclrtFreeHost(host)
        }
        var attributes = [UInt32](repeating: 9, count: 7)
        #expect(aclrtPointerGetAttributes(device.map { $0 + 100 }, &attributes) == 0)
        #expect(attributes[0] == 0 && attributes[1] == 1)
        #expect(aclrtPointerGetAttributes(host, &attributes) == 0)
        #expect(attributes[1] == 0)
        var local = 0
        #expect(aclrtPointerGetAttributes(&local, &attributes) == 0)
        #expect(attributes[1] == 2)
    }

    @Test func `A copy must stay within allocations`() {
        let device = made { aclrtMalloc($0, 1000, 0) }
        defer { _ = aclrtFree(device) }
        var bytes = [UInt8](repeating: 1, count: 2048)
        // 1000 bytes are given as 1024.
        #expect(aclrtMemcpy(device, 2048, &bytes, 1024, 1) == 0)
        #expect(aclrtMemcpy(device, 2048, &bytes, 1025, 1) == Code.invalid)
        #expect(aclrtMemcpy(&bytes, 2048, Handle(bitPattern: 0x1000), 8, 2) == Code.invalid)
        #expect(aclrtMemset(device, 2048, 0, 1025) == Code.invalid)
    }
}
