// Core limits. They hold for operations that are prepared under them: phase one of a thread looks
// at the limits of the stream that the thread uses, then at those of its device.

@c(aclrtSetDeviceResLimit)
public func aclrtSetDeviceResLimit(_ device: Int32, _ type: Int32, _ value: UInt32) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        let chosen = try platform.device(device)
        let pool = try checkedPool(type, value)
        platform.lock.withLock { chosen.coreLimits[pool] = value }
    }
}

@c(aclrtGetDeviceResLimit)
public func aclrtGetDeviceResLimit(
    _ device: Int32, _ type: Int32, _ value: UnsafeMutablePointer<UInt32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(value, "value")
        let platform = Platform.shared
        let chosen = try platform.device(device)
        let pool = try corePool(type)
        unsafe result.pointee = platform.lock.withLock {
            chosen.coreLimits[pool] ?? Presented.cores(pool)
        }
    }
}

@c(aclrtResetDeviceResLimit)
public func aclrtResetDeviceResLimit(_ device: Int32) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        let chosen = try platform.device(device)
        platform.lock.withLock { chosen.coreLimits = CoreLimits() }
    }
}

@c(aclrtSetStreamResLimit)
public func aclrtSetStreamResLimit(
    _ stream: UnsafeMutableRawPointer?, _ type: Int32, _ value: UInt32
) -> Int32 {
    entryCall { () throws(Failure) in
        let pool = try checkedPool(type, value)
        try unsafe withStream(stream) { $0.coreLimits[pool] = value }
    }
}

@c(aclrtGetStreamResLimit)
public func aclrtGetStreamResLimit(
    _ stream: UnsafeMutableRawPointer?, _ type: Int32, _ value: UnsafeMutablePointer<UInt32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(value, "value")
        let pool = try corePool(type)
        unsafe result.pointee = try withStream(stream) {
            $0.effectiveCoreLimits[pool] ?? Presented.cores(pool)
        }
    }
}

@c(aclrtResetStreamResLimit)
public func aclrtResetStreamResLimit(_ stream: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in try unsafe withStream(stream) { $0.coreLimits = CoreLimits() }
    }
}

@c(aclrtUseStreamResInCurrentThread)
public func aclrtUseStreamResInCurrentThread(_ stream: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        ThreadState.current.limitingStream = unsafe try withStream(stream) { $0 }
    }
}

@c(aclrtUnuseStreamResInCurrentThread)
public func aclrtUnuseStreamResInCurrentThread(_ stream: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let found = try unsafe withStream(stream) { $0 }
        let state = ThreadState.current
        if state.limitingStream === found { state.limitingStream = nil }
    }
}

@c(aclrtGetResInCurrentThread)
public func aclrtGetResInCurrentThread(
    _ type: Int32, _ value: UnsafeMutablePointer<UInt32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(value, "value")
        let pool = try corePool(type)
        let context = try ThreadState.current.requireContext()
        let platform = Platform.shared
        unsafe result.pointee = platform.lock.withLock {
            platform.coreLimitsOfThread(on: context.device)[pool] ?? Presented.cores(pool)
        }
    }
}

private func corePool(_ type: Int32) throws(Failure) -> CoreLimits.Pool {
    guard let pool = CoreLimits.Pool(rawValue: type) else {
        throw .invalid("\(type) is not an aclrtDevResLimitType")
    }
    return pool
}

private func checkedPool(_ type: Int32, _ value: UInt32) throws(Failure) -> CoreLimits.Pool {
    let pool = try corePool(type)
    let cores = Presented.cores(pool)
    guard (1...cores).contains(value) else {
        throw .invalid("a limit of \(value) cores; the chip has 1…\(cores) of them")
    }
    return pool
}

private func withStream<Value>(
    _ handle: UnsafeRawPointer?, _ body: (Stream) -> Value
) throws(Failure) -> Value {
    let platform = Platform.shared
    return try platform.lock.withLock { () throws(Failure) in body(try platform.stream(handle)) }
}

extension Stream {
    fileprivate var effectiveCoreLimits: CoreLimits {
        coreLimits.falling(backTo: device.coreLimits)
    }
}

extension Platform {
    /// What holds for what this thread prepares for `device`. Called with the lock held.
    func coreLimitsOfThread(on device: Device) -> CoreLimits {
        guard let stream = ThreadState.current.limitingStream, stream.isAlive else {
            return device.coreLimits
        }
        return stream.effectiveCoreLimits
    }
}
