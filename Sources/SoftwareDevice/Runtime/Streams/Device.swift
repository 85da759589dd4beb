/// One device: who runs its streams, and which of them have something to do. Guarded by the
/// platform's lock.
final class Device {
    let index: Int
    /// The chip whose time the device keeps; nil: it is as fast as the CPU.
    let paced: PacedDevice?
    /// The context of aclrtSetDevice, while the device is set.
    var primaryContext: Context?
    /// How often the device was set and not reset.
    var setCount = 0
    var contextCount = 0
    var streams: [Stream] = []
    /// Streams with something to do, each of which gets one task a turn.
    var ready = Queue<Stream>()
    /// A thread is running tasks of this device; there is never a second.
    var isDriven = false
    /// What its worker sleeps on.
    let workArrived: Condition
    var hasWorker = false
    var settings = DeviceSettings()
    var coreLimits = CoreLimits()

    init(index: Int, lock: Lock, paced: PacedDevice?) {
        self.index = index
        self.paced = paced
        workArrived = Condition(lock)
    }

    var isBusy: Bool { isDriven || !ready.isEmpty }
}

/// What programs set on a device, and read again.
struct DeviceSettings {
    var overflowMode: Int32 = 1  // ACL_RT_OVERFLOW_MODE_INFNAN
}
