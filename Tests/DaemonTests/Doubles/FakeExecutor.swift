import Device
import Wire

/// A device that does what a test says, when it says, and notes whatever breaks the contract of
/// `DeviceExecutor`.
final class FakeExecutor: DeviceExecutor {
    struct Sent: Equatable {
        var command: DeviceCommand
        var words: [UInt64]
    }
    struct Asked: Equatable {
        var ask: DeviceAsk
        var lane: UInt32
        var ticket: UInt64
    }

    struct Running {
        var ticket: UInt64
        var stream: UInt32
        /// A fill's value or a launch's second word, by which tests know it.
        var value: Int32 = 0
    }

    let device: Int32
    let completesInline = false
    /// Every command, in order.
    private(set) var sent: [Sent] = []
    /// Asks that have no answer yet.
    private(set) var openAsks: [Asked] = []
    /// Every ask, in order.
    private(set) var asked: [DeviceAsk] = []
    private(set) var closedLanes: [UInt32] = []
    private(set) var isStopped = false
    var figures = ExecutorFigures()
    var nextLook: Nanoseconds?
    /// Asks are answered at once with what `respond` says; false: they wait for `answer`.
    var answersAtOnce = true
    private var nextAddress: UInt64
    private var completions: [DeviceCompletion] = []
    /// Tickets given and not completed, in order.
    private(set) var running: [Running] = []
    /// Streams, plans and marks as the device knows them.
    private(set) var contract = ExecutorContract()

    init(device: Int32 = 0) {
        self.device = device
        nextAddress = 0x1000_0000 * UInt64(device + 1)
    }

    func submit(_ command: DeviceCommand, words: Span<UInt64>) {
        sent.append(Sent(command: command, words: words.indices.map { words[$0] }))
        contract.note(command)
        switch command {
        case .launch(let launch):
            let value = words.count > 1 ? Int32(truncatingIfNeeded: words[1]) : 0
            running.append(Running(ticket: launch.ticket, stream: launch.stream, value: value))
        case .copy(let copy): running.append(Running(ticket: copy.ticket, stream: copy.stream))
        case .fill(let fill):
            running.append(Running(ticket: fill.ticket, stream: fill.stream, value: fill.value))
        default: break
        }
        passMarks()
    }

    func ask(_ ask: DeviceAsk, lane: UInt32, ticket: UInt64) {
        asked.append(ask)
        contract.note(ask)
        openAsks.append(Asked(ask: ask, lane: lane, ticket: ticket))
        if answersAtOnce { answerAll() }
    }

    func closeLane(_ lane: UInt32) { closedLanes.append(lane) }

    func nextCompletion() -> DeviceCompletion? {
        completions.isEmpty ? nil : completions.removeFirst()
    }

    func stop() { isStopped = true }

    // MARK: What a test says

    /// Answers every open ask with success.
    func answerAll() {
        for asked in openAsks { answer(asked, status: 0) }
    }

    func answer(
        _ asked: Asked, status: Int32 = 0, message: String = "", words: [UInt64] = []
    ) {
        openAsks.removeAll { $0.ticket == asked.ticket }
        var answer = DeviceAnswer(status: status, message: message, words: words)
        if status == 0, case .allocate(let bytes, _) = asked.ask {
            answer.words = [nextAddress]
            contract.noteAllocated(nextAddress)
            nextAddress += (bytes + 0xfff) & ~0xfff
        }
        contract.noteAnswered(asked.ask, status: status)
        completions.append(.answer(ticket: asked.ticket, answer))
    }

    /// The oldest operation of the stream is done.
    @discardableResult
    func finish(stream: UInt32, from start: Nanoseconds, to end: Nanoseconds) -> Int32? {
        guard let oldest = takeOldest(of: stream) else { return nil }
        completions.append(.operation(ticket: oldest.ticket, startedAt: start, finishedAt: end))
        passMarks()
        return oldest.value
    }

    /// The oldest operation of the stream fails.
    @discardableResult
    func fail(stream: UInt32, code: Int32, at time: Nanoseconds) -> Int32? {
        guard let oldest = takeOldest(of: stream) else { return nil }
        completions.append(
            .failed(
                ticket: oldest.ticket, error: DeviceError(code: code, message: "as the test says"),
                startedAt: time, finishedAt: time))
        passMarks()
        return oldest.value
    }

    private func takeOldest(of stream: UInt32) -> Running? {
        guard let index = running.firstIndex(where: { $0.stream == stream }) else { return nil }
        contract.noteFinished(on: stream)
        return running.remove(at: index)
    }

    private func passMarks() {
        for mark in contract.takeReached() {
            completions.append(.markReached(mark: mark, at: 0))
        }
    }

    /// Everything that runs is done, in an order that the device could have.
    func finishAll(at time: Nanoseconds) {
        while let stream = contract.runnable.first ?? running.first?.stream {
            finish(stream: stream, from: time, to: time)
        }
    }

    var launches: [LaunchCommand] {
        sent.compactMap { if case .launch(let launch) = $0.command { launch } else { nil } }
    }

    /// What was submitted, by kind.
    var kinds: [String] {
        sent.map { sent in
            switch sent.command {
            case .launch: "launch"
            case .copy: "copy"
            case .fill(let fill): "fill \(fill.bytes)"
            case .record: "record"
            case .wait: "wait"
            case .forgetMark: "forget"
            case .abort: "abort"
            case .limit: "limit"
            }
        }
    }

    func asks(_ isWanted: (DeviceAsk) -> Bool) -> Int { asked.count(where: isWanted) }
}
