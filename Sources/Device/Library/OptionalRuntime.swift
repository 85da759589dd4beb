/// What a device library may lack: said so where it does.
extension AscendRuntime {
    /// Later work of `stream` waits for the latest record of `event`.
    func wait(for event: DeviceHandle, on stream: DeviceHandle) throws(DeviceError) {
        let call = try unsafe offered(calls.more.waitEvent, "aclrtStreamWaitEvent")
        try unsafe check(call(stream, event), "aclrtStreamWaitEvent")
    }

    func abort(_ stream: DeviceHandle) throws(DeviceError) {
        let call = try unsafe offered(calls.more.abortStream, "aclrtStreamAbort")
        try unsafe check(call(stream), "aclrtStreamAbort")
    }

    /// Makes `bytes` of this process's memory known to the current device; its address there.
    func registerHost(_ address: UInt64, bytes: UInt64) throws(DeviceError) -> UInt64 {
        let call = try unsafe offered(calls.more.registerHost, "aclrtHostRegister")
        var mapped: DeviceHandle?
        // ACL_HOST_REGISTER_MAPPED is 0.
        try unsafe check(call(pointer(address), bytes, 0, &mapped), "aclrtHostRegister")
        return UInt64(UInt(bitPattern: mapped))
    }

    func unregisterHost(_ address: UInt64) throws(DeviceError) {
        let call = try unsafe offered(calls.more.unregisterHost, "aclrtHostUnregister")
        try unsafe check(call(pointer(address)), "aclrtHostUnregister")
    }

    /// Sets an option (an aclSysParamOpt) for what the current device's context prepares from here on.
    func setOption(_ option: Int32, to value: Int64) throws(DeviceError) {
        let call = try offered(calls.more.setOption, "aclrtCtxSetSysParamOpt")
        try check(call(option, value), "aclrtCtxSetSysParamOpt")
    }

    private func offered<Function>(_ function: Function?, _ name: String) throws(DeviceError)
        -> Function
    {
        if let function { return function }
        throw DeviceError(
            code: 200_006, message: "\(name): the device library has no such function")
    }
}

/// The cores that operations may hold: what is set for a stream, and whose setting this thread's
/// phase one goes by.
struct CoreLimits: Equatable {
    var cube: UInt16
    var vector: UInt16
    static let none = CoreLimits(cube: 0, vector: 0)
    var isNone: Bool { self == .none }
}

/// What an operation was prepared under: an executor that is kept serves only those that are prepared
/// under the same.
struct LaunchConditions: Equatable {
    var limits = CoreLimits.none
    /// A bit an aclSysParamOpt.
    var options: UInt8 = 0
    static let none = LaunchConditions()
    var word: UInt64 {
        UInt64(options) << 32 | UInt64(limits.cube) << 16 | UInt64(limits.vector)
    }
}

extension AscendRuntime {
    /// Whether limits of streams mean anything here.
    var hasStreamLimits: Bool {
        unsafe calls.more.setStreamLimit != nil && calls.more.useStreamLimits != nil
    }

    /// Sets the limits of `stream`. What is prepared under them keeps them.
    func setLimits(_ limits: CoreLimits, of stream: DeviceHandle) throws(DeviceError) {
        if limits.cube == 0 || limits.vector == 0, let reset = unsafe calls.more.resetStreamLimit {
            try unsafe check(reset(stream), "aclrtResetStreamResLimit")
        }
        // ACL_RT_DEV_RES_CUBE_CORE is 0, ACL_RT_DEV_RES_VECTOR_CORE 1.
        for (kind, cores) in [(Int32(0), limits.cube), (1, limits.vector)] where cores > 0 {
            guard let set = unsafe calls.more.setStreamLimit else { return }
            try unsafe check(set(stream, kind, UInt32(cores)), "aclrtSetStreamResLimit")
        }
    }

    /// What this thread prepares from here on goes by the limits of `stream`; nil: by the device's.
    func useLimits(of stream: DeviceHandle, _ isUsed: Bool) throws(DeviceError) {
        if isUsed {
            guard let use = unsafe calls.more.useStreamLimits else { return }
            try unsafe check(use(stream), "aclrtUseStreamResInCurrentThread")
        } else {
            guard let unuse = unsafe calls.more.unuseStreamLimits else { return }
            try unsafe check(unuse(stream), "aclrtUnuseStreamResInCurrentThread")
        }
    }
}
