import CostModel

/// A queue of tasks that run one after the other. Guarded by the platform's lock.
final class Stream {
    /// What a stream is up to.
    enum State {
        /// Nothing to do.
        case idle
        /// In its device's list of streams with something to do.
        case ready
        case running
        /// Its next task waits for a mark that is not reached.
        case blocked
    }

    let id: Int32
    let device: Device
    let priority: UInt32
    let flags: UInt32
    /// How many tasks one stream may hold; a program that gets further ahead waits.
    static let depthMax = 65_536
    /// The same on a paced device: what a stream of the chip holds (rtsqDepth 2048, 35 reserved).
    static let pacedDepthMax = 2013

    var state = State.idle
    var tasks = Queue<StreamTask>()
    /// How many tasks were ever given to it, and how many of these are done.
    private(set) var enqueuedCount: UInt64 = 0
    private(set) var finishedCount: UInt64 = 0
    /// The first failure since the program was last told of one.
    private var fault: Failure?
    /// What the chip of a paced device calls it.
    var chipStream: ChipStream?
    /// What was submitted to the chip last.
    var lastPlace: PacedPlace?
    /// When the last thing that is complete was over on the chip, on the host's clock.
    var lastEndNanoseconds: UInt64 = 0
    var coreLimits = CoreLimits()
    /// The thread that computes its task; 0: none does.
    private(set) var computingThread: UInt = 0
    /// Set when it is destroyed: whoever waits for it waits no longer.
    var isAlive = true

    init(id: Int32, device: Device, priority: UInt32, flags: UInt32) {
        self.id = id
        self.device = device
        self.priority = priority
        self.flags = flags
    }

    var isIdle: Bool { state == .idle }

    /// Whether all that was put on it is done.
    var isDone: Bool { device.paced == nil ? isIdle : pendingCount == 0 }

    /// What was put on it and is not done.
    var pendingCount: UInt64 { enqueuedCount &- finishedCount }

    func append(_ task: StreamTask) {
        tasks.append(task)
        enqueuedCount &+= 1
    }

    /// Counts a task that ran without being queued.
    func noteEnqueued() { enqueuedCount &+= 1 }

    func finish(_ failure: Failure?) {
        finishedCount &+= 1
        if fault == nil, let failure { fault = failure }
    }

    /// The calling thread computes a task of it until `endComputing`.
    func beginComputing() { computingThread = Cancellation.thisThread }

    /// Whether the task that was computed was cancelled.
    func endComputing() -> Bool {
        computingThread = 0
        return Cancellation.takeRequest()
    }

    /// What is computed for it stops at its next piece.
    func cancelComputing() {
        if computingThread != 0 { Cancellation.request(computingThread) }
    }

    func takeFault() -> Failure? {
        defer { fault = nil }
        return fault
    }
}
