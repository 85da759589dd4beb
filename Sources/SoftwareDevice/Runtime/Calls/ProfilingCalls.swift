import Glibc
import Synchronization

// Profiling and marks: accepted, for programs that report to them; nothing is kept.

@c(MsprofRegisterCallback)
public func msprofRegisterCallback(_ module: UInt32, _ handle: UnsafeRawPointer?) -> Int32 { 0 }

@c(MsprofReportApi)
public func msprofReportApi(_ isAging: UInt32, _ report: UnsafeRawPointer?) -> Int32 { 0 }

@c(MsprofReportCompactInfo)
public func msprofReportCompactInfo(
    _ isAging: UInt32, _ data: UnsafeRawPointer?, _ length: UInt32
) -> Int32 { 0 }

@c(MsprofReportAdditionalInfo)
public func msprofReportAdditionalInfo(
    _ isAging: UInt32, _ data: UnsafeRawPointer?, _ length: UInt32
) -> Int32 { 0 }

/// A number for a name: FNV-1a.
@c(MsprofGetHashId)
public func msprofGetHashId(_ name: UnsafePointer<CChar>?, _ length: Int) -> UInt64 {
    guard let name = unsafe name, length > 0 else { return 0 }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in 0..<length {
        hash = unsafe (hash ^ UInt64(UInt8(bitPattern: name[index]))) &* 0x100_0000_01B3
    }
    return hash
}

@c(MsprofSysCycleTime)
public func msprofSysCycleTime() -> UInt64 { MonotonicClock.nanoseconds() }

private let nextRange = Atomic<UInt64>(1)

private func startRange(_ message: UnsafePointer<CChar>?) -> UInt64 {
    unsafe message == nil ? 0 : nextRange.wrappingAdd(1, ordering: .relaxed).oldValue
}

@c(mstxMarkA)
public func mstxMarkA(_ message: UnsafePointer<CChar>?, _ stream: UnsafeMutableRawPointer?) {}

@c(mstxRangeStartA)
public func mstxRangeStartA(
    _ message: UnsafePointer<CChar>?, _ stream: UnsafeMutableRawPointer?
) -> UInt64 { unsafe startRange(message) }

@c(mstxRangeEnd)
public func mstxRangeEnd(_ id: UInt64) {}

/// Any number but 0 will do for a domain: nothing is kept of it.
@c(mstxDomainCreateA)
public func mstxDomainCreateA(_ name: UnsafePointer<CChar>?) -> UnsafeMutableRawPointer? {
    unsafe UnsafeMutableRawPointer(bitPattern: UInt(startRange(name)))
}

@c(mstxDomainDestroy)
public func mstxDomainDestroy(_ domain: UnsafeMutableRawPointer?) {}

@c(mstxDomainMarkA)
public func mstxDomainMarkA(
    _ domain: UnsafeMutableRawPointer?, _ message: UnsafePointer<CChar>?,
    _ stream: UnsafeMutableRawPointer?
) {}

@c(mstxDomainRangeStartA)
public func mstxDomainRangeStartA(
    _ domain: UnsafeMutableRawPointer?, _ message: UnsafePointer<CChar>?,
    _ stream: UnsafeMutableRawPointer?
) -> UInt64 { unsafe startRange(message) }

@c(mstxDomainRangeEnd)
public func mstxDomainRangeEnd(_ domain: UnsafeMutableRawPointer?, _ id: UInt64) {}
