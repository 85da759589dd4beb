import SoftwareDevice
import Testing

/// Serialized: a device's limits are the process's.
@Suite(.serialized) struct CoreLimitTests {
    static let cube: Int32 = 0
    static let vector: Int32 = 1

    init() { _ = aclrtSetDevice(0) }

    @Test func `a stream's limit falls back to the device's, and that to the chip`() {
        let stream = made { aclrtCreateStream($0) }
        #expect(ofStream(stream, Self.cube) == 24)
        #expect(ofStream(stream, Self.vector) == 48)
        #expect(aclrtSetDeviceResLimit(0, Self.cube, 20) == 0)
        #expect(ofDevice(Self.cube) == 20)
        #expect(ofStream(stream, Self.cube) == 20)
        #expect(aclrtSetStreamResLimit(stream, Self.cube, 6) == 0)
        #expect(ofStream(stream, Self.cube) == 6)
        #expect(ofStream(stream, Self.vector) == 48)
        #expect(aclrtResetStreamResLimit(stream) == 0)
        #expect(ofStream(stream, Self.cube) == 20)
        #expect(aclrtResetDeviceResLimit(0) == 0)
        #expect(ofStream(stream, Self.cube) == 24)
        #expect(aclrtDestroyStream(stream) == 0)
    }

    @Test func `a thread goes by the stream it uses last, until it does not`() {
        let (one, two) = (made { aclrtCreateStream($0) }, made { aclrtCreateStream($0) })
        #expect(aclrtSetStreamResLimit(one, Self.cube, 6) == 0)
        #expect(aclrtSetStreamResLimit(two, Self.cube, 8) == 0)
        #expect(ofThread(Self.cube) == 24)
        #expect(aclrtUseStreamResInCurrentThread(one) == 0)
        #expect(aclrtUseStreamResInCurrentThread(two) == 0)
        #expect(ofThread(Self.cube) == 8)
        #expect(aclrtUnuseStreamResInCurrentThread(one) == 0)
        #expect(ofThread(Self.cube) == 8)
        #expect(aclrtUnuseStreamResInCurrentThread(two) == 0)
        #expect(ofThread(Self.cube) == 24)
        #expect(aclrtUseStreamResInCurrentThread(one) == 0)
        #expect(aclrtDestroyStream(one) == 0)
        #expect(ofThread(Self.cube) == 24)
        #expect(aclrtDestroyStream(two) == 0)
    }

    @Test func `what cannot be meant is refused`() {
        for value: UInt32 in [0, 25, .max] {
            #expect(aclrtSetStreamResLimit(nil, Self.cube, value) == Code.invalid)
            #expect(aclrtSetDeviceResLimit(0, Self.cube, value) == Code.invalid)
        }
        #expect(aclrtSetStreamResLimit(nil, 2, 1) == Code.invalid)
        #expect(aclrtGetStreamResLimit(nil, Self.cube, nil) == Code.invalid)
        #expect(aclrtUseStreamResInCurrentThread(Handle(bitPattern: 0x4242)) == Code.invalid)
        #expect(aclrtSetDeviceResLimit(99, Self.cube, 1) == 107_001)
    }

    @Test func `limits hold for what was prepared under them`() async {
        await #expect(processExitsWith: .success) {
            beginPaced(["COMPUTE": "none", "SCALE": "20"])
            _ = aclrtSetDeviceResLimit(0, 0, 6)
            let limited = multiplication(2048)
            _ = aclrtResetDeviceResLimit(0)
            let unlimited = multiplication(2048)
            let times = [limited, unlimited].map { executor in
                let timed = TimedStream()
                timed.launch(executor, times: 10, after: lateEvent())
                _ = aclrtSynchronizeStream(timed.stream)
                return timed.nanoseconds
            }
            #expect(times[0] > times[1] * 3)
        }
    }

    private func ofStream(_ stream: Handle?, _ type: Int32) -> UInt32 {
        var value: UInt32 = 0
        return aclrtGetStreamResLimit(stream, type, &value) == 0 ? value : 0
    }

    private func ofDevice(_ type: Int32) -> UInt32 {
        var value: UInt32 = 0
        return aclrtGetDeviceResLimit(0, type, &value) == 0 ? value : 0
    }

    private func ofThread(_ type: Int32) -> UInt32 {
        var value: UInt32 = 0
        return aclrtGetResInCurrentThread(type, &value) == 0 ? value : 0
    }
}
