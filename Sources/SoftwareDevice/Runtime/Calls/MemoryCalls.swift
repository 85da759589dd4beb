// Device and host memory.

@c(aclrtMalloc)
public func aclrtMalloc(
    _ pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ bytes: Int, _ policy: Int32
) -> Int32 {
    unsafe allocate(pointer, bytes)
}

@c(aclrtMallocAlign32)
public func aclrtMallocAlign32(
    _ pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ bytes: Int, _ policy: Int32
) -> Int32 {
    unsafe allocate(pointer, bytes)
}

@c(aclrtMallocCached)
public func aclrtMallocCached(
    _ pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ bytes: Int, _ policy: Int32
) -> Int32 {
    unsafe allocate(pointer, bytes)
}

@c(aclrtMallocWithCfg)
public func aclrtMallocWithCfg(
    _ pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ bytes: Int, _ policy: Int32,
    _ configuration: UnsafeMutableRawPointer?
) -> Int32 {
    guard unsafe configuration == nil else { return refuseConfiguration("aclrtMallocWithCfg") }
    return unsafe allocate(pointer, bytes)
}

private func allocate(
    _ pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ bytes: Int
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(pointer, "devPtr")
        let device = try ThreadState.current.requireContext().device
        unsafe result.pointee = try Platform.shared.memory.allocate(bytes: bytes, on: device.index)
    }
}

@c(aclrtFree)
public func aclrtFree(_ pointer: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        unsafe platform.finishUsers(of: pointer)
        try unsafe platform.memory.free(pointer)
    }
}

@c(aclrtMallocHost)
public func aclrtMallocHost(
    _ pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ bytes: Int
) -> Int32 {
    unsafe allocateHost(pointer, bytes)
}

@c(aclrtMallocHostWithCfg)
public func aclrtMallocHostWithCfg(
    _ pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ bytes: UInt64,
    _ configuration: UnsafeMutableRawPointer?
) -> Int32 {
    guard unsafe configuration == nil else { return refuseConfiguration("aclrtMallocHostWithCfg") }
    return unsafe allocateHost(pointer, Int(clamping: bytes))
}

private func allocateHost(
    _ pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ bytes: Int
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(pointer, "hostPtr")
        unsafe result.pointee = try Platform.shared.memory.allocateHost(bytes: bytes)
    }
}

@c(aclrtFreeHost)
public func aclrtFreeHost(_ pointer: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        unsafe platform.finishUsers(of: pointer)
        try unsafe platform.memory.freeHost(pointer)
    }
}

@c(aclrtHostRegister)
public func aclrtHostRegister(
    _ pointer: UnsafeMutableRawPointer?, _ bytes: UInt64, _ type: Int32,
    _ mapped: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(mapped, "devPtr")
        // ACL_HOST_REGISTER_MAPPED is the only type there is.
        guard type == 0 else { throw .invalid("\(type) is not an aclrtHostRegisterType") }
        let device = try ThreadState.current.requireContext().device
        unsafe try Platform.shared.memory.registerHost(pointer, bytes: bytes, on: device.index)
        unsafe result.pointee = pointer
    }
}

@c(aclrtHostUnregister)
public func aclrtHostUnregister(_ pointer: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let device = try ThreadState.current.requireContext().device
        let platform = Platform.shared
        unsafe platform.finishUsers(of: pointer)
        unsafe try platform.memory.unregisterHost(pointer, on: device.index)
    }
}

extension Platform {
    /// Memory is freed after the work that was enqueued before. In inline mode that work is done
    /// already, or stands behind an event that its driver, who frees in order, has yet to reach.
    fileprivate func finishUsers(of pointer: UnsafeRawPointer?) {
        let place = unsafe memory.place(of: pointer)
        lock.withLock {
            guard !runsInline else { return }
            switch place {
            case .device(let index): drain(devices[index])
            case .pinnedHost: for device in devices { drain(device) }
            case .strayDevice, .pageableHost: break
            }
        }
    }
}

private func refuseConfiguration(_ call: StaticString) -> Int32 {
    entryCall { () throws(Failure) in
        throw Failure(Status.featureUnsupported, "\(call) with a configuration is not supported")
    }
}

@c(aclrtGetMemInfo)
public func aclrtGetMemInfo(
    _ attribute: Int32, _ free: UnsafeMutablePointer<Int>?, _ total: UnsafeMutablePointer<Int>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let (freeResult, totalResult) = (try required(free, "free"), try required(total, "total"))
        guard (0...17).contains(attribute) else {
            throw .invalid("\(attribute) is not an aclrtMemAttr")
        }
        let device = try ThreadState.current.requireContext().device
        let usage = Platform.shared.memory.usage(of: device.index)
        unsafe freeResult.pointee = Int(usage.free)
        unsafe totalResult.pointee = Int(usage.total)
    }
}

@c(aclrtPointerGetAttributes)
public func aclrtPointerGetAttributes(
    _ pointer: UnsafeRawPointer?, _ attributes: UnsafeMutableRawPointer?
) -> Int32 {
    entryCall { () throws(Failure) in
        guard let pointer = unsafe pointer, let attributes = unsafe attributes else {
            throw .invalid("ptr or attributes is NULL")
        }
        let (id, location, pageBytes): (UInt32, UInt32, UInt32)
        switch unsafe Platform.shared.memory.place(of: pointer) {
        case .device(let index): (id, location, pageBytes) = (UInt32(index), 1, 2 << 20)
        case .pinnedHost: (id, location, pageBytes) = (0, 0, 4096)
        case .pageableHost, .strayDevice: (id, location, pageBytes) = (0, 2, 0)
        }
        // aclrtPtrAttributes: the location's id and type, the page size, four reserved words.
        for (index, word) in [id, location, pageBytes, 0, 0, 0, 0].enumerated() {
            unsafe attributes.storeBytes(of: word, toByteOffset: index * 4, as: UInt32.self)
        }
    }
}
