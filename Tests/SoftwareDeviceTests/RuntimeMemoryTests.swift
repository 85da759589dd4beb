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

    @Test func `Registered memory is pinned as long as a device knows it`() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 4096)
        defer {
            memory.deallocate()
            _ = aclrtSetDevice(0)
        }
        var mapped: Handle?
        func location(_ offset: Int) -> UInt32 {
            var attributes = [UInt32](repeating: 9, count: 7)
            _ = aclrtPointerGetAttributes(memory + offset, &attributes)
            return attributes[1]
        }
        #expect(aclrtHostRegister(memory, 4096, 0, &mapped) == 0)
        #expect(mapped == memory)
        #expect([location(0), location(4095), location(4096)] == [0, 0, 2])
        // Once a device; with the same bounds on each.
        #expect(aclrtHostRegister(memory, 4096, 0, &mapped) == Code.invalid)
        #expect(aclrtHostRegister(memory + 4095, 4096, 0, &mapped) == Code.invalid)
        _ = aclrtSetDevice(1)
        #expect(aclrtHostRegister(memory, 8192, 0, &mapped) == Code.invalid)
        #expect(aclrtHostUnregister(memory) == Code.invalid)
        #expect(aclrtHostRegister(memory, 4096, 0, &mapped) == 0)
        #expect(aclrtHostRegister(memory, 4096, 1, &mapped) == Code.invalid)
        #expect(aclrtHostRegister(nil, 4096, 0, &mapped) == Code.invalid)
        #expect(aclrtHostRegister(memory + 4096, 0, 0, &mapped) == Code.invalid)
        #expect(aclrtHostRegister(memory + 4096, .max, 0, &mapped) == Code.invalid)
        #expect(aclrtHostUnregister(memory) == 0)
        #expect(location(0) == 0, "device 0 knows it still")
        _ = aclrtSetDevice(0)
        #expect(aclrtHostUnregister(memory + 1) == Code.invalid)
        #expect(aclrtHostUnregister(memory) == 0)
        #expect(location(0) == 2)
        #expect(aclrtHostUnregister(memory) == Code.invalid)
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
