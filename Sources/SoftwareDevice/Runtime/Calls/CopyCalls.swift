// Copying and filling, at once or on a stream. What is done at once does not wait for streams.

@c(aclrtMemcpy)
public func aclrtMemcpy(
    _ destination: UnsafeMutableRawPointer?, _ capacity: Int, _ source: UnsafeRawPointer?,
    _ bytes: Int, _ kind: Int32
) -> Int32 {
    entryCall { () throws(Failure) in
        let copy = try unsafe makeCopy(destination, capacity, source, bytes, kind)
        if let copy { Platform.shared.performDirectly(.copy(copy)) }
    }
}

@c(aclrtMemcpyAsync)
public func aclrtMemcpyAsync(
    _ destination: UnsafeMutableRawPointer?, _ capacity: Int, _ source: UnsafeRawPointer?,
    _ bytes: Int, _ kind: Int32, _ stream: UnsafeMutableRawPointer?
) -> Int32 {
    entryCall { () throws(Failure) in
        try unsafe enqueue(try makeCopy(destination, capacity, source, bytes, kind), on: stream)
    }
}

@c(aclrtMemcpy2d)
public func aclrtMemcpy2d(
    _ destination: UnsafeMutableRawPointer?, _ destinationPitch: Int, _ source: UnsafeRawPointer?,
    _ sourcePitch: Int, _ width: Int, _ height: Int, _ kind: Int32
) -> Int32 {
    entryCall { () throws(Failure) in
        let copy = try unsafe makeCopy2D(
            destination, destinationPitch, source, sourcePitch, width, height, kind)
        if let copy { Platform.shared.performDirectly(.copy(copy)) }
    }
}

@c(aclrtMemcpy2dAsync)
public func aclrtMemcpy2dAsync(
    _ destination: UnsafeMutableRawPointer?, _ destinationPitch: Int, _ source: UnsafeRawPointer?,
    _ sourcePitch: Int, _ width: Int, _ height: Int, _ kind: Int32,
    _ stream: UnsafeMutableRawPointer?
) -> Int32 {
    entryCall { () throws(Failure) in
        let copy = try unsafe makeCopy2D(
            destination, destinationPitch, source, sourcePitch, width, height, kind)
        try unsafe enqueue(copy, on: stream)
    }
}

@c(aclrtMemset)
public func aclrtMemset(
    _ address: UnsafeMutableRawPointer?, _ capacity: Int, _ value: Int32, _ bytes: Int
) -> Int32 {
    entryCall { () throws(Failure) in
        let fill = try unsafe makeFill(address, capacity, value, bytes)
        if let fill { Platform.shared.performDirectly(.fill(fill)) }
    }
}

@c(aclrtMemsetAsync)
public func aclrtMemsetAsync(
    _ address: UnsafeMutableRawPointer?, _ capacity: Int, _ value: Int32, _ bytes: Int,
    _ stream: UnsafeMutableRawPointer?
) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        let call = BusyCall(platform.settings.hostCost.otherNanoseconds)
        let fill = try unsafe makeFill(address, capacity, value, bytes)
        call.finish()
        try platform.lock.withLock { () throws(Failure) in
            let target = try unsafe platform.stream(stream)
            if let fill { try platform.enqueue(.fill(fill), on: target) }
        }
    }
}

private func makeCopy(
    _ destination: UnsafeMutableRawPointer?, _ capacity: Int, _ source: UnsafeRawPointer?,
    _ bytes: Int, _ kind: Int32
) throws(Failure) -> CopyTask? {
    guard bytes >= 0, UInt(bitPattern: bytes) <= UInt(bitPattern: capacity) else {
        throw .invalid("a copy of \(bytes) bytes into \(capacity)")
    }
    return try unsafe makeCopy2D(destination, bytes, source, bytes, bytes, bytes == 0 ? 0 : 1, kind)
}

/// The copy, checked; nil where there is nothing to copy.
private func makeCopy2D(
    _ destination: UnsafeMutableRawPointer?, _ destinationPitch: Int, _ source: UnsafeRawPointer?,
    _ sourcePitch: Int, _ width: Int, _ height: Int, _ kind: Int32
) throws(Failure) -> CopyTask? {
    let direction = try CopyDirection(kind: kind)
    guard width >= 0, height >= 0, destinationPitch >= width, sourcePitch >= width else {
        throw .invalid("\(height) rows of \(width) bytes are longer than their pitch")
    }
    if width == 0 || height == 0 { return nil }
    guard let destination = unsafe destination, let source = unsafe source else {
        throw .invalid("a copy's source or destination is NULL")
    }
    let (area, overflow) = max(destinationPitch, sourcePitch).multipliedReportingOverflow(
        by: height)
    guard !overflow, area < 1 << 47 else { throw .invalid("a copy larger than any memory") }
    let copy = unsafe CopyTask(
        destination: destination, destinationPitch: destinationPitch, source: source,
        sourcePitch: sourcePitch, width: width, height: height)
    try copy.check(direction, in: Platform.shared.memory)
    return copy
}

private func enqueue(_ copy: CopyTask?, on handle: UnsafeRawPointer?) throws(Failure) {
    let platform = Platform.shared
    let call = BusyCall(platform.settings.hostCost.otherNanoseconds)
    let runsInline = platform.lock.withLock { platform.runsInline && platform.pacedClock == nil }
    // Where a worker will run it, the snapshot of a pageable source is taken without the lock.
    let prepared = runsInline ? copy : try copy?.staged(in: platform.memory)
    call.finish()
    try platform.lock.withLock { () throws(Failure) in
        guard var task = prepared else {
            _ = try platform.stream(handle)
            return
        }
        do throws(Failure) {
            let stream = try platform.stream(handle)
            if !platform.runsAtOnce(on: stream) { task = try task.staged(in: platform.memory) }
            try platform.enqueue(.copy(task), on: stream)
        } catch {
            task.releaseStaging()
            throw error
        }
    }
}

private func makeFill(
    _ address: UnsafeMutableRawPointer?, _ capacity: Int, _ value: Int32, _ bytes: Int
) throws(Failure) -> FillTask? {
    guard bytes >= 0, UInt(bitPattern: bytes) <= UInt(bitPattern: capacity) else {
        throw .invalid("a fill of \(bytes) bytes into \(capacity)")
    }
    if bytes == 0 { return nil }
    guard let address = unsafe address else { throw .invalid("the address to fill is NULL") }
    let fill = unsafe FillTask(address: address, value: value, bytes: bytes)
    try fill.check(in: Platform.shared.memory)
    return fill
}
