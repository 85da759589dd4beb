// Contexts: the thread-local place calls work in.

@c(aclrtCreateContext)
public func aclrtCreateContext(
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ device: Int32
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(context, "context")
        let platform = Platform.shared
        let chosen = try platform.device(device)
        let made = platform.lock.withLock { platform.makeContext(on: chosen, isPrimary: false) }
        ThreadState.current.context = made
        unsafe result.pointee = made.handle
    }
}

@c(aclrtDestroyContext)
public func aclrtDestroyContext(_ context: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        try platform.lock.withLock { () throws(Failure) in
            let found = try unsafe platform.context(context)
            guard !found.isPrimary else {
                throw .invalid("the context of aclrtSetDevice goes with aclrtResetDevice")
            }
            try? platform.synchronize(found.defaultStream, .never)
            platform.retire(found)
        }
    }
}

@c(aclrtSetCurrentContext)
public func aclrtSetCurrentContext(_ context: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        ThreadState.current.context = try platform.lock.withLock { () throws(Failure) in
            try unsafe platform.context(context)
        }
    }
}

@c(aclrtGetCurrentContext)
public func aclrtGetCurrentContext(
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(context, "context")
        unsafe result.pointee = try ThreadState.current.requireContext().handle
    }
}

@c(aclrtCtxGetCurrentDefaultStream)
public func aclrtCtxGetCurrentDefaultStream(
    _ stream: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(stream, "stream")
        unsafe result.pointee = try ThreadState.current.requireContext().defaultStreamHandle
    }
}

@c(aclrtCtxSetSysParamOpt)
public func aclrtCtxSetSysParamOpt(_ option: Int32, _ value: Int64) -> Int32 {
    entryCall { () throws(Failure) in
        let context = try ThreadState.current.requireContext()
        Platform.shared.lock.withLock { context.parameters[option] = value }
    }
}

@c(aclrtCtxGetSysParamOpt)
public func aclrtCtxGetSysParamOpt(_ option: Int32, _ value: UnsafeMutablePointer<Int64>?) -> Int32
{
    entryCall { () throws(Failure) in
        let result = try required(value, "value")
        let context = try ThreadState.current.requireContext()
        unsafe result.pointee = Platform.shared.lock.withLock { context.parameters[option] ?? 0 }
    }
}

extension Platform {
    @safe func context(_ handle: UnsafeRawPointer?) throws(Failure) -> Context {
        guard let context = contexts.object(handle) else {
            throw .invalid("0x\(hex(UInt(bitPattern: handle))) is not a context")
        }
        return context
    }

    func makeContext(on device: Device, isPrimary: Bool) -> Context {
        ForkGuard.arm()
        let stream = makeStream(on: device, priority: 0, flags: 0)
        let context = Context(device: device, isPrimary: isPrimary, defaultStream: stream)
        unsafe context.defaultStreamHandle = streams.insert(stream)
        unsafe context.handle = contexts.insert(context)
        device.contextCount += 1
        return context
    }

    func retire(_ context: Context) {
        context.end()
        context.device.contextCount -= 1
        _ = unsafe streams.remove(context.defaultStreamHandle)
        _ = unsafe contexts.remove(context.handle)
        retire(context.defaultStream)
    }
}
