import Glibc

/// The devices of this process, their streams and events, and the lock over all of it.
final class Platform: @unchecked Sendable {  // `lock` guards every mutable member
    static let shared = Platform()

    let lock = Lock()
    /// Announced when a stream gets on or a device is left: those who wait look again.
    let progress: Condition
    let devices: [Device]
    let memory: AddressSpace
    var contexts = HandleTable<Context>(.context)
    var streams = HandleTable<Stream>(.stream)
    var events = HandleTable<Event>(.event)
    /// Tasks run in the thread that enqueues them; otherwise each device has a worker.
    var runsInline = false
    /// A stream became ready since it was last looked whether somebody runs it.
    var mayNeedDriver = false
    /// The process is ending: no worker is left or will start.
    var isEnding = false
    var initialization = Initialization.never
    /// Settings of the process that programs write and read again.
    var parameters: [Int32: Int64] = [:]
    var compileOptions: [Int32: String] = [10: "disable"]  // ACL_OP_JIT_COMPILE
    private var nextStreamID: Int32 = 0
    let settings: Settings
    let works = WorkCache()
    /// How the chips' time goes beside the host's; nil: devices are as fast as the CPU.
    let pacedClock: PacedClock?
    /// Streams of paced devices that wait for what their chip does not know of.
    var heldStreamCount = 0
    /// Threads that sleep until anything happens on a paced device.
    var openWaitCount = 0

    enum Initialization {
        case never, done, finalized
    }

    private init() {
        let settings = Settings()
        let lock = self.lock
        progress = Condition(lock)
        self.settings = settings
        pacedClock =
            settings.isPaced
            ? PacedClock(
                originNanoseconds: MonotonicClock.nanoseconds(), scale: settings.scale) : nil
        devices = (0..<settings.deviceCount).map {
            let paced =
                settings.isPaced
                ? PacedDevice(chip: settings.chip, settings: settings.chipSettings) : nil
            return Device(index: $0, lock: lock, paced: paced)
        }
        memory = AddressSpace(
            deviceCount: settings.deviceCount, bytesPerDevice: settings.memoryBytes)
    }

    /// What a scale adds to a wake-up, of which the machine makes one itself.
    var wakeUpStretchNanoseconds: UInt64 {
        UInt64(max(0, settings.scale - 1) * settings.wakeUpNanoseconds)
    }

    func device(_ index: Int32) throws(Failure) -> Device {
        guard devices.indices.contains(Int(index)) else {
            throw Failure(
                Status.unknownDevice, "device \(index) does not exist; there are \(devices.count)")
        }
        return devices[Int(index)]
    }

    /// The stream behind a handle; NULL is the default stream of the thread's context.
    @safe func stream(_ handle: UnsafeRawPointer?) throws(Failure) -> Stream {
        guard let handle = unsafe handle else {
            return try ThreadState.current.requireContext().defaultStream
        }
        // A reset device's streams are gone, whoever made them.
        guard let stream = streams.object(handle), stream.isAlive else {
            throw .invalid("0x\(hex(UInt(bitPattern: handle))) is not a stream")
        }
        return stream
    }

    @safe func event(_ handle: UnsafeRawPointer?) throws(Failure) -> Event {
        guard let event = events.object(handle) else {
            throw .invalid("0x\(hex(UInt(bitPattern: handle))) is not an event")
        }
        return event
    }

    func makeStream(on device: Device, priority: UInt32, flags: UInt32) -> Stream {
        let stream = Stream(id: nextStreamID, device: device, priority: priority, flags: flags)
        nextStreamID &+= 1
        stream.chipStream = device.paced?.addStream(priority: Int(min(priority, 7)))
        device.streams.append(stream)
        return stream
    }

    /// Forgets a stream that has nothing to do any more, or drops what it has.
    func retire(_ stream: Stream) {
        discardTasks(of: stream)
        stream.isAlive = false
        if let chipStream = stream.chipStream { stream.device.paced?.removeStream(chipStream) }
        stream.chipStream = nil
        stream.device.streams.removeAll { $0 === stream }
        progress.announce()
    }
}
