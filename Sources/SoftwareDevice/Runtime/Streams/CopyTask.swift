import Glibc

/// Which way a copy goes: an aclrtMemcpyKind, as far as it matters here.
enum CopyDirection {
    case hostToHost, hostToDevice, deviceToHost, deviceToDevice
    /// ACL_MEMCPY_DEFAULT: by where the addresses lie.
    case automatic

    init(kind: Int32) throws(Failure) {
        switch kind {
        case 0: self = .hostToHost
        case 1, 5: self = .hostToDevice
        case 2: self = .deviceToHost
        case 3, 6, 7: self = .deviceToDevice
        case 4: self = .automatic
        default: throw .invalid("\(kind) is not an aclrtMemcpyKind")
        }
    }

    var needsDeviceDestination: Bool { self == .hostToDevice || self == .deviceToDevice }
    var needsDeviceSource: Bool { self == .deviceToHost || self == .deviceToDevice }
}

/// Rows of bytes from one place to another; a plain copy is one row.
// Safe to hold: running it says `unsafe`.
@safe struct CopyTask {
    var destination: UnsafeMutableRawPointer
    var destinationPitch = 0
    var source: UnsafeRawPointer
    var sourcePitch = 0
    var width: Int
    var height = 1
    /// The source is a snapshot of pageable memory, ours to free.
    var ownsSource = false

    @unsafe func perform() {
        for row in 0..<height {
            unsafe memmove(destination + row * destinationPitch, source + row * sourcePitch, width)
        }
        releaseStaging()
    }

    func releaseStaging() {
        if ownsSource { unsafe free(UnsafeMutableRawPointer(mutating: source)) }
    }

    private func span(pitch: Int) -> UInt {
        UInt((height - 1) * pitch + width)
    }

    /// Whether the device's sides of the copy lie in allocations, as `direction` has it.
    func check(_ direction: CopyDirection, in memory: AddressSpace) throws(Failure) {
        try unsafe checkSide(
            UInt(bitPattern: destination), span(pitch: destinationPitch),
            isDevice: direction.needsDeviceDestination, "destination", in: memory)
        try unsafe checkSide(
            UInt(bitPattern: source), span(pitch: sourcePitch),
            isDevice: direction.needsDeviceSource, "source", in: memory)
    }

    private func checkSide(
        _ address: UInt, _ bytes: UInt, isDevice: Bool, _ side: StaticString,
        in memory: AddressSpace
    ) throws(Failure) {
        let place = unsafe memory.place(of: UnsafeRawPointer(bitPattern: address))
        switch place {
        case .pageableHost where !isDevice: return
        case .device, .pinnedHost:
            if memory.isAccessible(address, bytes: bytes) { return }
        case .pageableHost, .strayDevice: break
        }
        throw .invalid("the \(side), \(bytes) bytes at 0x\(hex(address)), is not in one allocation")
    }

    /// The same copy from a snapshot of a pageable source, which the program may change as soon as
    /// its call returns.
    func staged(in memory: AddressSpace) throws(Failure) -> CopyTask {
        guard !ownsSource, unsafe memory.place(of: source) == .pageableHost else { return self }
        let bytes = Int(span(pitch: sourcePitch))
        guard let snapshot = unsafe malloc(bytes) else {
            throw Failure(Status.outOfDeviceMemory, "no \(bytes) bytes of host memory for a copy")
        }
        unsafe memcpy(snapshot, source, bytes)
        var copy = self
        unsafe copy.source = UnsafeRawPointer(snapshot)
        copy.ownsSource = true
        return copy
    }
}

/// Bytes set to one value.
// Safe to hold: running it says `unsafe`.
@safe struct FillTask {
    var address: UnsafeMutableRawPointer
    var value: Int32
    var bytes: Int

    /// Clearing so much gives pages back, which is quicker and leaves the memory to others.
    private static let returnBytesMin = 1 << 20

    @unsafe func perform(in memory: AddressSpace) {
        guard UInt8(truncatingIfNeeded: value) == 0, bytes >= Self.returnBytesMin,
            case .device = unsafe memory.place(of: address)
        else {
            unsafe memset(address, value, bytes)
            return
        }
        let inner = unsafe DeviceMemory.wholePages(
            from: UInt(bitPattern: address), bytes: UInt(bytes))
        let start = unsafe UnsafeMutableRawPointer(bitPattern: inner.address)
        guard let start = unsafe start, unsafe madvise(start, Int(inner.size), MADV_DONTNEED) == 0
        else {
            unsafe memset(address, value, bytes)
            return
        }
        let end = unsafe start + Int(inner.size)
        unsafe memset(address, 0, start - address)
        unsafe memset(end, 0, address + bytes - end)
    }

    func check(in memory: AddressSpace) throws(Failure) {
        guard unsafe memory.isAccessible(UInt(bitPattern: address), bytes: UInt(bytes)) else {
            throw .invalid(
                unsafe "\(bytes) bytes at 0x\(hex(UInt(bitPattern: address))) are not in one allocation"
            )
        }
    }
}
