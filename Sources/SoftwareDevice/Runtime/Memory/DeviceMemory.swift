import Glibc

/// The memory of one device: a reserved range of addresses in which allocations are placed,
/// readable up to a mark that grows, backed by pages once they are touched.
struct DeviceMemory {
    /// Everything handed out starts at a multiple of this, and is as long.
    static let alignmentBytes: UInt = 512
    /// The range is larger than the memory, so that its being cut up does not make an allocation
    /// fail.
    private static let reserveFactor: UInt = 4
    private static let commitStepBytes: UInt = 64 << 20
    /// Pages of smaller blocks are not worth the call that gives them back.
    private static let returnBytesMin: UInt = 128 << 10
    /// Where device memory lies, so that a device address is known at sight; the system may choose
    /// otherwise.
    private static let baseHint: UInt = 0x12C0_0000_0000
    private static let deviceStride: UInt = 1 << 40

    let limitBytes: UInt
    private(set) var usedBytes: UInt = 0
    private let base: UInt
    private let reservedBytes: UInt
    private var committedBytes: UInt = 0
    private var live = BlockTree(.byAddress)
    private var freeByAddress = BlockTree(.byAddress)
    private var freeBySize = BlockTree(.bySize)

    init(device: Int, limitBytes: Int) {
        self.limitBytes = UInt(limitBytes)
        let hint = unsafe UnsafeMutableRawPointer(
            bitPattern: Self.baseHint + UInt(device) * Self.deviceStride)
        // With a limit on the process's address space the range may have to be smaller; with no
        // room at all every allocation answers out of memory.
        let sizes = [UInt(limitBytes) * Self.reserveFactor, UInt(limitBytes)]
        let reserved = sizes.lazy.compactMap { unsafe Self.reserve($0, at: hint) }.first
        base = reserved?.address ?? 0
        reservedBytes = reserved?.size ?? 0
        if let reserved { addFree(reserved) }
    }

    private static func reserve(_ size: UInt, at hint: UnsafeMutableRawPointer?) -> Block? {
        let mapped = unsafe mmap(
            hint, Int(size), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        return Block(address: UInt(bitPattern: mapped), size: size)
    }

    var freeBytes: UInt { limitBytes - usedBytes }

    func owns(_ address: UInt) -> Bool {
        address &- base < reservedBytes
    }

    /// The allocation that `address` lies in.
    func allocation(containing address: UInt) -> Block? {
        guard let block = live.last(startingUpTo: address), address < block.end else { return nil }
        return block
    }

    mutating func allocate(bytes: Int) -> UnsafeMutableRawPointer? {
        guard bytes > 0, UInt(bytes) <= limitBytes else { return nil }
        let size = (UInt(bytes) + Self.alignmentBytes - 1) & ~(Self.alignmentBytes - 1)
        guard size <= freeBytes, let found = freeBySize.smallest(ofAtLeast: size) else {
            return nil
        }
        let block = Block(address: found.address, size: size)
        guard commit(upTo: block.end) else { return nil }
        removeFree(found)
        if found.size > size {
            addFree(Block(address: block.end, size: found.size - size))
        }
        live.insert(block)
        usedBytes += size
        return unsafe UnsafeMutableRawPointer(bitPattern: block.address)
    }

    /// Frees the allocation that starts at `address`; false where there is none.
    mutating func free(_ address: UInt) -> Bool {
        guard let block = allocation(containing: address), block.address == address else {
            return false
        }
        live.remove(block)
        usedBytes -= block.size
        returnPages(of: block)
        addFree(joinedWithNeighbours(block))
        return true
    }

    mutating func freeAll() {
        while let block = live.first { _ = free(block.address) }
    }

    private mutating func commit(upTo end: UInt) -> Bool {
        let needed = end - base
        guard needed > committedBytes else { return true }
        let step = Self.commitStepBytes
        let target = min((needed + step - 1) / step * step, reservedBytes)
        let start = unsafe UnsafeMutableRawPointer(bitPattern: base + committedBytes)
        guard unsafe mprotect(start, Int(target - committedBytes), PROT_READ | PROT_WRITE) == 0
        else {
            return false
        }
        committedBytes = target
        return true
    }

    /// Gives the pages that lie wholly in `block` back to the system.
    private func returnPages(of block: Block) {
        guard block.size >= Self.returnBytesMin else { return }
        let pages = Self.wholePages(from: block.address, bytes: block.size)
        guard pages.size > 0 else { return }
        unsafe madvise(
            UnsafeMutableRawPointer(bitPattern: pages.address), Int(pages.size), MADV_DONTNEED)
    }

    /// The pages that lie wholly in a range; none where it is shorter than a page.
    static func wholePages(from address: UInt, bytes: UInt) -> Block {
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let start = (address + page - 1) / page * page
        let end = (address + bytes) / page * page
        return Block(address: start, size: end > start ? end - start : 0)
    }

    private mutating func joinedWithNeighbours(_ block: Block) -> Block {
        var joined = block
        if let before = freeByAddress.last(startingUpTo: block.address), before.end == block.address
        {
            removeFree(before)
            joined = Block(address: before.address, size: before.size + block.size)
        }
        if let after = freeByAddress.last(startingUpTo: block.end), after.address == block.end {
            removeFree(after)
            joined.size += after.size
        }
        return joined
    }

    private mutating func addFree(_ block: Block) {
        freeByAddress.insert(block)
        freeBySize.insert(block)
    }

    private mutating func removeFree(_ block: Block) {
        freeByAddress.remove(block)
        freeBySize.remove(block)
    }
}
