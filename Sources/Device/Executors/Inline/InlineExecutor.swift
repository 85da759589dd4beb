package import AscendCL
import LinuxIO
package import Wire

/// For a device that computes in the calling thread (the software device by its free clock): short
/// operations run here, on the loop's own thread, and everything else on the device's.
///
/// Two threads never drive the device: an operation runs here only when the other one has nothing
/// to do and nothing under way, for the software device would queue it behind what is running there
/// and return before it is done. So operations stay in the order in which they were submitted.
package final class InlineExecutor: DeviceExecutor {
    package let device: Int32
    package let completesInline = true
    /// Operations predicted to take as long as this, or longer, run on the device's thread.
    package let boundNanoseconds: Nanoseconds
    private let threaded: ThreadedExecutor
    private let runsHere: Bool
    private let starter: OperationStarter<StreamWork>
    private let worker: AskWorker
    private var done = Fifo<DeviceCompletion>()
    private var forwarded = ForwardedWork()
    private var inlineOperations: UInt64 = 0

    /// `runtime` is the loop's, the same one for all its devices: it knows which device is the
    /// thread's. Where the library does not compute in the calling thread, all operations run on
    /// the device's own.
    package init(
        device: Int32, runtime: AscendRuntime, operators: OperatorLibrary, functions: APITable,
        doorbell: LoopDoorbell, boundNanoseconds: Nanoseconds = 50_000,
        bounds: KernelBounds = KernelBounds()
    ) throws {
        self.device = device
        self.boundNanoseconds = boundNanoseconds
        runsHere = runtime.runsInline
        threaded = try ThreadedExecutor(
            device: device, access: runtime.access, operators: operators, functions: functions,
            doorbell: doorbell, bounds: bounds)
        worker = AskWorker(threaded.shared, runtime: runtime)
        starter = OperationStarter(
            device: device, runtime: runtime, operators: operators,
            tables: threaded.shared.tables, side: .loop, bounds: bounds)
    }

    /// Whether nothing is under way on the device's thread, nor about to be.
    private var isThreadIdle: Bool { forwarded.isEmpty && threaded.hasTakenAll }

    // MARK: Commands

    package func submit(_ command: DeviceCommand, words: Span<UInt64>) {
        switch command {
        case .launch(let launch) where canRun(launch.predictedNanoseconds):
            unsafe words.withUnsafeBufferPointer { values in
                run(launch.ticket, launch.stream) { (stream) throws(DeviceError) in
                    try unsafe starter.launch(launch, values: values, on: stream)
                }
            }
        case .copy(let copy) where canRun(copy.predictedNanoseconds):
            unsafe words.withUnsafeBytes { bytes in unsafe run(copy, bytes) }
        case .fill(let fill) where canRun(fill.predictedNanoseconds):
            run(fill.ticket, fill.stream) { (stream) throws(DeviceError) in
                try starter.fill(fill, on: stream)
            }
        case .launch, .copy, .fill: forward(command, words)
        case .record(_, let mark):
            guard isThreadIdle, forwarded.noteReached(mark) else { return forward(command, words) }
            done.append(.markReached(mark: mark, at: MonotonicClock.now()))
        case .wait(_, let mark):
            if !forwarded.isReached(mark) { forward(command, words) }
        case .forgetMark(let mark):
            if forwarded.forget(mark) { threaded.submit(command) }
        case .abort: forward(command, words)
        case .limit(let number, let cube, let vector):
            try? starter.stream(number).limits = CoreLimits(cube: cube, vector: vector)
            forward(command, words)
        }
    }

    private func forward(_ command: DeviceCommand, _ words: Span<UInt64>) {
        forwarded.note(command)
        threaded.submit(command, words: words)
    }

    private func canRun(_ predicted: Nanoseconds) -> Bool {
        runsHere && predicted < boundNanoseconds && isThreadIdle
    }

    private func run(_ copy: CopyCommand, _ data: UnsafeRawBufferPointer) {
        run(copy.ticket, copy.stream) { (stream) throws(DeviceError) in
            guard unsafe data.isEmpty || UInt64(data.count) >= copy.bytes else {
                throw DeviceError(
                    code: 107_000, message: "a copy of \(copy.bytes) bytes from \(data.count)")
            }
            return try unsafe starter.copy(
                copy, data: data.isEmpty ? nil : data.baseAddress, on: stream)
        }
    }

    /// Runs an operation to its end; what it finds wrong in its data is told at the synchronize.
    private func run(
        _ ticket: UInt64, _ number: UInt32,
        _ body: (StreamWork) throws(DeviceError) -> Nanoseconds
    ) {
        inlineOperations += 1
        var startedAt: Nanoseconds?
        do throws(DeviceError) {
            starter.forgetRemoved()
            let stream = try starter.stream(number)
            startedAt = try body(stream)
            try unsafe starter.runtime.synchronize(stream.handle)
            if !stream.retiredWorkspaces.isEmpty { starter.freeWorkspaces(of: stream) }
            let now = MonotonicClock.now()
            done.append(
                .operation(ticket: ticket, startedAt: startedAt ?? now, finishedAt: now))
        } catch {
            let now = MonotonicClock.now()
            done.append(
                .failed(
                    ticket: ticket, error: error, startedAt: startedAt ?? now, finishedAt: now))
        }
    }

    // MARK: Asks

    package func ask(_ ask: DeviceAsk, lane: UInt32, ticket: UInt64) {
        guard canAnswer(ask), !forwarded.isLaneBusy(lane) else {
            forwarded.noteAsk(ticket, lane: lane, mayDriveDevice: ask.mayDriveDevice)
            return threaded.ask(ask, lane: lane, ticket: ticket)
        }
        done.append(.answer(ticket: ticket, worker.answer(ask, lane: lane)))
        if ask.removesSomething {
            starter.forgetRemoved()
            threaded.shared.commands.wakeReader()
        }
    }

    /// The most bytes that are copied or set on the loop's thread: some twenty microseconds' worth.
    private static let copyBytesMax: UInt64 = 256 << 10

    /// What the software device answers without waiting for anything.
    private func canAnswer(_ ask: DeviceAsk) -> Bool {
        guard runsHere else { return false }
        switch ask {
        case .copyNow(_, _, let bytes, _, _), .fillNow(_, _, let bytes):
            return bytes <= Self.copyBytesMax
        case .destroyStream, .free: return isThreadIdle
        case .createStream, .allocate, .preparePlan, .dropPlan, .query, .memoryInfo: return true
        case .registerHost, .unregisterHost: return true
        }
    }

    package func closeLane(_ lane: UInt32) { threaded.closeLane(lane) }

    // MARK: Completions

    package func nextCompletion() -> DeviceCompletion? {
        if let completion = done.popFirst() { return completion }
        guard let completion = threaded.nextCompletion() else { return nil }
        forwarded.noteCompletion(completion)
        // An answer may be that of something removed.
        if case .answer = completion { starter.forgetRemoved() }
        return completion
    }

    package var nextLook: Nanoseconds? { threaded.nextLook }

    package var figures: ExecutorFigures {
        var sum = threaded.figures
        sum.operations += starter.figures.operations
        sum.inlineOperations = inlineOperations
        sum.executorHits += starter.figures.executorHits
        sum.executorMisses += starter.figures.executorMisses
        sum.plansPreparedAgain += starter.figures.plansPreparedAgain
        return sum
    }

    package func stop() { threaded.stop() }
}

extension DeviceAsk {
    /// A thread that waits for the software device runs its tasks meanwhile.
    fileprivate var mayDriveDevice: Bool {
        switch self {
        case .destroyStream, .free, .query: true
        default: false
        }
    }
}
