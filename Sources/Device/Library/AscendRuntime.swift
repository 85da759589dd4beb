import Glibc

/// AscendCL's runtime, called as Swift: errors are thrown, the current device is kept up to date.
///
/// Not thread-safe: AscendCL's current device is the calling thread's, so each thread has one of
/// its own (`RuntimeAccess.forOneThread`).
package final class AscendRuntime {
    let calls: RuntimeCalls
    private var currentDevice: Int32 = -1
    package let deviceCount: Int
    package let socName: String
    /// Operations run in the calling thread and are done when the call returns (software device
    /// only).
    package let runsInline: Bool

    /// Initialises the library; `runInline` asks the software device to execute in the calling
    /// thread.
    package init(library: DeviceLibrary, runInline: Bool) throws {
        calls = try RuntimeCalls(library)
        // 100002: some other part of this process has done it already.
        let status = calls.initialize(nil)
        guard status == 0 || status == 100_002 else {
            throw DeviceLibraryError("\(library.path): aclInit failed with \(status)")
        }
        var count: UInt32 = 0
        guard unsafe calls.deviceCount(&count) == 0, count > 0 else {
            throw DeviceLibraryError("\(library.path): reports no device")
        }
        deviceCount = Int(count)
        socName = unsafe calls.socName().map { unsafe String(cString: $0) } ?? "unknown"
        runsInline = runInline && calls.more.runInline.map { $0(1) == 0 } ?? false
    }

    /// The same library for another thread; it is initialised already.
    init(_ access: RuntimeAccess) {
        calls = access.calls
        deviceCount = access.deviceCount
        socName = access.socName
        runsInline = access.runsInline
    }

    /// What another thread needs to make one of these for itself.
    package var access: RuntimeAccess {
        RuntimeAccess(
            calls: calls, deviceCount: deviceCount, socName: socName, runsInline: runsInline)
    }

    /// Makes `device` the calling thread's; a no-op when it is already.
    package func select(_ device: Int32) throws(DeviceError) {
        guard device != currentDevice else { return }
        try check(calls.setDevice(device), "aclrtSetDevice")
        currentDevice = device
    }

    package func createStream(priority: UInt32, flags: UInt32) throws(DeviceError) -> DeviceHandle {
        var stream: DeviceHandle?
        try unsafe check(
            calls.createStream(&stream, priority, flags), "aclrtCreateStreamWithConfig")
        return try unsafe present(stream, "aclrtCreateStreamWithConfig")
    }

    package func destroyStream(_ stream: DeviceHandle) throws(DeviceError) {
        try unsafe check(calls.destroyStream(stream), "aclrtDestroyStream")
    }

    package func synchronize(_ stream: DeviceHandle) throws(DeviceError) {
        try unsafe check(calls.synchronizeStream(stream), "aclrtSynchronizeStream")
    }

    package func createEvent() throws(DeviceError) -> DeviceHandle {
        var event: DeviceHandle?
        try unsafe check(calls.createEvent(&event, 0), "aclrtCreateEventExWithFlag")
        return try unsafe present(event, "aclrtCreateEventExWithFlag")
    }

    package func destroyEvent(_ event: DeviceHandle) {
        _ = unsafe calls.destroyEvent(event)
    }

    package func record(_ event: DeviceHandle, on stream: DeviceHandle) throws(DeviceError) {
        try unsafe check(calls.recordEvent(event, stream), "aclrtRecordEvent")
    }

    /// Whether everything that `event` captured is done.
    package func isComplete(_ event: DeviceHandle) throws(DeviceError) -> Bool {
        var status: Int32 = 0
        try unsafe check(calls.queryEvent(event, &status), "aclrtQueryEventStatus")
        return status == 1  // ACL_EVENT_RECORDED_STATUS_COMPLETE
    }

    /// Memory of the current device, `bytes` long; the policy is an aclrtMemMallocPolicy.
    package func allocate(bytes: Int, policy: Int32) throws(DeviceError) -> UInt64 {
        var address: DeviceHandle?
        try unsafe check(calls.malloc(&address, bytes, policy), "aclrtMalloc of \(bytes) bytes")
        return unsafe UInt64(UInt(bitPattern: try present(address, "aclrtMalloc")))
    }

    package func free(_ address: UInt64) throws(DeviceError) {
        try unsafe check(calls.free(pointer(address)), "aclrtFree")
    }

    /// Copies at once; on `stream` where there is one.
    package func copy(
        to destination: UInt64, from source: UInt64, bytes: Int, kind: CopyKind,
        stream: DeviceHandle?
    ) throws(DeviceError) {
        let (to, from) = unsafe (pointer(destination), pointer(source))
        if let stream = unsafe stream {
            try unsafe check(
                calls.memcpyAsync(to, bytes, from, bytes, kind.rawValue, stream), "aclrtMemcpyAsync"
            )
        } else {
            try unsafe check(calls.memcpy(to, bytes, from, bytes, kind.rawValue), "aclrtMemcpy")
        }
    }

    /// Copies from `inline` where it holds anything, else from `source`.
    package func copy(
        to destination: UInt64, from source: UInt64, inline: [UInt8], bytes: Int, kind: CopyKind,
        stream: DeviceHandle?
    ) throws(DeviceError) {
        let failure = unsafe inline.withUnsafeBytes { buffer -> DeviceError? in
            let start =
                unsafe buffer.isEmpty ? source : UInt64(UInt(bitPattern: buffer.baseAddress))
            do throws(DeviceError) {
                try unsafe copy(
                    to: destination, from: start, bytes: bytes, kind: kind, stream: stream)
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    /// Sets bytes at once; on `stream` where there is one.
    package func fill(_ address: UInt64, value: Int32, bytes: Int, stream: DeviceHandle?)
        throws(DeviceError)
    {
        if let stream = unsafe stream {
            try unsafe check(
                calls.memsetAsync(pointer(address), bytes, value, bytes, stream), "aclrtMemsetAsync"
            )
        } else {
            try unsafe check(calls.memset(pointer(address), bytes, value, bytes), "aclrtMemset")
        }
    }

    /// Free and total bytes of the current device's memory.
    package func memoryInfo(attribute: Int32 = 1) throws(DeviceError) -> (free: Int, total: Int) {
        var (free, total) = (0, 0)
        try unsafe check(calls.memoryInfo(attribute, &free, &total), "aclrtGetMemInfo")
        return (free, total)
    }

    /// The library's message for the last error of this thread, or nil; reading clears it.
    package func takeErrorMessage() -> String? {
        unsafe calls.recentErrorMessage().map { unsafe String(cString: $0) }
    }

    func check(_ status: Int32, _ call: @autoclosure () -> String) throws(DeviceError) {
        if status == 0 { return }
        throw DeviceError(
            code: status, message: takeErrorMessage() ?? "\(call()) failed on the device")
    }

    func present(_ handle: DeviceHandle?, _ call: String) throws(DeviceError)
        -> DeviceHandle
    {
        guard let handle = unsafe handle else {
            throw DeviceError(code: 500_000, message: "\(call) succeeded but gave no handle")
        }
        return unsafe handle
    }

    func pointer(_ address: UInt64) -> DeviceHandle? {
        unsafe DeviceHandle(bitPattern: UInt(address))
    }
}

/// An initialised device library, to be given to the threads that call it.
package struct RuntimeAccess: Sendable {
    let calls: RuntimeCalls
    package let deviceCount: Int
    package let socName: String
    package let runsInline: Bool

    /// A runtime for one thread, which calls the library through no other: AscendCL's current device
    /// is the thread's, and this is who knows which that is.
    package func forOneThread() -> AscendRuntime { AscendRuntime(self) }
}
