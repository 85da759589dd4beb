import CostModel
import Glibc

// What the device is, and which versions it speaks for.

/// The chip and the software that the device presents itself as.
enum Presented {
    private static let chip = Platform.shared.settings.chip
    static let socName = StaticCString(Platform.shared.settings.socName)
    static let cubeCores = Int64(chip.cubeCores)
    static let vectorCores = Int64(chip.vectorCores)

    static func cores(_ pool: CoreLimits.Pool) -> UInt32 {
        switch pool {
        case .cube: UInt32(chip.cubeCores)
        case .vector: UInt32(chip.vectorCores)
        }
    }

    static let cpuCores: Int64 = 6
    static let cacheBytes: Int64 = 192 << 20
    static let localBytesPerVectorCore: Int64 = 192 << 10
    static let interfaceVersion: (Int32, Int32, Int32) = (1, 17, 0)
    static let packageVersion = (major: "8", minor: "5", release: "1")
    static let packageVersionText = "8.5.1"
    static let packageVersionNumber: Int32 = 80_501_000
}

/// A C string that lives as long as the process.
// Safe: it is never freed.
@safe struct StaticCString: @unchecked Sendable {  // written once, before it is shared
    let pointer: UnsafePointer<CChar>?
    init(_ text: String) { unsafe pointer = unsafe UnsafePointer(strdup(text)) }
}

@c(aclrtGetSocName)
public func aclrtGetSocName() -> UnsafePointer<CChar>? {
    unsafe Presented.socName.pointer
}

@c(aclrtGetVersion)
public func aclrtGetVersion(
    _ major: UnsafeMutablePointer<Int32>?, _ minor: UnsafeMutablePointer<Int32>?,
    _ patch: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try required(major, "majorVersion").pointee = Presented.interfaceVersion.0
        try required(minor, "minorVersion").pointee = Presented.interfaceVersion.1
        try required(patch, "patchVersion").pointee = Presented.interfaceVersion.2
    }
}

@c(aclsysGetCANNVersion)
public func aclsysGetCANNVersion(_ package: Int32, _ version: UnsafeMutableRawPointer?) -> Int32 {
    entryCall { () throws(Failure) in
        guard let version = unsafe version else { throw .invalid("version is NULL") }
        guard (0...7).contains(package) else {
            throw .invalid("\(package) is not an aclCANNPackageName")
        }
        // aclCANNPackageVersion: the whole in 128 bytes, four parts in 64 each, 128 reserved.
        unsafe memset(version, 0, 128 + 4 * 64 + 128)
        let parts = Presented.packageVersion
        unsafe store(Presented.packageVersionText, at: version)
        for (index, part) in [parts.major, parts.minor, parts.release, "0"].enumerated() {
            unsafe store(part, at: version + 128 + index * 64)
        }
    }
}

@c(aclsysGetVersionStr)
public func aclsysGetVersionStr(
    _ package: UnsafePointer<CChar>?, _ version: UnsafeMutablePointer<CChar>?
) -> Int32 {
    entryCall { () throws(Failure) in
        guard unsafe package != nil else { throw .invalid("pkgName is NULL") }
        unsafe store(Presented.packageVersionText, at: try required(version, "versionStr"))
    }
}

@c(aclsysGetVersionNum)
public func aclsysGetVersionNum(
    _ package: UnsafePointer<CChar>?, _ version: UnsafeMutablePointer<Int32>?
) -> Int32 {
    entryCall { () throws(Failure) in
        guard unsafe package != nil else { throw .invalid("pkgName is NULL") }
        try required(version, "versionNum").pointee = Presented.packageVersionNumber
    }
}

private func store(_ text: String, at address: UnsafeMutableRawPointer) {
    for (index, byte) in text.utf8.enumerated() {
        unsafe address.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }
    unsafe address.storeBytes(of: 0, toByteOffset: text.utf8.count, as: UInt8.self)
}

@c(aclGetCannAttribute)
public func aclGetCannAttribute(_ attribute: Int32, _ value: UnsafeMutablePointer<Int32>?) -> Int32
{
    entryCall { () throws(Failure) in
        let result = try required(value, "value")
        guard (0...2).contains(attribute) else {
            throw .invalid("\(attribute) is not an aclCannAttr")
        }
        // INF_NAN, BF16 and JIT_COMPILE: the first two are there, nothing is compiled.
        unsafe result.pointee = attribute == 2 ? 0 : 1
    }
}

/// The aclCannAttr values that are there.
private let cannAttributes: StaticArray = StaticArray([0, 1])

// Safe: it is never freed.
@safe private struct StaticArray: @unchecked Sendable {  // written once, before it is shared
    let pointer: UnsafeMutablePointer<Int32>
    let count: Int
    init(_ values: [Int32]) {
        unsafe pointer = .allocate(capacity: values.count)
        unsafe pointer.initialize(from: values, count: values.count)
        count = values.count
    }
}

@c(aclGetCannAttributeList)
public func aclGetCannAttributeList(
    _ list: UnsafeMutablePointer<UnsafePointer<Int32>?>?, _ count: UnsafeMutablePointer<Int>?
) -> Int32 {
    entryCall { () throws(Failure) in
        try unsafe required(list, "cannAttrList").pointee = unsafe UnsafePointer(
            cannAttributes.pointer)
        try required(count, "num").pointee = cannAttributes.count
    }
}

@c(aclGetDeviceCapability)
public func aclGetDeviceCapability(
    _ device: UInt32, _ info: Int32, _ value: UnsafeMutablePointer<Int64>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(value, "value")
        _ = try Platform.shared.device(Int32(clamping: device))
        switch info {
        case 0: unsafe result.pointee = Presented.cubeCores
        case 1: unsafe result.pointee = Presented.vectorCores
        case 2: unsafe result.pointee = Presented.cacheBytes
        default: throw .invalid("\(info) is not an aclDeviceInfo")
        }
    }
}

@c(aclrtGetDeviceInfo)
public func aclrtGetDeviceInfo(
    _ device: UInt32, _ attribute: Int32, _ value: UnsafeMutablePointer<Int64>?
) -> Int32 {
    entryCall { () throws(Failure) in
        let result = try required(value, "value")
        let chosen = try Platform.shared.device(Int32(clamping: device))
        switch attribute {
        case 0: unsafe result.pointee = Presented.cpuCores
        case 1, 2: unsafe result.pointee = Presented.cubeCores
        case 3: unsafe result.pointee = Presented.vectorCores
        case 6: unsafe result.pointee = Presented.localBytesPerVectorCore
        case 7: unsafe result.pointee = Int64(Platform.shared.memory.usage(of: chosen.index).total)
        case 8: unsafe result.pointee = Presented.cacheBytes
        case 402: unsafe result.pointee = Int64(device)
        case 501: unsafe result.pointee = 0
        default:
            throw Failure(
                Status.featureUnsupported, "device attribute \(attribute) is not known here")
        }
    }
}

@c(aclrtGetRunMode)
public func aclrtGetRunMode(_ mode: UnsafeMutablePointer<Int32>?) -> Int32 {
    entryCall { () throws(Failure) in
        try required(mode, "runMode").pointee = 1  // ACL_HOST
    }
}

@c(aclDataTypeSize)
public func aclDataTypeSize(_ type: Int32) -> Int {
    ElementWidth.bytes(type)
}

@c(aclFloat16ToFloat)
public func aclFloat16ToFloat(_ value: UInt16) -> Float {
    unsafe unsafeBitCast(value, to: Half.self).value
}

@c(aclFloatToFloat16)
public func aclFloatToFloat16(_ value: Float) -> UInt16 {
    Half(value).bits
}
