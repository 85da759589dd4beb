/// Functions of AscendCL's runtime part that a device library may lack, by their C shapes.
// Safe to hold: a call that takes a pointer says `unsafe` where it is made.
@safe struct OptionalRuntimeCalls {
    typealias Status = Int32
    typealias TwoHandles = @convention(c) (DeviceHandle?, DeviceHandle?) -> Status
    typealias OneHandle = @convention(c) (DeviceHandle?) -> Status

    let waitEvent: TwoHandles?
    let abortStream: OneHandle?
    let eventTimestamp: (@convention(c) (DeviceHandle?, UnsafeMutablePointer<UInt64>?) -> Status)?
    let setStreamLimit: (@convention(c) (DeviceHandle?, Int32, UInt32) -> Status)?
    let resetStreamLimit: OneHandle?
    let useStreamLimits: OneHandle?
    let unuseStreamLimits: OneHandle?
    let registerHost:
        (
            @convention(c) (DeviceHandle?, UInt64, Int32, UnsafeMutablePointer<DeviceHandle?>?)
                -> Status
        )?
    let unregisterHost: OneHandle?
    let setOption: (@convention(c) (Int32, Int64) -> Status)?
    /// The software device's own: run operations in the calling thread; hardware has no such switch.
    let runInline: (@convention(c) (Int32) -> Int32)?
    /// The software device's own: when an event was reached, on this host's monotonic clock.
    let eventNanoseconds: (@convention(c) (DeviceHandle?, UnsafeMutablePointer<UInt64>?) -> Int32)?
    /// The software device's own: what a stream computes stops; hardware needs no such call, for a
    /// launch does not last as long as its operation there.
    let cancelStream: OneHandle?
    /// Host nanoseconds that one nanosecond of the chip takes.
    let timeScale: Double

    init(_ library: DeviceLibrary) {
        unsafe waitEvent = library.optional("aclrtStreamWaitEvent", as: TwoHandles.self)
        unsafe abortStream = library.optional("aclrtStreamAbort", as: OneHandle.self)
        unsafe eventTimestamp = library.optional(
            "aclrtEventGetTimestamp",
            as: (@convention(c) (DeviceHandle?, UnsafeMutablePointer<UInt64>?) -> Status).self)
        unsafe setStreamLimit = library.optional(
            "aclrtSetStreamResLimit",
            as: (@convention(c) (DeviceHandle?, Int32, UInt32) -> Status).self)
        unsafe resetStreamLimit = library.optional("aclrtResetStreamResLimit", as: OneHandle.self)
        unsafe useStreamLimits = library.optional(
            "aclrtUseStreamResInCurrentThread", as: OneHandle.self)
        unsafe unuseStreamLimits = library.optional(
            "aclrtUnuseStreamResInCurrentThread", as: OneHandle.self)
        unsafe registerHost = library.optional(
            "aclrtHostRegister",
            as: (@convention(c) (DeviceHandle?, UInt64, Int32, UnsafeMutablePointer<DeviceHandle?>?)
                -> Status).self)
        unsafe unregisterHost = library.optional("aclrtHostUnregister", as: OneHandle.self)
        setOption = unsafe library.optional(
            "aclrtCtxSetSysParamOpt", as: (@convention(c) (Int32, Int64) -> Status).self)
        runInline = unsafe library.optional(
            "flexnpu_device_run_inline", as: (@convention(c) (Int32) -> Int32).self)
        unsafe cancelStream = library.optional("flexnpu_device_cancel", as: OneHandle.self)
        timeScale = library.timeScale
        unsafe eventNanoseconds = library.optional(
            "flexnpu_device_event_ns",
            as: (@convention(c) (DeviceHandle?, UnsafeMutablePointer<UInt64>?) -> Int32).self)
    }
}
