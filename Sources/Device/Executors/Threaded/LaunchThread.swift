import Glibc
import LinuxIO
import Synchronization
import Wire

/// The thread of a device: takes commands, puts work on streams, and learns of its end.
///
/// All of it belongs to that one thread. `LaunchThread+Commands` is what the commands do,
/// `LaunchThread+Looking` how completions are learned.
final class LaunchThread {
    let shared: ExecutorShared
    let isStopping: StopFlag
    let runtime: AscendRuntime
    let starter: OperationStarter<LaunchStream>
    var events: EventPool
    var clock: EventClock
    var marks = MarkTable()
    var completions: CompletionWriter
    private var commands: WordRingReader
    /// Streams with something on the device, and among them those with operations behind which no
    /// event is recorded.
    var busy: [LaunchStream] = []
    var open: [LaunchStream] = []
    /// Set by a look that found a stream done before what it waited for.
    var isHeldByOther = false
    var figures = ExecutorFigures()

    /// How many commands are done before streams are looked at again.
    private static let commandsPerTurn = 64
    /// An event is recorded where so much predicted work has gathered since the last; 50 µs of the
    /// chip's time.
    let batchNanoseconds: Nanoseconds
    /// An event is recorded where a stream is predicted to run dry so soon: a wake-up's time.
    let marginNanoseconds: Nanoseconds

    private let reported: ReportedFigures

    init(_ shared: ExecutorShared, _ isStopping: StopFlag, _ reported: ReportedFigures) {
        self.reported = reported
        self.shared = shared
        self.isStopping = isStopping
        runtime = shared.access.forOneThread()
        let scale = runtime.calls.more.timeScale
        batchNanoseconds = Nanoseconds(50_000 * scale)
        marginNanoseconds = Nanoseconds(20_000 * scale)
        starter = OperationStarter(
            device: shared.device, runtime: runtime, operators: shared.operators,
            tables: shared.tables, side: .launchThread, bounds: shared.bounds)
        events = EventPool(runtime)
        clock = EventClock(runtime)
        completions = CompletionWriter(shared.completions, shared.doorbell)
        commands = WordRingReader(shared.commands)
    }

    func run() {
        sleepPrecisely()
        if (try? starter.selectDevice()) != nil { clock.calibrate(now: MonotonicClock.now()) }
        while !isStopping.isSet {
            forgetRemoved()
            let hasMore = takeCommands()
            closeOpenBatches()
            // Before the loop can hear of what they count.
            reportFigures()
            lookAtStreams()
            completions.publish()
            if !hasMore, !isStopping.isSet { sleep() }
        }
        if busy.isEmpty { events.destroyFree() }
    }

    /// Does commands that wait; returns whether there may be more.
    private func takeCommands() -> Bool {
        for _ in 0..<Self.commandsPerTurn {
            guard let words = unsafe commands.nextFrame() else { return false }
            if isStopping.isSet { return false }
            forgetRemoved()
            if let command = unsafe CommandCoding.command(words) {
                unsafe perform(command, WordFrame.rest(of: words))
            } else if let stream = unsafe CommandCoding.streamToLetGo(words) {
                letGo(of: stream)
            }
            commands.finishFrame()
        }
        return true
    }

    private func forgetRemoved() {
        // The loop destroys a stream when its work is done; waits may be left.
        starter.forgetRemoved { self.releaseOpenWaits(of: $0) }
    }

    /// No command for the stream follows. It may be destroyed when nothing of it is on the device.
    private func letGo(of number: UInt32) {
        guard let stream = starter.knownStream(number) else {
            return shared.departures.depart(number)
        }
        stream.isLeaving = true
        departIfIdle(stream)
    }

    func departIfIdle(_ stream: LaunchStream) {
        guard stream.isLeaving, stream.operations.isEmpty, stream.batches.isEmpty else { return }
        shared.departures.depart(stream.number)
    }

    private func reportFigures() {
        var figures = starter.figures
        figures.eventsRecorded = self.figures.eventsRecorded
        figures.looks = self.figures.looks
        reported.report(figures)
    }

    private func sleep() {
        reportFigures()
        let now = MonotonicClock.now()
        var until = Int64.max
        for stream in busy { until = min(until, stream.nextLook) }
        for stream in open { until = min(until, stream.recordTime(margin: marginNanoseconds)) }
        if completions.isBehind { until = min(until, now + LookSchedule.longest) }
        if busy.isEmpty { clock.calibrate(now: now) }
        let timeout = until == .max ? -1 : max(0, until - now)
        guard timeout != 0 else { return }
        shared.commands.sleepAsReader(timeoutNanoseconds: timeout) {
            commands.hasMore || isStopping.isSet
        }
    }

    func list(_ stream: LaunchStream) {
        guard !stream.isListed else { return }
        stream.isListed = true
        stream.nextLook = 0
        busy.append(stream)
    }
}

/// Set once, when an executor is to end.
final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .sequentiallyConsistent) }
    func set() { flag.store(true, ordering: .sequentiallyConsistent) }
}
