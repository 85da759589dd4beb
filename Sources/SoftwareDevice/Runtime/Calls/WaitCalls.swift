// Waiting for the device.

@c(aclrtSynchronizeStream)
public func aclrtSynchronizeStream(_ stream: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in try unsafe synchronizeStream(stream, .never) }
}

@c(aclrtSynchronizeStreamWithTimeout)
public func aclrtSynchronizeStreamWithTimeout(
    _ stream: UnsafeMutableRawPointer?, _ timeout: Int32
) -> Int32 {
    entryCall { () throws(Failure) in
        try unsafe synchronizeStream(stream, Deadline(milliseconds: timeout))
    }
}

@c(aclrtSynchronizeDevice)
public func aclrtSynchronizeDevice() -> Int32 {
    entryCall { () throws(Failure) in try synchronizeDevice(.never) }
}

@c(aclrtSynchronizeDeviceWithTimeout)
public func aclrtSynchronizeDeviceWithTimeout(_ timeout: Int32) -> Int32 {
    entryCall { () throws(Failure) in try synchronizeDevice(Deadline(milliseconds: timeout)) }
}

@c(aclrtSynchronizeEvent)
public func aclrtSynchronizeEvent(_ event: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in try unsafe synchronizeEvent(event, .never) }
}

@c(aclrtSynchronizeEventWithTimeout)
public func aclrtSynchronizeEventWithTimeout(
    _ event: UnsafeMutableRawPointer?, _ timeout: Int32
) -> Int32 {
    entryCall { () throws(Failure) in
        try unsafe synchronizeEvent(event, Deadline(milliseconds: timeout))
    }
}

private func synchronizeStream(
    _ handle: UnsafeRawPointer?, _ deadline: Deadline
) throws(Failure) {
    let platform = Platform.shared
    try platform.lock.withLock { () throws(Failure) in
        try platform.synchronize(try platform.stream(handle), deadline)
    }
}

private func synchronizeDevice(_ deadline: Deadline) throws(Failure) {
    let device = try ThreadState.current.requireContext().device
    let platform = Platform.shared
    try platform.lock.withLock { () throws(Failure) in try platform.synchronize(device, deadline) }
}

private func synchronizeEvent(_ handle: UnsafeRawPointer?, _ deadline: Deadline) throws(Failure) {
    let platform = Platform.shared
    try platform.lock.withLock { () throws(Failure) in
        try platform.synchronize(try platform.event(handle), deadline)
    }
}
