import Scheduling
import Wire

/// Plays a timeline's streams to a policy, in virtual time, on a device that runs one operation
/// after the other.
///
/// Only the head of each stream is ready, as in the daemon.
struct TimelineRun {
    /// What was dispatched, a column a tick, as `Timeline.out` spells it.
    private(set) var out: [Character] = []
    /// How often each line of the policy took an operation.
    private(set) var rules: [Int: Int] = [:]
    private(set) var breach: PolicyBreach?

    static let tickNanoseconds: Nanoseconds = 100_000
    private static let device = DeviceID(rawValue: 0)

    private struct Queued {
        var letter: Character
        var facts: OperationFacts
    }

    private let streams: [Timeline.Stream]
    private let policy: LuaPolicy
    private var waiting: [[Queued]]
    private var sequences: [UInt64]
    /// Whether the policy knows the head of the stream.
    private var isReady: [Bool]
    private var running: (stream: Int, work: Queued, end: Nanoseconds)?

    init(_ timeline: Timeline, policy: LuaPolicy) {
        streams = timeline.streams
        self.policy = policy
        waiting = streams.map { _ in [] }
        sequences = streams.map { _ in 0 }
        isReady = streams.map { _ in false }
        // Until everything is out and as long as the test looks, whichever is longer.
        let arrivals = streams.map { $0.arrivals.compactMap { $0 }.count * $0.length }
        let ticks = max(
            timeline.out.count,
            arrivals.reduce(0, +) + (streams.map(\.arrivals.count).max() ?? 0))
        for tick in 0..<min(ticks, 100_000) where breach == nil {
            step(tick)
            if tick + 1 >= timeline.out.count, isOver(after: tick) { break }
        }
        while out.count > timeline.out.count, out.last == "-" { out.removeLast() }
    }

    static func clients(of timeline: Timeline) -> [ClientFacts] {
        timeline.streams.enumerated().map { index, stream in
            ClientFacts(
                id: ClientID(rawValue: UInt32(index + 1)), name: stream.name, weight: stream.weight)
        }
    }

    private func isOver(after tick: Int) -> Bool {
        running == nil && waiting.allSatisfy(\.isEmpty)
            && streams.allSatisfy { $0.arrivals.dropFirst(tick + 1).allSatisfy { $0 == nil } }
    }

    private mutating func note(_ failure: PolicyBreach?) {
        if breach == nil { breach = failure }
    }

    private mutating func step(_ tick: Int) {
        let now = Nanoseconds(tick) * Self.tickNanoseconds
        finish(now)
        for index in streams.indices {
            if tick < streams[index].arrivals.count, let letter = streams[index].arrivals[tick] {
                enqueue(letter, on: index, now: now)
            }
            showHead(of: index, now: now)
        }
        if running != nil {
            out.append(".")
        } else {
            dispatch(now)
        }
    }

    private mutating func finish(_ now: Nanoseconds) {
        guard let (stream, work, end) = running, end <= now else { return }
        running = nil
        let took = work.facts.costNanoseconds
        note(policy.done(work.facts, tookNanoseconds: took, now: now))
        showHead(of: stream, now: now)
    }

    private mutating func enqueue(_ letter: Character, on index: Int, now: Nanoseconds) {
        let phases: [Character: Phase] = ["P": .prefill, "D": .decode, "M": .mixed]
        sequences[index] += 1
        let facts = OperationFacts(
            id: OperationID(slot: UInt32(index), generation: UInt32(sequences[index])),
            client: ClientID(rawValue: UInt32(index + 1)),
            stream: StreamID(rawValue: UInt64(index)),
            device: Self.device, function: FunctionID(rawValue: 0), phase: phases[letter] ?? .other,
            phaseSource: phases[letter] == nil ? .none : .label, sequence: sequences[index],
            costNanoseconds: Nanoseconds(streams[index].length) * Self.tickNanoseconds,
            enqueuedAt: now)
        waiting[index].append(Queued(letter: letter, facts: facts))
    }

    private mutating func showHead(of index: Int, now: Nanoseconds) {
        guard !isReady[index], running?.stream != index, let head = waiting[index].first else {
            return
        }
        isReady[index] = true
        note(policy.ready(head.facts, now: now))
    }

    private mutating func dispatch(_ now: Nanoseconds) {
        guard isReady.contains(true) else { return out.append("-") }
        switch policy.decide(DeviceLoad(device: Self.device), now: now) {
        case .dispatch(let id, let line, _, _):
            let index = Int(id.slot)
            let work = waiting[index].removeFirst()
            isReady[index] = false
            running = (index, work, now + work.facts.costNanoseconds)
            rules[Int(line), default: 0] += 1
            out.append(work.letter)
        case .hold:
            out.append("-")
        case .breach(let failure):
            note(failure)
        }
    }
}
