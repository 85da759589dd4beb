// Choosing a device: aclrtSetDevice is counted for the process, and makes the device the thread's.

@c(aclrtGetDeviceCount)
public func aclrtGetDeviceCount(_ count: UnsafeMutablePointer<UInt32>?) -> Int32 {
    entryCall { () throws(Failure) in
        try required(count, "count").pointee = UInt32(Platform.shared.devices.count)
    }
}

@c(aclrtSetDevice)
public func aclrtSetDevice(_ device: Int32) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        let chosen = try platform.device(device)
        ThreadState.current.context = platform.lock.withLock { platform.set(chosen) }
    }
}

@c(aclrtGetDevice)
public func aclrtGetDevice(_ device: UnsafeMutablePointer<Int32>?) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(device, "deviceId")
        unsafe result.pointee = Int32(try ThreadState.current.requireContext().device.index)
    }
}

@c(aclrtResetDevice)
public func aclrtResetDevice(_ device: Int32) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        let chosen = try platform.device(device)
        platform.lock.withLock { platform.reset(chosen, isForced: false) }
    }
}

@c(aclrtResetDeviceForce)
public func aclrtResetDeviceForce(_ device: Int32) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        let chosen = try platform.device(device)
        platform.lock.withLock { platform.reset(chosen, isForced: true) }
    }
}

@c(aclrtQueryDeviceStatus)
public func aclrtQueryDeviceStatus(_ device: Int32, _ status: UnsafeMutablePointer<Int32>?) -> Int32
{
    entryCall { () throws(Failure) in
        let result = try required(status, "deviceStatus")
        _ = try Platform.shared.device(device)
        unsafe result.pointee = 0  // ACL_RT_DEVICE_STATUS_NORMAL
    }
}

@c(aclrtDeviceCanAccessPeer)
public func aclrtDeviceCanAccessPeer(
    _ canAccess: UnsafeMutablePointer<Int32>?, _ device: Int32, _ peer: Int32
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(canAccess, "canAccessPeer")
        let platform = Platform.shared
        unsafe result.pointee = try platform.device(device) === platform.device(peer) ? 0 : 1
    }
}

@c(aclrtDeviceEnablePeerAccess)
public func aclrtDeviceEnablePeerAccess(_ peer: Int32, _ flags: UInt32) -> Int32 {
    entryCall { () throws(Failure) in
        guard flags == 0 else { throw .invalid("flags \(flags) of peer access are not 0") }
        _ = try Platform.shared.device(peer)
        _ = try ThreadState.current.requireContext()
    }
}

@c(aclrtGetPrimaryCtxState)
public func aclrtGetPrimaryCtxState(
    _ device: Int32, _ flags: UnsafeMutablePointer<UInt32>?, _ active: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        let chosen = try platform.device(device)
        let isActive = platform.lock.withLock { chosen.primaryContext != nil }
        unsafe flags?.pointee = 0
        try required(active, "active").pointee = isActive ? 1 : 0
    }
}

@c(aclrtSetDeviceSatMode)
public func aclrtSetDeviceSatMode(_ mode: Int32) -> Int32 {
    entryCall { () throws(Failure) in
        guard (0...1).contains(mode) else {
            throw .invalid("\(mode) is not an aclrtFloatOverflowMode")
        }
        let device = try ThreadState.current.requireContext().device
        Platform.shared.lock.withLock { device.settings.overflowMode = mode }
    }
}

@c(aclrtGetDeviceSatMode)
public func aclrtGetDeviceSatMode(_ mode: UnsafeMutablePointer<Int32>?) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(mode, "mode")
        let device = try ThreadState.current.requireContext().device
        unsafe result.pointee = Platform.shared.lock.withLock { device.settings.overflowMode }
    }
}

extension Platform {
    /// The device's primary context, made by the first who sets the device.
    fileprivate func set(_ device: Device) -> Context {
        device.setCount += 1
        if let context = device.primaryContext { return context }
        let context = makeContext(on: device, isPrimary: true)
        device.primaryContext = context
        return context
    }

    /// Takes back one aclrtSetDevice, or all; with the last, the primary context and what is in it
    /// go.
    fileprivate func reset(_ device: Device, isForced: Bool) {
        device.setCount = isForced ? 0 : max(0, device.setCount - 1)
        guard device.setCount == 0, let context = device.primaryContext else { return }
        device.primaryContext = nil
        if !isForced { try? synchronize(device, .never) }
        retire(context)
        guard device.contextCount == 0 else { return }
        for stream in device.streams { retire(stream) }
        memory.freeAll(on: device.index)
    }
}
