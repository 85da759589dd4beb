/// What an AscendCL call answered when it was not success.
package struct DeviceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An aclError or aclnnStatus.
    package var code: Int32
    /// The device library's own words, or ours where it has none.
    package var message: String
    package var description: String { "\(message) (\(code))" }
    package init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }
}

extension DeviceError {
    /// Dropped by an abort before the device was done with it.
    package static let aborted = DeviceError(
        code: abortedCode, message: "the stream was aborted before this was done")
    /// ACL_ERROR_RT_DEVICE_TASK_ABORT
    private static let abortedCode: Int32 = 107_022
}

package typealias DeviceHandle = UnsafeMutableRawPointer

/// The functions of AscendCL's runtime part that the daemon calls, by their C shapes.
// C functions of a library that is never unloaded; AscendCL's may be called from any thread. Safe
// to hold: a call that takes a pointer says `unsafe` where it is made.
@safe struct RuntimeCalls: @unchecked Sendable {
    typealias Status = Int32
    typealias HandleOut = UnsafeMutablePointer<DeviceHandle?>?

    let initialize: @convention(c) (UnsafePointer<CChar>?) -> Status
    let deviceCount: @convention(c) (UnsafeMutablePointer<UInt32>?) -> Status
    let setDevice: @convention(c) (Int32) -> Status
    let socName: @convention(c) () -> UnsafePointer<CChar>?
    let recentErrorMessage: @convention(c) () -> UnsafePointer<CChar>?
    let createStream: @convention(c) (HandleOut, UInt32, UInt32) -> Status
    let destroyStream: @convention(c) (DeviceHandle?) -> Status
    let synchronizeStream: @convention(c) (DeviceHandle?) -> Status
    let createEvent: @convention(c) (HandleOut, UInt32) -> Status
    let destroyEvent: @convention(c) (DeviceHandle?) -> Status
    let recordEvent: @convention(c) (DeviceHandle?, DeviceHandle?) -> Status
    let queryEvent: @convention(c) (DeviceHandle?, UnsafeMutablePointer<Int32>?) -> Status
    let malloc: @convention(c) (HandleOut, Int, Int32) -> Status
    let free: @convention(c) (DeviceHandle?) -> Status
    let memcpy: @convention(c) (DeviceHandle?, Int, DeviceHandle?, Int, Int32) -> Status
    let memcpyAsync:
        @convention(c) (DeviceHandle?, Int, DeviceHandle?, Int, Int32, DeviceHandle?) -> Status
    let memset: @convention(c) (DeviceHandle?, Int, Int32, Int) -> Status
    let memsetAsync: @convention(c) (DeviceHandle?, Int, Int32, Int, DeviceHandle?) -> Status
    let memoryInfo:
        @convention(c) (Int32, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<Int>?) -> Status
    let more: OptionalRuntimeCalls

    init(_ library: DeviceLibrary) throws(DeviceLibraryError) {
        func find<Function>(_ name: String, _ type: Function.Type) throws(DeviceLibraryError)
            -> Function
        { try unsafe library.required(name, as: type) }
        unsafe initialize = try find(
            "aclInit", (@convention(c) (UnsafePointer<CChar>?) -> Status).self)
        unsafe deviceCount = try find(
            "aclrtGetDeviceCount",
            (@convention(c) (UnsafeMutablePointer<UInt32>?) -> Status).self)
        setDevice = try find("aclrtSetDevice", (@convention(c) (Int32) -> Status).self)
        unsafe socName = try find(
            "aclrtGetSocName", (@convention(c) () -> UnsafePointer<CChar>?).self)
        unsafe recentErrorMessage = try find(
            "aclGetRecentErrMsg", (@convention(c) () -> UnsafePointer<CChar>?).self)
        unsafe createStream = try find(
            "aclrtCreateStreamWithConfig",
            (@convention(c) (HandleOut, UInt32, UInt32) -> Status).self)
        typealias OneHandle = @convention(c) (DeviceHandle?) -> Status
        unsafe destroyStream = try find("aclrtDestroyStream", OneHandle.self)
        unsafe synchronizeStream = try find("aclrtSynchronizeStream", OneHandle.self)
        unsafe createEvent = try find(
            "aclrtCreateEventExWithFlag", (@convention(c) (HandleOut, UInt32) -> Status).self)
        unsafe destroyEvent = try find("aclrtDestroyEvent", OneHandle.self)
        unsafe recordEvent = try find(
            "aclrtRecordEvent", (@convention(c) (DeviceHandle?, DeviceHandle?) -> Status).self)
        unsafe queryEvent = try find(
            "aclrtQueryEventStatus",
            (@convention(c) (DeviceHandle?, UnsafeMutablePointer<Int32>?) -> Status).self)
        unsafe malloc = try find(
            "aclrtMalloc", (@convention(c) (HandleOut, Int, Int32) -> Status).self)
        unsafe free = try find("aclrtFree", OneHandle.self)
        unsafe memcpy = try find(
            "aclrtMemcpy",
            (@convention(c) (DeviceHandle?, Int, DeviceHandle?, Int, Int32) -> Status).self)
        unsafe memcpyAsync = try find(
            "aclrtMemcpyAsync",
            (@convention(c) (DeviceHandle?, Int, DeviceHandle?, Int, Int32, DeviceHandle?)
                -> Status).self)
        unsafe memset = try find(
            "aclrtMemset", (@convention(c) (DeviceHandle?, Int, Int32, Int) -> Status).self)
        unsafe memsetAsync = try find(
            "aclrtMemsetAsync",
            (@convention(c) (DeviceHandle?, Int, Int32, Int, DeviceHandle?) -> Status).self)
        unsafe memoryInfo = try find(
            "aclrtGetMemInfo",
            (@convention(c) (Int32, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<Int>?)
                -> Status).self)
        more = OptionalRuntimeCalls(library)
    }
}

/// Which way a copy goes: aclrtMemcpyKind.
package enum CopyKind: Int32, Sendable {
    case hostToHost = 0
    case hostToDevice = 1
    case deviceToHost = 2
    case deviceToDevice = 3
}
