import Glibc

/// Host memory that devices may touch: what aclrtMallocHost handed out, whole pages each.
struct HostMemory {
    private var live = BlockTree(.byAddress)
    private let pageBytes = UInt(sysconf(Int32(_SC_PAGESIZE)))

    mutating func allocate(bytes: Int) -> UnsafeMutableRawPointer? {
        guard bytes > 0, bytes <= 1 << 46 else { return nil }
        let size = (UInt(bytes) + pageBytes - 1) / pageBytes * pageBytes
        let mapped = unsafe mmap(
            nil, Int(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
            0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        live.insert(Block(address: UInt(bitPattern: mapped), size: size))
        return unsafe mapped
    }

    mutating func free(_ address: UInt) -> Bool {
        guard let block = allocation(containing: address), block.address == address else {
            return false
        }
        live.remove(block)
        unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), Int(block.size))
        return true
    }

    func allocation(containing address: UInt) -> Block? { live.block(containing: address) }

    func overlaps(_ block: Block) -> Bool { live.overlaps(block) }
}
