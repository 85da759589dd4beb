// How the device's time goes: private functions, for a daemon and for `flexnpu device`.

/// 1 where a chip tells the time, 0 where the CPU does.
@c(flexnpu_device_is_paced)
public func flexnpuDeviceIsPaced() -> Int32 {
    Platform.shared.pacedClock == nil ? 0 : 1
}

/// How far chip time is stretched: 1 on the free clock.
@c(flexnpu_device_scale)
public func flexnpuDeviceScale(_ scale: UnsafeMutablePointer<Double>?) -> Int32 {
    entryCall { () throws(Failure) in
        try required(scale, "scale").pointee = Platform.shared.pacedClock?.scale ?? 1
    }
}

/// When the device reached an event's latest record, on CLOCK_MONOTONIC: the chip's own time,
/// stretched. 100000 where it is not recorded, or not reached yet.
@c(flexnpu_device_event_ns)
public func flexnpuDeviceEventNanoseconds(
    _ event: UnsafeMutableRawPointer?, _ nanoseconds: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(nanoseconds, "nanoseconds")
        let platform = Platform.shared
        unsafe result.pointee = try platform.lock.withLock { () throws(Failure) in
            platform.catchUp()
            guard let time = try unsafe platform.event(event).reachedNanoseconds else {
                throw Failure(Status.notComparable, "the event is not recorded, or not reached yet")
            }
            return time
        }
    }
}

/// How late the machine made the completions of a device: their count, the latest, and what 99 %
/// of them stayed under. `isValid` is 0 where one was later than 2 % of the makespan.
@c(flexnpu_device_lateness)
public func flexnpuDeviceLateness(
    _ device: Int32, _ count: UnsafeMutablePointer<UInt64>?,
    _ latest: UnsafeMutablePointer<UInt64>?, _ p99: UnsafeMutablePointer<UInt64>?,
    _ makespan: UnsafeMutablePointer<UInt64>?, _ isValid: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        let chosen = try platform.device(device)
        let lateness = platform.lock.withLock { chosen.paced?.lateness ?? Lateness() }
        unsafe count?.pointee = lateness.count
        unsafe latest?.pointee = lateness.maxNanoseconds
        unsafe p99?.pointee = lateness.percentile(0.99)
        unsafe makespan?.pointee = lateness.makespanNanoseconds
        unsafe isValid?.pointee = lateness.isValid ? 1 : 0
    }
}

/// The settings as lines of `name value`, one text for the life of the process.
@c(flexnpu_device_description)
public func flexnpuDeviceDescription() -> UnsafePointer<CChar>? {
    unsafe description.pointer
}

private let description = StaticCString(
    DeviceDescription(Platform.shared.settings).text)
