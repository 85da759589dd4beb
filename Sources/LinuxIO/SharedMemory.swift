import CLinux
import Glibc
import Synchronization

/// Memory that is shared with another process: a memfd of ours, mapped here, sealed so that the
/// other side cannot cut it off under us.
// The mapping never moves; what is in it is shared with another process anyway, so readers must be
// prepared. Safe to hold: `base` is valid as long as the object, and each use of it says `unsafe`.
@safe package final class SharedMemory: @unchecked Sendable {
    package let count: Int
    package let base: UnsafeMutableRawPointer
    private let descriptor: Atomic<Int32>

    /// The descriptor to hand to the other process; −1 after `closeDescriptor`.
    package var rawValue: Int32 { descriptor.load(ordering: .acquiring) }
    /// Where it lies in this process.
    package var address: UInt64 { unsafe UInt64(UInt(bitPattern: base)) }

    /// `count` bytes of zeros, taken from the system as they are touched.
    package init(name: String, count: Int) throws(SystemError) {
        let memory = OwnedDescriptor(
            adopting: try retrying("memfd_create \(name)") { unsafe cl_memfd(name) })
        let raw = memory.rawValue
        try retrying("\(name): \(count) bytes") { ftruncate(raw, count) }
        try retrying("\(name): seal") { cl_seal_size(raw) }
        let mapped = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, raw, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw SystemError("\(name): map \(count) bytes")
        }
        self.count = count
        unsafe base = mapped
        descriptor = Atomic(memory.release())
    }

    /// Closes the descriptor, which is of no more use once the other process has it: the mapping
    /// holds the memory, and a process has far fewer descriptors than pieces of memory.
    package func closeDescriptor() {
        let raw = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        if raw >= 0 { close(raw) }
    }

    deinit {
        unsafe munmap(base, count)
        closeDescriptor()
    }
}
