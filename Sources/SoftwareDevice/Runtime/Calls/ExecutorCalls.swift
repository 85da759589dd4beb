// Keeping executors: a repeatable one is launched any number of times, each with its tensors where
// they are then.

@c(aclSetAclOpExecutorRepeatable)
public func aclSetAclOpExecutorRepeatable(_ executor: UnsafeMutableRawPointer?) -> Int32 {
    unsafe withExecutor(executor) { (executor) throws(Failure) in executor.isRepeatable = true }
}

@c(aclDestroyAclOpExecutor)
public func aclDestroyAclOpExecutor(_ executor: UnsafeMutableRawPointer?) -> Int32 {
    unsafe destroy(executor) { unsafe $0.executors.remove(executor) != nil }
}

/// `index` counts the tensors that are there, in the order of the operation's arguments.
@c(aclSetTensorAddr)
public func aclSetTensorAddr(
    _ executor: UnsafeMutableRawPointer?, _ index: Int, _ tensor: UnsafeMutableRawPointer?,
    _ address: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe withExecutor(executor) { (executor) throws(Failure) in
        guard unsafe executor.setAddress(address, ofTensor: index) else { throw noTensor(index) }
    }
}

/// The tensor is found by the object it was made from: inputs and outputs are counted apart here.
@c(aclSetInputTensorAddr)
public func aclSetInputTensorAddr(
    _ executor: UnsafeMutableRawPointer?, _ index: Int, _ tensor: UnsafeMutableRawPointer?,
    _ address: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe setAddress(executor, object: tensor, position: 0, address)
}

@c(aclSetOutputTensorAddr)
public func aclSetOutputTensorAddr(
    _ executor: UnsafeMutableRawPointer?, _ index: Int, _ tensor: UnsafeMutableRawPointer?,
    _ address: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe setAddress(executor, object: tensor, position: 0, address)
}

@c(aclSetDynamicTensorAddr)
public func aclSetDynamicTensorAddr(
    _ executor: UnsafeMutableRawPointer?, _ index: Int, _ position: Int,
    _ list: UnsafeMutableRawPointer?, _ address: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe setAddress(executor, object: list, position: position, address)
}

@c(aclSetDynamicInputTensorAddr)
public func aclSetDynamicInputTensorAddr(
    _ executor: UnsafeMutableRawPointer?, _ index: Int, _ position: Int,
    _ list: UnsafeMutableRawPointer?, _ address: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe setAddress(executor, object: list, position: position, address)
}

@c(aclSetDynamicOutputTensorAddr)
public func aclSetDynamicOutputTensorAddr(
    _ executor: UnsafeMutableRawPointer?, _ index: Int, _ position: Int,
    _ list: UnsafeMutableRawPointer?, _ address: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe setAddress(executor, object: list, position: position, address)
}

private func setAddress(
    _ executor: UnsafeMutableRawPointer?, object: UnsafeRawPointer?, position: Int,
    _ address: UnsafeMutableRawPointer?
) -> Int32 {
    unsafe withExecutor(executor) { (executor) throws(Failure) in
        guard let index = unsafe executor.tensorIndex(ofObject: object, position: position),
            unsafe executor.setAddress(address, ofTensor: index)
        else { throw noTensor(position) }
    }
}

private func noTensor(_ index: Int) -> Failure {
    Failure(Status.invalidArgument, "the executor has no such tensor (\(index))")
}

private func withExecutor(
    _ handle: UnsafeMutableRawPointer?, _ body: (Executor) throws(Failure) -> Void
) -> Int32 {
    entryCall { () throws(Failure) in
        guard let handle = unsafe handle else {
            throw Failure(Status.nullArgument, "executor is NULL")
        }
        let registry = ObjectRegistry.shared
        try registry.lock.withLock { () throws(Failure) in
            guard let executor = registry.executors.object(handle) else {
                throw Failure(
                    Status.invalidArgument,
                    "0x\(hex(UInt(bitPattern: handle))) is not an executor")
            }
            try body(executor)
        }
    }
}

// Huge-memory scopes of a thread: workspace is none of the caller's here.

@c(InitHugeMemThreadLocal)
public func initHugeMemThreadLocal(_ argument: UnsafeMutableRawPointer?, _ isSync: Bool) -> Int32 {
    0
}

@c(UnInitHugeMemThreadLocal)
public func unInitHugeMemThreadLocal(_ argument: UnsafeMutableRawPointer?, _ isSync: Bool) {}

@c(ReleaseHugeMem)
public func releaseHugeMem(_ argument: UnsafeMutableRawPointer?, _ isSync: Bool) {}
