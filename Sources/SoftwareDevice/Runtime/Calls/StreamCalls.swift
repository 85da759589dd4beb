// Streams.

@c(aclrtCreateStream)
public func aclrtCreateStream(
    _ stream: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    unsafe createStream(stream, priority: 0, flags: 0)
}

@c(aclrtCreateStreamWithConfig)
public func aclrtCreateStreamWithConfig(
    _ stream: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ priority: UInt32, _ flags: UInt32
) -> Int32 {
    unsafe createStream(stream, priority: priority, flags: flags)
}

private func createStream(
    _ stream: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, priority: UInt32, flags: UInt32
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(stream, "stream")
        let device = try ThreadState.current.requireContext().device
        let platform = Platform.shared
        unsafe result.pointee = platform.lock.withLock {
            platform.streams.insert(
                platform.makeStream(on: device, priority: priority, flags: flags))
        }
    }
}

@c(aclrtDestroyStream)
public func aclrtDestroyStream(_ stream: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        try unsafe Platform.shared.destroyStream(stream, isForced: false)
    }
}

@c(aclrtDestroyStreamForce)
public func aclrtDestroyStreamForce(_ stream: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        try unsafe Platform.shared.destroyStream(stream, isForced: true)
    }
}

@c(aclrtStreamAbort)
public func aclrtStreamAbort(_ stream: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        try platform.lock.withLock { () throws(Failure) in
            unsafe platform.discardTasks(of: try platform.stream(stream))
            platform.settle()
        }
    }
}

/// What is computed for the stream stops at its next piece; what it has not begun stays. For a daemon
/// whose thread is inside a launch and cannot abort the stream before that returns.
@c(flexnpu_device_cancel)
public func flexnpuDeviceCancel(_ stream: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        try platform.lock.withLock { () throws(Failure) in
            try unsafe platform.stream(stream).cancelComputing()
        }
    }
}

@c(aclrtStreamQuery)
public func aclrtStreamQuery(
    _ stream: UnsafeMutableRawPointer?, _ status: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(status, "status")
        let isDone = try unsafe withStream(stream) { $0.isDone }
        unsafe result.pointee = isDone ? 0 : 1  // ACL_STREAM_STATUS_COMPLETE, _NOT_READY
    }
}

@c(aclrtSetStreamFailureMode)
public func aclrtSetStreamFailureMode(_ stream: UnsafeMutableRawPointer?, _ mode: UInt64) -> Int32 {
    // Either way a failure is told at the next synchronize, and later tasks still run.
    entryCall { () throws(Failure) in
        guard mode <= 1 else { throw .invalid("\(mode) is not a failure mode") }
        _ = try unsafe withStream(stream) { $0.id }
    }
}

@c(aclrtStreamGetId)
public func aclrtStreamGetId(
    _ stream: UnsafeMutableRawPointer?, _ id: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try required(id, "streamId").pointee = try unsafe withStream(stream) { $0.id }
    }
}

@c(aclrtStreamGetPriority)
public func aclrtStreamGetPriority(
    _ stream: UnsafeMutableRawPointer?, _ priority: UnsafeMutablePointer<UInt32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try required(priority, "priority").pointee = try unsafe withStream(stream) { $0.priority }
    }
}

@c(aclrtStreamGetFlags)
public func aclrtStreamGetFlags(
    _ stream: UnsafeMutableRawPointer?, _ flags: UnsafeMutablePointer<UInt32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try required(flags, "flags").pointee = try unsafe withStream(stream) { $0.flags }
    }
}

@c(aclrtDeviceGetStreamPriorityRange)
public func aclrtDeviceGetStreamPriorityRange(
    _ least: UnsafeMutablePointer<Int32>?, _ greatest: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try required(least, "leastPriority").pointee = 7
        try required(greatest, "greatestPriority").pointee = 0
    }
}

@c(aclmdlRICaptureGetInfo)
public func aclmdlRICaptureGetInfo(
    _ stream: UnsafeMutableRawPointer?, _ status: UnsafeMutablePointer<Int32>?,
    _ graph: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(status, "status")
        _ = try unsafe withStream(stream) { $0.id }
        unsafe result.pointee = 0  // ACL_MODEL_RI_CAPTURE_STATUS_NONE
        unsafe graph?.pointee = nil
    }
}

private func withStream<Value>(
    _ handle: UnsafeRawPointer?, _ body: (Stream) -> Value
) throws(Failure) -> Value {
    let platform = Platform.shared
    return try platform.lock.withLock { () throws(Failure) in
        platform.catchUp()
        return body(try platform.stream(handle))
    }
}

extension Platform {
    fileprivate func destroyStream(
        _ handle: UnsafeMutableRawPointer?, isForced: Bool
    ) throws(Failure) {
        try lock.withLock { () throws(Failure) in
            guard let stream = unsafe streams.object(handle), stream.isAlive,
                unsafe handle != defaultHandle(of: stream)
            else {
                throw .invalid("0x\(hex(UInt(bitPattern: handle))) is not a stream to destroy")
            }
            _ = unsafe streams.remove(handle)
            if !isForced { try? synchronize(stream, .never) }
            retire(stream)
            settle()
        }
    }

    /// A context's default stream goes with the context only.
    private func defaultHandle(of stream: Stream) -> UnsafeMutableRawPointer? {
        guard let context = stream.device.primaryContext, context.defaultStream === stream else {
            return nil
        }
        return unsafe context.defaultStreamHandle
    }
}
