/// All memory that devices may touch, and whose each address is.
final class AddressSpace: @unchecked Sendable {  // `lock` guards all of it
    /// Where an address lies.
    enum Place: Equatable {
        case device(Int)
        /// In a device's range, but in no allocation.
        case strayDevice
        case pinnedHost
        /// Any other memory of the program.
        case pageableHost
    }

    private let lock = Lock()
    private var devices: [DeviceMemory]
    private var host = HostMemory()
    private var registered = RegisteredMemory()

    init(deviceCount: Int, bytesPerDevice: Int) {
        devices = (0..<deviceCount).map { DeviceMemory(device: $0, limitBytes: bytesPerDevice) }
    }

    func allocate(bytes: Int, on device: Int) throws(Failure) -> UnsafeMutableRawPointer {
        // Beyond the largest number with a sign it is negative here, and more than any memory.
        guard bytes != 0 else { throw .invalid("an allocation of 0 bytes") }
        return try unsafe lock.withLock { () throws(Failure) in
            if let memory = unsafe devices[device].allocate(bytes: bytes) { return unsafe memory }
            throw Failure(
                Status.outOfDeviceMemory,
                "device \(device) has \(devices[device].freeBytes) bytes free of "
                    + "\(devices[device].limitBytes), \(UInt(bitPattern: bytes)) were asked for")
        }
    }

    func free(_ pointer: UnsafeMutableRawPointer?) throws(Failure) {
        let address = UInt(bitPattern: pointer)
        try lock.withLock { () throws(Failure) in
            for index in devices.indices where devices[index].owns(address) {
                if devices[index].free(address) { return }
            }
            throw .invalid("0x\(hex(address)) is not the start of a device allocation")
        }
    }

    /// Frees everything on a device that was reset.
    func freeAll(on device: Int) {
        lock.withLock { devices[device].freeAll() }
    }

    func allocateHost(bytes: Int) throws(Failure) -> UnsafeMutableRawPointer {
        guard bytes != 0 else { throw .invalid("a host allocation of 0 bytes") }
        return try unsafe lock.withLock { () throws(Failure) in
            if let memory = unsafe host.allocate(bytes: bytes) { return unsafe memory }
            throw Failure(
                Status.outOfDeviceMemory,
                "the system has no \(UInt(bitPattern: bytes)) bytes of host memory")
        }
    }

    func freeHost(_ pointer: UnsafeMutableRawPointer?) throws(Failure) {
        let address = UInt(bitPattern: pointer)
        try lock.withLock { () throws(Failure) in
            guard host.free(address) else {
                throw .invalid("0x\(hex(address)) is not the start of a host allocation")
            }
        }
    }

    /// Makes memory of the program known to a device, as if aclrtMallocHost had given it out.
    func registerHost(_ pointer: UnsafeMutableRawPointer?, bytes: UInt64, on device: Int)
        throws(Failure)
    {
        let address = UInt(bitPattern: pointer)
        guard address > 0, bytes > 0, bytes <= 1 << 46,
            !address.addingReportingOverflow(UInt(bytes)).overflow
        else { throw .invalid("\(bytes) bytes at 0x\(hex(address)) are no host memory") }
        let block = Block(address: address, size: UInt(bytes))
        try lock.withLock { () throws(Failure) in
            guard !devices.contains(where: { $0.owns(address) }),
                !host.overlaps(block), registered.insert(block, device: device)
            else {
                throw .invalid(
                    "of \(bytes) bytes at 0x\(hex(address)) device \(device) knows some already")
            }
        }
    }

    func unregisterHost(_ pointer: UnsafeMutableRawPointer?, on device: Int) throws(Failure) {
        let address = UInt(bitPattern: pointer)
        try lock.withLock { () throws(Failure) in
            guard registered.remove(address, device: device) else {
                throw .invalid("0x\(hex(address)) is not registered on device \(device)")
            }
        }
    }

    func usage(of device: Int) -> (free: UInt, total: UInt) {
        lock.withLock { (devices[device].freeBytes, devices[device].limitBytes) }
    }

    func place(of pointer: UnsafeRawPointer?) -> Place {
        lock.withLock { place(of: UInt(bitPattern: pointer)) }
    }

    /// The first of `ranges` that does not lie wholly in one allocation, if there is one.
    func firstInaccessible(of ranges: some Sequence<(address: UInt, bytes: UInt)>) -> UInt? {
        lock.withLock {
            for range in ranges where range.bytes > 0 {
                guard let block = allocation(containing: range.address),
                    range.bytes <= block.end - range.address
                else { return range.address }
            }
            return nil
        }
    }

    /// Whether `bytes` from `address` on lie in one device or pinned allocation.
    func isAccessible(_ address: UInt, bytes: UInt) -> Bool {
        firstInaccessible(of: CollectionOfOne((address, bytes))) == nil
    }

    private func allocation(containing address: UInt) -> Block? {
        for index in devices.indices where devices[index].owns(address) {
            return devices[index].allocation(containing: address)
        }
        return pinnedBlock(containing: address)
    }

    private func pinnedBlock(containing address: UInt) -> Block? {
        host.allocation(containing: address) ?? registered.block(containing: address)
    }

    private func place(of address: UInt) -> Place {
        for index in devices.indices where devices[index].owns(address) {
            return devices[index].allocation(containing: address) == nil
                ? .strayDevice : .device(index)
        }
        return pinnedBlock(containing: address) == nil ? .pageableHost : .pinnedHost
    }
}

/// An address as people write it.
func hex(_ address: UInt) -> String { String(address, radix: 16) }
