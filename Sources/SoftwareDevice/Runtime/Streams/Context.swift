import Synchronization

/// What a thread works in: a device and a default stream. Guarded by the platform's lock.
// Safe: handles are looked up and never followed.
@safe final class Context {
    let device: Device
    let isPrimary: Bool
    let defaultStream: Stream
    var defaultStreamHandle: UnsafeMutableRawPointer?
    var handle: UnsafeMutableRawPointer?
    /// aclSysParamOpt values.
    var parameters: [Int32: Int64] = [:]
    /// Threads ask about their own context without the lock.
    private let alive = Atomic<Bool>(true)

    init(device: Device, isPrimary: Bool, defaultStream: Stream) {
        self.device = device
        self.isPrimary = isPrimary
        self.defaultStream = defaultStream
    }

    var isAlive: Bool { alive.load(ordering: .relaxed) }

    func end() {
        alive.store(false, ordering: .relaxed)
    }
}
