package import AscendCL
import LinuxIO
package import Wire

/// One thread for one device: it owns the context, launches, and learns of completions.
///
/// A stream accepts work behind work. Start reading at `LaunchThread`.
package final class ThreadedExecutor: DeviceExecutor {
    package let device: Int32
    package let completesInline = false
    let shared: ExecutorShared
    private let isStopping = StopFlag()
    private let ended = Semaphore()
    private let lanes: Lanes
    private let reported = ReportedFigures()
    private let commandRing: WordRing
    private var commands: WordRingWriter
    private var completions: WordRingReader
    /// Commands that did not fit into the ring, in order.
    private var backlog = Fifo<(frame: WordFrame, words: [UInt64])>()
    private var backlogWords = 0
    /// Failures of commands that were not taken at all.
    private var refused = Fifo<DeviceCompletion>()
    private var hasStopped = false

    /// Starts the device's thread. `doorbell` rings when something is done while the loop sleeps.
    package init(
        device: Int32, access: RuntimeAccess, operators: OperatorLibrary, functions: APITable,
        doorbell: LoopDoorbell, bounds: KernelBounds = KernelBounds()
    ) throws {
        self.device = device
        shared = ExecutorShared(
            device: device, access: access, operators: operators, functions: functions,
            doorbell: doorbell, bounds: bounds)
        lanes = Lanes(shared)
        commandRing = shared.commands
        commands = WordRingWriter(shared.commands)
        completions = WordRingReader(shared.completions)
        try startThread("device \(device)") { [shared, isStopping, ended, reported] in
            LaunchThread(shared, isStopping, reported).run()
            ended.signal()
        }
    }

    /// Whether the thread has taken all commands, and done each of them.
    var hasTakenAll: Bool { backlog.isEmpty && commands.isDrained }

    package func submit(_ command: DeviceCommand, words: Span<UInt64>) {
        guard !hasStopped else { return }
        if case .abort(let stream) = command { shared.aborts.add(stream) }
        guard words.count <= ExecutorLimits.commandWords else {
            return refuse(command, "\(words.count) words beside a command are too many")
        }
        let isTaken = unsafe words.withUnsafeBufferPointer { buffer in
            unsafe send(CommandCoding.frame(command, restCount: buffer.count), buffer)
        }
        guard isTaken else {
            return refuse(command, "\(backlogWords) words of commands wait for device \(device)")
        }
    }

    /// Gives a frame to the device's thread; false where too many wait for it.
    private func send(_ frame: WordFrame, _ words: UnsafeBufferPointer<UInt64>) -> Bool {
        drainBacklog()
        if backlog.isEmpty, unsafe commands.write(frame, words) {
            commandRing.wakeReader()
            return true
        }
        guard backlogWords < ExecutorLimits.backlogWords else { return false }
        backlogWords += words.count + 8
        unsafe backlog.append((frame, Array(words)))
        return true
    }

    private func drainBacklog() {
        guard !backlog.isEmpty else { return }
        while let first = backlog.first {
            let isWritten = unsafe first.words.withUnsafeBufferPointer {
                unsafe commands.write(first.frame, $0)
            }
            guard isWritten else { break }
            backlogWords -= first.words.count + 8
            _ = backlog.popFirst()
        }
        commandRing.wakeReader()
    }

    private func refuse(_ command: DeviceCommand, _ reason: String) {
        let error = DeviceError(code: 207_006, message: reason)
        let now = MonotonicClock.now()
        switch command {
        case .launch(let launch): refuse(launch.ticket, error, now)
        case .copy(let copy): refuse(copy.ticket, error, now)
        case .fill(let fill): refuse(fill.ticket, error, now)
        case .record(_, let mark): refused.append(.markFailed(mark: mark, error: error))
        case .abort(let stream): shared.aborts.remove(stream)
        case .wait, .forgetMark, .limit: break
        }
    }

    private func refuse(_ ticket: UInt64, _ error: DeviceError, _ now: Nanoseconds) {
        refused.append(.failed(ticket: ticket, error: error, startedAt: now, finishedAt: now))
    }

    package func ask(_ ask: DeviceAsk, lane: UInt32, ticket: UInt64) {
        guard !hasStopped else { return }
        guard case .destroyStream(let stream) = ask else {
            return lanes.ask(ask, lane: lane, ticket: ticket)
        }
        guard lanes.expect(stream, lane: lane, ticket: ticket),
            unsafe !send(CommandCoding.letGo(of: stream), UnsafeBufferPointer(start: nil, count: 0))
        else { return }
        // A device that is so far behind has lost its order already.
        shared.departures.depart(stream)
    }

    package func closeLane(_ lane: UInt32) { lanes.closeLane(lane) }

    package func nextCompletion() -> DeviceCompletion? {
        if !backlog.isEmpty { drainBacklog() }
        shared.aborts.cancelRunning()
        if let completion = refused.popFirst() { return completion }
        while let words = unsafe completions.nextFrame() {
            defer { completions.finishFrame() }
            if let completion = unsafe CompletionCoding.completion(words) { return completion }
        }
        return shared.answers.popFirst()
    }

    /// Only while commands wait for room in the ring, or an abort for its turn.
    package var nextLook: Nanoseconds? {
        let isQuiet = backlog.isEmpty && refused.isEmpty && shared.aborts.isEmpty
        return isQuiet ? nil : MonotonicClock.now() + LookSchedule.longest
    }

    package var figures: ExecutorFigures { reported.value }

    /// How long `stop` waits for threads that are inside the device library.
    private static let patienceMilliseconds = 400

    package func stop() {
        guard !hasStopped else { return }
        hasStopped = true
        isStopping.set()
        shared.aborts.cancelRunning()
        commandRing.wakeReader()
        lanes.stop()
        // Who does not come back in time is left behind, with all that it uses.
        _ = ended.wait(milliseconds: Self.patienceMilliseconds)
        lanes.waitForEnd(milliseconds: Self.patienceMilliseconds)
    }

    deinit { stop() }
}
