// What went wrong last, in this thread.

@c(aclGetRecentErrMsg)
public func aclGetRecentErrMsg() -> UnsafePointer<CChar>? {
    unsafe ThreadState.current.takeMessage()
}

@c(aclrtPeekAtLastError)
public func aclrtPeekAtLastError(_ level: Int32) -> Int32 {
    level == threadLevel ? ThreadState.current.lastError : refuseLevel(level)
}

@c(aclrtGetLastError)
public func aclrtGetLastError(_ level: Int32) -> Int32 {
    level == threadLevel ? ThreadState.current.takeLastError() : refuseLevel(level)
}

/// ACL_RT_THREAD_LEVEL, the only level that there is.
private let threadLevel: Int32 = 0

private func refuseLevel(_ level: Int32) -> Int32 {
    ThreadState.current.report(.invalid("\(level) is not the level of the thread, \(threadLevel)"))
}

/// Variadic in C: what follows the format is left where it is.
@c(aclAppLog)
public func aclAppLog(
    _ level: Int32, _ function: UnsafePointer<CChar>?, _ file: UnsafePointer<CChar>?,
    _ line: UInt32, _ format: UnsafePointer<CChar>?
) {}
