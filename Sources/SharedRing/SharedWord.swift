import Synchronization

// Words that another process reads and writes at the same time are only touched through these.

extension UnsafeMutablePointer where Pointee == UInt32 {
    private var atomic: UnsafePointer<Atomic<UInt32>> {
        unsafe UnsafeRawPointer(self).assumingMemoryBound(to: Atomic<UInt32>.self)
    }
    func loadAcquiring() -> UInt32 { unsafe atomic.pointee.load(ordering: .acquiring) }
    func loadSequential() -> UInt32 {
        unsafe atomic.pointee.load(ordering: .sequentiallyConsistent)
    }
    func storeReleasing(_ value: UInt32) {
        unsafe atomic.pointee.store(value, ordering: .releasing)
    }
    func storeSequential(_ value: UInt32) {
        unsafe atomic.pointee.store(value, ordering: .sequentiallyConsistent)
    }
    func add(_ value: UInt32) {
        unsafe atomic.pointee.wrappingAdd(value, ordering: .sequentiallyConsistent)
    }
}

extension UnsafeMutablePointer where Pointee == UInt64 {
    private var atomic: UnsafePointer<Atomic<UInt64>> {
        unsafe UnsafeRawPointer(self).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
    func loadRelaxed() -> UInt64 { unsafe atomic.pointee.load(ordering: .relaxed) }
    func loadAcquiring() -> UInt64 { unsafe atomic.pointee.load(ordering: .acquiring) }
    func loadSequential() -> UInt64 {
        unsafe atomic.pointee.load(ordering: .sequentiallyConsistent)
    }
    func storeReleasing(_ value: UInt64) {
        unsafe atomic.pointee.store(value, ordering: .releasing)
    }
    func storeSequential(_ value: UInt64) {
        unsafe atomic.pointee.store(value, ordering: .sequentiallyConsistent)
    }
}

extension UnsafeMutableRawPointer {
    func word32(_ offset: Int) -> UnsafeMutablePointer<UInt32> {
        unsafe (self + offset).assumingMemoryBound(to: UInt32.self)
    }
    func word64(_ offset: Int) -> UnsafeMutablePointer<UInt64> {
        unsafe (self + offset).assumingMemoryBound(to: UInt64.self)
    }
}
