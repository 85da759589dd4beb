import Glibc
import SoftwareDevice
import Testing

/// Serialized: the inline switch is the process's.
@Suite(.serialized) struct `Streams and events` {
    init() { _ = aclrtSetDevice(0) }

    static let modes: [Int32] = [0, 1]

    @Test(arguments: modes) func `Launches of a kept executor take their addresses with them`(
        inline: Int32
    ) {
        _ = flexnpuDeviceRunInline(inline)
        defer { _ = flexnpuDeviceRunInline(0) }
        let vectors = (0..<20).map { DeviceVector(repeating: Float($0), count: 3_000) }
        let stream = made { aclrtCreateStream($0) }
        let executor = addition(to: vectors[0], of: 100)
        #expect(aclSetAclOpExecutorRepeatable(executor) == 0)
        for vector in vectors {
            #expect(aclSetTensorAddr(executor, 0, vectors[0].tensor, vector.address) == 0)
            #expect(aclSetTensorAddr(executor, 1, vectors[0].tensor, vector.address) == 0)
            #expect(aclnnAdds(nil, 0, executor, stream) == 0)
        }
        #expect(aclrtSynchronizeStream(stream) == 0)
        for (index, vector) in vectors.enumerated() {
            #expect(vector.values.allSatisfy { $0 == Float(index) + 100 })
            vector.drop()
        }
        #expect(aclSetTensorAddr(executor, 2, nil, nil) == Code.aclnnInvalid)
        #expect(aclDestroyAclOpExecutor(executor) == 0)
        #expect(aclnnAdds(nil, 0, executor, stream) == Code.aclnnInvalid)
        #expect(aclrtDestroyStream(stream) == 0)
    }

    @Test(arguments: modes) func `Random waits between streams keep the order of the program`(
        inline: Int32
    ) {
        _ = flexnpuDeviceRunInline(inline)
        defer { _ = flexnpuDeviceRunInline(0) }
        var generator = RepeatableGenerator(state: 3)
        let streams = (0..<4).map { _ in made { aclrtCreateStream($0) } }
        let event = made { aclrtCreateEventExWithFlag($0, 8) }
        var host = [UInt8](repeating: 0, count: 1 << 12)
        let device = made { aclrtMalloc($0, host.count, 0) }
        var last = 0
        var expected: UInt8 = 0
        for step in 0..<2_000 {
            let next = Int.random(in: 0..<4, using: &generator)
            if next != last {
                #expect(aclrtRecordEvent(event, streams[last]) == 0)
                #expect(aclrtStreamWaitEvent(streams[next], event) == 0)
            }
            last = next
            expected = UInt8(truncatingIfNeeded: step)
            if step % 2 == 0 {
                for index in host.indices { host[index] = expected }
                _ = aclrtMemcpyAsync(device, host.count, host, host.count, 1, streams[next])
            } else {
                _ = aclrtMemsetAsync(device, host.count, Int32(expected), host.count, streams[next])
            }
        }
        #expect(aclrtSynchronizeStream(streams[last]) == 0)
        #expect(aclrtMemcpy(&host, host.count, device, host.count, 2) == 0)
        #expect(host.allSatisfy { $0 == expected })
        for stream in streams { #expect(aclrtDestroyStream(stream) == 0) }
        #expect(aclrtDestroyEvent(event) == 0)
        #expect(aclrtFree(device) == 0)
    }

    @Test(arguments: modes) func `A copy reads registered memory when its turn comes`(
        inline: Int32
    ) {
        _ = flexnpuDeviceRunInline(inline)
        defer { _ = flexnpuDeviceRunInline(0) }
        let count = 1 << 16
        let host = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 4096)
        memset(host, 1, count)
        var mapped: Handle?
        #expect(aclrtHostRegister(host, UInt64(count), 0, &mapped) == 0)
        let large = 64 << 20
        let device = made { aclrtMalloc($0, large, 0) }
        let target = made { aclrtMalloc($0, count, 0) }
        let streams = (0..<2).map { _ in made { aclrtCreateStream($0) } }
        let event = made { aclrtCreateEventExWithFlag($0, 8) }
        // Takes milliseconds; the second stream's copy is enqueued long before it is over.
        #expect(aclrtMemsetAsync(device, large, 2, large, streams[0]) == 0)
        #expect(aclrtMemcpyAsync(host, count, device, count, 2, streams[0]) == 0)
        #expect(aclrtRecordEvent(event, streams[0]) == 0)
        #expect(aclrtStreamWaitEvent(streams[1], event) == 0)
        #expect(aclrtMemcpyAsync(target, count, host, count, 1, streams[1]) == 0)
        #expect(aclrtSynchronizeStream(streams[1]) == 0)
        var read = [UInt8](repeating: 0, count: count)
        #expect(aclrtMemcpy(&read, count, target, count, 2) == 0)
        #expect(read.allSatisfy { $0 == 2 })
        for stream in streams { #expect(aclrtDestroyStream(stream) == 0) }
        #expect(aclrtDestroyEvent(event) == 0)
        #expect(aclrtHostUnregister(host) == 0)
        host.deallocate()
        #expect(aclrtFree(device) == 0)
        #expect(aclrtFree(target) == 0)
    }

    @Test(arguments: modes) func `A fault is told once, and the stream goes on`(inline: Int32) {
        _ = flexnpuDeviceRunInline(inline)
        defer { _ = flexnpuDeviceRunInline(0) }
        let stream = made { aclrtCreateStream($0) }
        let vector = DeviceVector(repeating: 1, count: 10)
        let freed = DeviceVector(repeating: 1, count: 1 << 16)
        let late = addition(to: freed, of: 1)
        freed.drop()
        #expect(aclnnAdds(nil, 0, late, stream) == 0)
        #expect(aclnnAdds(nil, 0, addition(to: vector, of: 1), stream) == 0)
        #expect(aclrtSynchronizeStream(stream) == Code.fault)
        let message = aclGetRecentErrMsg().map { String(cString: $0) }
        #expect(message?.contains("aclnnAdds") == true)
        #expect(aclrtSynchronizeStream(stream) == 0)
        #expect(vector.values == [Float](repeating: 2, count: 10))
        vector.drop()
        #expect(aclrtDestroyStream(stream) == 0)
    }

    @Test func `Time between events is the device's`() {
        let stream = made { aclrtCreateStream($0) }
        let (start, end) = (made { aclrtCreateEvent($0) }, made { aclrtCreateEvent($0) })
        let vector = DeviceVector(repeating: 1, count: 1 << 20)
        #expect(aclrtRecordEvent(start, stream) == 0)
        for _ in 0..<10 { _ = aclnnAdds(nil, 0, addition(to: vector, of: 1), stream) }
        #expect(aclrtRecordEvent(end, stream) == 0)
        #expect(aclrtSynchronizeEvent(end) == 0)
        var milliseconds: Float = -1
        #expect(aclrtEventElapsedTime(&milliseconds, start, end) == 0)
        #expect(milliseconds > 0.01)
        #expect(aclrtResetEvent(start, stream) == 0)
        #expect(aclrtEventElapsedTime(&milliseconds, start, end) == 100_000)
        for event in [start, end] { #expect(aclrtDestroyEvent(event) == 0) }
        #expect(aclrtDestroyStream(stream) == 0)
        vector.drop()
    }

    @Test func `Aborting a stream lets those go on who wait for its events`() {
        let (one, two) = (made { aclrtCreateStream($0) }, made { aclrtCreateStream($0) })
        let event = made { aclrtCreateEvent($0) }
        let slow = DeviceVector(repeating: 0, count: 1 << 20)
        for _ in 0..<50 { _ = aclnnAdds(nil, 0, addition(to: slow, of: 1), one) }
        #expect(aclrtRecordEvent(event, one) == 0)
        #expect(aclrtStreamWaitEvent(two, event) == 0)
        #expect(aclrtStreamAbort(one) == 0)
        #expect(aclrtSynchronizeStream(two) == 0)
        #expect(aclrtSynchronizeStream(one) == 0)
        for stream in [one, two] { #expect(aclrtDestroyStreamForce(stream) == 0) }
        #expect(aclrtDestroyEvent(event) == 0)
        slow.drop()
    }
}
