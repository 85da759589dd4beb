import AscendCL
import CWire
import Daemon
import Device
import Foundation
import RingDoubles
import Scheduling
import Wire

/// A daemon's core with programs, strangers and devices, in which steps happen, and what must hold
/// after each of them.
final class FaultWorld {
    struct Setting {
        var programs = 3
        var strangersMax = 2
        var streamDepthMax = 12
    }

    let bench: CoreBench
    private let setting: Setting
    private var programs: [HonestProgram] = []
    private var strangers: [Stranger] = []
    /// Sessions of programs that have gone: what they held must go as well.
    private var departed: [WeakSession] = []
    private var recording: FaultRecording?
    private var problems: [String] = []
    private var nextOperation: Int32 = 1_000_000
    /// What an operation comes behind, and whose it is.
    private var before: [Int32: Set<Int32>] = [:]
    private var owners: [Int32: HonestProgram] = [:]
    private var looked = [0, 0]
    /// The last operation that each stream of a device was given.
    private var last: [UInt64: Int32] = [:]

    private struct WeakSession {
        weak var session: Session?
    }

    init(seed: UInt64, _ setting: Setting = Setting()) throws {
        self.setting = setting
        let depth = setting.streamDepthMax
        bench = CoreBench(
            devices: 2, policy: RandomPolicy(seed: seed), scheduler: { $0.streamDepthMax = depth })
        for _ in 0..<setting.programs { try addProgram() }
        for device in bench.devices { device.answersAtOnce = false }
    }

    func takeProblems() -> [String] {
        defer { problems = [] }
        for program in programs { problems += program.takeProblems() }
        return problems + bench.violations
    }

    // MARK: Steps

    func carryOut(_ step: FaultStep) throws {
        let numbers = step.numbers
        let program = programs[Int(numbers[0] % UInt64(programs.count))]
        switch step.kind {
        case .work:
            guard let (operation, behind) = program.work(numbers, nextOperation: nextOperation)
            else { break }
            nextOperation += 1
            before[operation] = behind
            owners[operation] = program
        case .ask: try program.ask(numbers, bench.core)
        case .threadComes: try program.addThread(bench.core)
        case .threadGoes: program.endThread(numbers[1])
        case .programGoes, .programBreaks: try replaceProgram(numbers, step.kind == .programBreaks)
        case .strangerComes: try addStranger(numbers)
        case .strangerWrites, .strangerFloods, .strangerScribbles, .strangerGoes:
            letStranger(step.kind, numbers)
        case .finish, .fail: endOperation(numbers, fails: step.kind == .fail)
        case .answer, .refuse: answerAsk(numbers, refuses: step.kind == .refuse)
        case .pass: _ = bench.core.step(now: bench.now)
        case .time: bench.advance(by: 1 << (numbers[0] % 32))
        case .settle: settle()
        case .exchangePolicy: exchangePolicy(numbers)
        case .record: try toggleRecording(numbers)
        case .calm: calm()
        }
        checkSubmissions()
        for program in programs { program.noticeAnswers() }
    }

    private func settle() {
        bench.settle()
        if bench.core.step(now: bench.now) { problems.append("the loop does not rest") }
        bench.core.dropFinishedRings()
        for program in programs { program.noticeAnswers() }
        // A question that no device is needed for, of a program that nothing holds back.
        for program in programs where program.double.session.asksInFlight == 0 {
            for case .query? in program.threads.map(\.pending?.purpose) {
                problems.append("a question is not answered")
            }
        }
    }

    // MARK: Programs

    /// They come when the devices answer at once, and with everything that a program has.
    private func addProgram() throws {
        try whileDevicesAnswer { programs.append(try HonestProgram(bench)) }
    }

    private func whileDevicesAnswer(_ body: () throws -> Void) rethrows {
        let answersAtOnce = bench.devices.map(\.answersAtOnce)
        for device in bench.devices {
            device.answersAtOnce = true
            device.answerAll()
        }
        defer {
            for (device, atOnce) in zip(bench.devices, answersAtOnce) {
                device.answersAtOnce = atOnce
            }
        }
        try body()
    }

    private func replaceProgram(_ numbers: [UInt64], _ breaks: Bool) throws {
        let index = Int(numbers[0] % UInt64(programs.count))
        let old = programs.remove(at: index)
        if breaks {
            old.breakRing()
        } else {
            bench.core.take(ProgramEnded(client: old.double.session.id))
        }
        forget(old)
        try addProgram()
    }

    private func forget(_ program: HonestProgram) {
        problems += program.takeProblems()
        departed.append(WeakSession(session: program.double.session))
        for operation in program.unfinished { owners[operation] = nil }
    }

    // MARK: Strangers

    private func addStranger(_ numbers: [UInt64]) throws {
        guard strangers.count < setting.strangersMax else { return }
        try whileDevicesAnswer {
            strangers.append(try Stranger(bench, other: programs[0].address))
        }
    }

    private func letStranger(_ kind: FaultStep.Kind, _ numbers: [UInt64]) {
        guard !strangers.isEmpty else { return }
        let index = Int(numbers[0] % UInt64(strangers.count))
        let stranger = strangers[index]
        let rest = [numbers[1], numbers[2], numbers[0] >> 8]
        switch kind {
        case .strangerWrites: stranger.write(rest)
        case .strangerFloods: stranger.flood(rest)
        case .strangerScribbles: stranger.scribble(rest)
        // The first time its process ends; the second time whoever shared its memory.
        case _ where stranger.isGone:
            departed.append(WeakSession(session: stranger.double.session))
            strangers.remove(at: index)
        default: stranger.leave(bench.core)
        }
    }

    // MARK: Devices

    private func endOperation(_ numbers: [UInt64], fails: Bool) {
        let device = bench.devices[Int(numbers[0] % 2)]
        let streams = device.contract.runnable
        guard !streams.isEmpty else { return }
        end(device, streams[Int(numbers[1] % UInt64(streams.count))], fails: fails)
    }

    private func end(_ device: FakeExecutor, _ stream: UInt32, fails: Bool = false) {
        let ended =
            fails
            ? device.fail(stream: stream, code: HonestProgram.failureCode, at: bench.now)
            : device.finish(stream: stream, from: bench.now, to: bench.now)
        guard let operation = ended, let owner = owners[operation] else { return }
        let early = (before.removeValue(forKey: operation) ?? []).intersection(owner.unfinished)
        if !early.isEmpty { problems.append("\(operation) ran before \(early.sorted())") }
        if fails { owner.noteFailed(operation) } else { owner.noteFinished(operation) }
        owners[operation] = nil
    }

    /// Lanes run beside each other; in a lane the first ask is answered first.
    private func answerAsk(_ numbers: [UInt64], refuses: Bool) {
        let device = bench.devices[Int(numbers[0] % 2)]
        guard !device.openAsks.isEmpty else { return }
        let lane = device.openAsks[Int(numbers[1] % UInt64(device.openAsks.count))].lane
        guard let first = device.openAsks.first(where: { $0.lane == lane }) else { return }
        guard refuses else { return device.answer(first, status: 0) }
        device.answer(first, status: HonestProgram.refusalCode, message: "as the test says")
        // A plan that is asked for with an operation's values is one for its launch.
        if case .preparePlan(_, _, _, let values) = first.ask, values.count > 1,
            let operation = Int32(exactly: values[1]),
            let owner = owners.removeValue(forKey: operation)
        {
            owner.noteRefused(operation)
        }
    }

    /// A stream's operations reach its device in the order in which they were enqueued.
    private func checkSubmissions() {
        for (index, device) in bench.devices.enumerated() {
            for sent in device.sent[looked[index]...] {
                let stream: UInt32
                let operation: Int32
                switch sent.command {
                case .fill(let fill): (stream, operation) = (fill.stream, fill.value)
                case .launch(let launch) where sent.words.count > 1:
                    stream = launch.stream
                    operation = Int32(truncatingIfNeeded: sent.words[1])
                default: continue
                }
                guard owners[operation] != nil else { continue }
                let place = UInt64(index) << 32 | UInt64(stream)
                if let previous = last[place], previous >= operation {
                    problems.append("\(operation) came behind \(previous)")
                }
                last[place] = operation
            }
            looked[index] = device.sent.count
        }
    }

    // MARK: The daemon

    private func exchangePolicy(_ numbers: [UInt64]) {
        let policy: any Policy =
            switch numbers[0] % 4 {
            case 0: FIFOPolicy()
            case 1: FairPolicy()
            case 2: RandomPolicy(seed: numbers[1])
            default: UnsteadyPolicy(seed: numbers[1], failurePercent: Int(numbers[2] % 30))
            }
        // One that fails while it is opened does not become live.
        _ = bench.core.take(MakeLive(policy: HandedPolicy(value: policy)))
    }

    private func toggleRecording(_ numbers: [UInt64]) throws {
        if let running = recording {
            problems += try running.end(bench.core)
            recording = nil
        } else if numbers[0] % 8 == 0 {
            recording = try FaultRecording(bench.core)
        }
    }

    // MARK: Rest

    /// The devices do all that they were told, and so everybody must come through.
    private func calm() {
        _ = bench.core.take(MakeLive(policy: HandedPolicy(value: FIFOPolicy())))
        whileDevicesAnswer {
            for _ in 0..<200 {
                bench.settle()
                checkSubmissions()
                for device in bench.devices {
                    device.answerAll()
                    while let stream = device.contract.runnable.first { end(device, stream) }
                }
                for program in programs { program.noticeAnswers() }
                if programs.allSatisfy(\.isQuiet), !bench.core.step(now: bench.now) { break }
            }
        }
        for program in programs {
            if !program.isQuiet { problems.append("not served: \(program.stillWaiting)") }
            if !program.double.slotsTaken.isEmpty { problems.append("staging slots are taken") }
        }
    }

    /// Everybody goes; nothing may be left.
    func end() throws {
        if let recording { problems += try recording.end(bench.core) }
        calm()
        for program in programs {
            bench.core.take(ProgramEnded(client: program.double.session.id))
            forget(program)
        }
        for stranger in strangers {
            stranger.leave(bench.core)
            departed.append(WeakSession(session: stranger.double.session))
        }
        programs = []
        strangers = []
        owners = [:]
        calm()
        if bench.core.holdings != Holdings() { problems.append("held: \(bench.core.holdings)") }
        if !bench.core.sessions.isEmpty { problems.append("sessions are left") }
        // With a session go its rings, their memory and their descriptors.
        let kept = departed.count { $0.session != nil }
        if kept > 0 { problems.append("\(kept) sessions are kept alive") }
        for device in bench.devices where !device.contract.leftovers.isEmpty {
            problems.append("device \(device.device) has \(device.contract.leftovers)")
        }
    }
}

/// A recording into a folder that goes with it.
final class FaultRecording {
    private let recorder: TraceRecorder
    private let folder: URL

    init(_ core: DispatchCore) throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "flexnpu-recording.\(UUID().uuidString)")
        recorder = try TraceRecorder(
            directory: folder.path, table: .standard, environment: [:], limits: DaemonLimits())
        core.take(StartRecording(recorder: recorder))
    }

    /// What was wrong with it.
    func end(_ core: DispatchCore) throws -> [String] {
        core.take(EndRecording())
        let failure = recorder.stop().failure
        try FileManager.default.removeItem(at: folder)
        return failure.map { ["the recording failed: \($0)"] } ?? []
    }
}
