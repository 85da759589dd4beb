// Events: what they mean is in Streams/Mark.swift.

@c(aclrtCreateEvent)
public func aclrtCreateEvent(_ event: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Int32 {
    unsafe createEvent(event, isCompleteUnrecorded: false)
}

@c(aclrtCreateEventWithFlag)
public func aclrtCreateEventWithFlag(
    _ event: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ flag: UInt32
) -> Int32 {
    unsafe createEvent(event, isCompleteUnrecorded: false)
}

@c(aclrtCreateEventExWithFlag)
public func aclrtCreateEventExWithFlag(
    _ event: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ flag: UInt32
) -> Int32 {
    unsafe createEvent(event, isCompleteUnrecorded: true)
}

private func createEvent(
    _ event: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, isCompleteUnrecorded: Bool
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(event, "event")
        _ = try ThreadState.current.requireContext()
        let platform = Platform.shared
        let made = Event(isCompleteUnrecorded: isCompleteUnrecorded)
        unsafe result.pointee = platform.lock.withLock { platform.events.insert(made) }
    }
}

@c(aclrtDestroyEvent)
public func aclrtDestroyEvent(_ event: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        try platform.lock.withLock { () throws(Failure) in
            _ = try unsafe platform.event(event)
            _ = unsafe platform.events.remove(event)
        }
    }
}

@c(aclrtRecordEvent)
public func aclrtRecordEvent(
    _ event: UnsafeMutableRawPointer?, _ stream: UnsafeMutableRawPointer?
) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        let call = BusyCall(platform.settings.hostCost.otherNanoseconds)
        call.finish()
        try platform.lock.withLock { () throws(Failure) in
            let (event, stream) = unsafe (try platform.event(event), try platform.stream(stream))
            do throws(Failure) {
                try platform.enqueue(.record(event.record()), on: stream)
            } catch {
                // Not in the stream: nobody may come to wait for it.
                event.reset()
                throw error
            }
        }
    }
}

@c(aclrtResetEvent)
public func aclrtResetEvent(
    _ event: UnsafeMutableRawPointer?, _ stream: UnsafeMutableRawPointer?
) -> Int32 {
    // A wait is bound to its record when it is enqueued, so a reset needs no place in the stream.
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        try platform.lock.withLock { () throws(Failure) in
            _ = try unsafe platform.stream(stream)
            try unsafe platform.event(event).reset()
        }
    }
}

@c(aclrtStreamWaitEvent)
public func aclrtStreamWaitEvent(
    _ stream: UnsafeMutableRawPointer?, _ event: UnsafeMutableRawPointer?
) -> Int32 {
    entryCall { () throws(Failure) in try unsafe Platform.shared.enqueueWait(stream, event) }
}

@c(aclrtStreamWaitEventWithTimeout)
public func aclrtStreamWaitEventWithTimeout(
    _ stream: UnsafeMutableRawPointer?, _ event: UnsafeMutableRawPointer?, _ timeout: Int32
) -> Int32 {
    // A record that a wait is bound to is always reached or dropped, so the timeout has nothing to
    // guard.
    entryCall { () throws(Failure) in
        guard timeout >= -1 else { throw .invalid("timeout \(timeout) is negative") }
        try unsafe Platform.shared.enqueueWait(stream, event)
    }
}

@c(aclrtQueryEvent)
public func aclrtQueryEvent(
    _ event: UnsafeMutableRawPointer?, _ status: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(status, "status")
        unsafe result.pointee = try withEvent(event) { $0.isComplete ? 0 : 1 }
    }
}

@c(aclrtQueryEventStatus)
public func aclrtQueryEventStatus(
    _ event: UnsafeMutableRawPointer?, _ status: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(status, "status")
        unsafe result.pointee = try withEvent(event) { $0.isComplete ? 1 : 0 }
    }
}

@c(aclrtQueryEventWaitStatus)
public func aclrtQueryEventWaitStatus(
    _ event: UnsafeMutableRawPointer?, _ status: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(status, "status")
        unsafe result.pointee = try withEvent(event) { $0.pendingWaitCount == 0 ? 0 : 1 }
    }
}

@c(aclrtEventElapsedTime)
public func aclrtEventElapsedTime(
    _ milliseconds: UnsafeMutablePointer<Float>?, _ start: UnsafeMutableRawPointer?,
    _ end: UnsafeMutableRawPointer?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(milliseconds, "ms")
        let from = try unsafe withEvent(start) { $0.reachedNanoseconds }
        let to = try unsafe withEvent(end) { $0.reachedNanoseconds }
        guard let from, let to else {
            throw Failure(Status.notComparable, "both events must be recorded and reached")
        }
        unsafe result.pointee = Float(Double(Int64(bitPattern: to &- from)) / 1e6)
    }
}

@c(aclrtEventGetTimestamp)
public func aclrtEventGetTimestamp(
    _ event: UnsafeMutableRawPointer?, _ microseconds: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(microseconds, "timestamp")
        guard let time = try unsafe withEvent(event, { $0.reachedNanoseconds }) else {
            throw Failure(Status.notComparable, "the event is not recorded, or not reached yet")
        }
        unsafe result.pointee = time / 1000
    }
}

private func withEvent<Value>(
    _ handle: UnsafeRawPointer?, _ body: (Event) -> Value
) throws(Failure) -> Value {
    let platform = Platform.shared
    return try platform.lock.withLock { () throws(Failure) in
        platform.catchUp()
        return body(try platform.event(handle))
    }
}

extension Platform {
    fileprivate func enqueueWait(
        _ stream: UnsafeMutableRawPointer?, _ event: UnsafeMutableRawPointer?
    ) throws(Failure) {
        let call = BusyCall(settings.hostCost.otherNanoseconds)
        call.finish()
        try lock.withLock { () throws(Failure) in
            let (stream, event) = unsafe (try self.stream(stream), try self.event(event))
            if let mark = event.mark { try enqueue(.wait(mark, event), on: stream) }
        }
    }
}
