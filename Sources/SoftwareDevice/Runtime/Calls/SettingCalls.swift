import Glibc

// Settings: kept and given back. The software device has no use for their values.

@c(aclrtSetSysParamOpt)
public func aclrtSetSysParamOpt(_ option: Int32, _ value: Int64) -> Int32 {
    entryCall { () throws(Failure) in
        let platform = Platform.shared
        platform.lock.withLock { platform.parameters[option] = value }
    }
}

@c(aclrtGetSysParamOpt)
public func aclrtGetSysParamOpt(_ option: Int32, _ value: UnsafeMutablePointer<Int64>?) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(value, "value")
        let platform = Platform.shared
        unsafe result.pointee = platform.lock.withLock { platform.parameters[option] ?? 0 }
    }
}

@c(aclSetCompileopt)
public func aclSetCompileopt(_ option: Int32, _ value: UnsafePointer<CChar>?) -> Int32 {
    entryCall { () throws(Failure) in
        guard let value = unsafe value else { throw .invalid("value is NULL") }
        let text = unsafe String(cString: value)
        let platform = Platform.shared
        platform.lock.withLock { platform.compileOptions[option] = text }
    }
}

@c(aclGetCompileoptSize)
public func aclGetCompileoptSize(_ option: Int32) -> Int {
    guard !ForkGuard.isForkedChild else { return 0 }
    return compileOption(option).utf8.count + 1
}

@c(aclGetCompileopt)
public func aclGetCompileopt(
    _ option: Int32, _ value: UnsafeMutablePointer<CChar>?, _ length: Int
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(value, "value")
        let text = compileOption(option)
        guard length > text.utf8.count else {
            throw .invalid("\(length) bytes are too few for the value of option \(option)")
        }
        unsafe strcpy(result, text)
    }
}

private func compileOption(_ option: Int32) -> String {
    let platform = Platform.shared
    return platform.lock.withLock { platform.compileOptions[option] ?? "" }
}

@c(aclrtSetOpExecuteTimeOut)
public func aclrtSetOpExecuteTimeOut(_ seconds: UInt32) -> Int32 {
    entryCall { () throws(Failure) in }
}

@c(aclrtSetOpExecuteTimeOutWithMs)
public func aclrtSetOpExecuteTimeOutWithMs(_ milliseconds: UInt32) -> Int32 {
    entryCall { () throws(Failure) in }
}

@c(aclrtSetOpExecuteTimeOutV2)
public func aclrtSetOpExecuteTimeOutV2(
    _ microseconds: UInt64, _ actual: UnsafeMutablePointer<UInt64>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try required(actual, "actualTimeout").pointee = microseconds
    }
}

@c(aclrtGetOpTimeOutInterval)
public func aclrtGetOpTimeOutInterval(_ interval: UnsafeMutablePointer<UInt64>?) -> Int32 {
    entryCall { () throws(Failure) in
        try required(interval, "interval").pointee = 1  // any whole number of microseconds
    }
}

@c(aclrtSetOpWaitTimeout)
public func aclrtSetOpWaitTimeout(_ seconds: UInt32) -> Int32 {
    entryCall { () throws(Failure) in }
}

/// HcclConfigValue is a union of one int32.
@c(HcclSetConfig)
public func hcclSetConfig(_ setting: Int32, _ value: Int32) -> Int32 {
    guard !ForkGuard.isForkedChild else { return 4 }  // HCCL_E_INTERNAL
    return (0...1).contains(setting) ? 0 : 1  // HCCL_SUCCESS, HCCL_E_PARA
}
