import Wire

/// One thing that was submitted to a chip and is not complete.
struct PacedEntry {
    enum Phase: Equatable {
        case queued
        case started
        /// Over on the chip at this time.
        case ended(Nanoseconds)
    }

    /// nil: chip work alone.
    let task: StreamTask?
    let stream: Stream
    /// Counts what was submitted to the device.
    let serial: UInt64
    var phase = Phase.queued
    /// Its arithmetic has not begun.
    var isToCompute: Bool
    var isComputing = false
    /// A thread sleeps until it is complete.
    var isAwaited = false
    var failure: Failure?

    init(task: StreamTask?, stream: Stream, serial: UInt64, isToCompute: Bool) {
        self.task = task
        self.stream = stream
        self.serial = serial
        self.isToCompute = isToCompute
    }
}

/// Where an entry is: its device's slot, while the serial is still that of the slot's entry.
struct PacedPlace {
    let device: PacedDevice
    let slot: Int
    let serial: UInt64

    static let slotMask: UInt64 = 0xFF_FFFF

    /// What the timeline calls it.
    var tag: UInt64 { Self.tag(slot: slot, serial: serial) }

    static func tag(slot: Int, serial: UInt64) -> UInt64 {
        serial << 24 | UInt64(slot) & slotMask
    }
}
