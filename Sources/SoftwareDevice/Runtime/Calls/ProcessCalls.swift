// Starting and ending AscendCL, and how the device runs.

@c(aclInit)
public func aclInit(_ configuration: UnsafePointer<CChar>?) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        try platform.lock.withLock { () throws(Failure) in
            guard platform.initialization != .done else {
                throw Failure(Status.alreadyInitialized, "aclInit was called before")
            }
            platform.initialization = .done
        }
    }
}

@c(aclFinalize)
public func aclFinalize() -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        try platform.lock.withLock { () throws(Failure) in
            switch platform.initialization {
            case .never:
                throw Failure(Status.notInitialized, "aclFinalize without aclInit")
            case .finalized:
                throw Failure(Status.alreadyFinalized, "aclFinalize was called before")
            case .done:
                platform.initialization = .finalized
            }
        }
    }
}

/// 1: tasks run in the thread that enqueues them, when nothing blocks them. 0: each device has a
/// worker. On the paced clock only 0 is taken: there a launch returns before its time has passed.
@c(flexnpu_device_run_inline)
public func flexnpuDeviceRunInline(_ isOn: Int32) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        guard isOn == 0 || platform.pacedClock == nil else {
            throw Failure(
                Status.featureUnsupported, "nothing runs inline on the paced clock; use its worker")
        }
        platform.lock.withLock {
            platform.runsInline = isOn != 0 || platform.isEnding
            platform.mayNeedDriver = true
            platform.settle()
        }
    }
}
