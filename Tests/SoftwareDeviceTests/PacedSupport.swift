import Glibc
import SoftwareDevice

// The environment is read once a process, so tests of the paced clock run in processes of their own.

/// Makes this process one with a paced device, whose first device becomes the thread's.
func beginPaced(_ settings: [String: String] = [:]) {
    setenv("FLEXNPU_DEVICE_CLOCK", "paced", 1)
    for (name, value) in settings { setenv("FLEXNPU_DEVICE_\(name)", value, 1) }
    _ = aclrtSetDevice(0)
}

func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

/// A square matrix of float16 on the device.
func squareMatrix(_ size: Int) -> Handle? {
    let bytes = size * size * 2
    let address = made { aclrtMalloc($0, bytes, 0) }
    var (shape, strides) = ([Int64(size), Int64(size)], [Int64(size), 1])
    return aclCreateTensor(&shape, 2, 1, &strides, 0, 2, &shape, 2, address)
}

/// An executor that multiplies two square matrices, for any number of launches.
func multiplication(_ size: Int) -> Handle? {
    var workspaceBytes: UInt64 = 0
    let executor = made {
        aclnnMatmulGetWorkspaceSize(
            squareMatrix(size), squareMatrix(size), squareMatrix(size), 1, &workspaceBytes, $0)
    }
    _ = aclSetAclOpExecutorRepeatable(executor)
    return executor
}

/// An event that the chip reaches late: what waits for it is all in the chip's queues by then, so
/// that its times are the chip's alone, however the machine is loaded.
func lateEvent() -> Handle? {
    let (stream, event) = (made { aclrtCreateStream($0) }, made { aclrtCreateEvent($0) })
    let executor = multiplication(8192)
    for _ in 0..<3 { _ = aclnnMatmul(nil, 0, executor, stream) }
    _ = aclrtRecordEvent(event, stream)
    return event
}

/// A stream between two events.
struct TimedStream {
    let stream: Handle?
    let start = made { aclrtCreateEvent($0) }
    let end = made { aclrtCreateEvent($0) }

    init(priority: UInt32 = 0) {
        stream = made { aclrtCreateStreamWithConfig($0, priority, 0) }
    }

    func launch(_ executor: Handle?, times: Int, after event: Handle? = nil) {
        if let event { _ = aclrtStreamWaitEvent(stream, event) }
        _ = aclrtRecordEvent(start, stream)
        for _ in 0..<times { _ = aclnnMatmul(nil, 0, executor, stream) }
        _ = aclrtRecordEvent(end, stream)
    }

    var startNanoseconds: UInt64 { eventNanoseconds(start) }
    var endNanoseconds: UInt64 { eventNanoseconds(end) }
    var nanoseconds: UInt64 { endNanoseconds - startNanoseconds }
}

/// When the device reached the event; 0 where it did not.
func eventNanoseconds(_ event: Handle?) -> UInt64 {
    var time: UInt64 = 0
    return flexnpuDeviceEventNanoseconds(event, &time) == 0 ? time : 0
}
