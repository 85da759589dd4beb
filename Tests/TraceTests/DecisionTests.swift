import Testing
import Trace
import Wire

/// What a policy was asked and answered.
@Suite struct DecisionTests {
    private func randomDecisions(seed: UInt64, count: Int) -> [DecisionEvent] {
        var random = SeededGenerator(seed: seed)
        func wide() -> UInt64 { random.next() >> UInt64.random(in: 0..<64, using: &random) }
        func wide32() -> UInt32 { UInt32(wide() >> 32) }
        var time: Nanoseconds = 0
        return (0..<count).map { index in
            time += Nanoseconds(wide() >> 30)
            let answers: [DecisionEvent.Answer] = [
                .hold(until: nil), .hold(until: time &+ Nanoseconds(wide() >> 2)),
                .operation(
                    client: ClientID(rawValue: wide32()), stream: wide() | 1, sequence: wide()),
                .operation(
                    client: ClientID(rawValue: 1 + UInt32(index % 2)), stream: 5,
                    sequence: UInt64(index)),
            ]
            return DecisionEvent(
                time: time, device: DeviceID(rawValue: Int32(truncatingIfNeeded: wide())),
                inFlight: wide32(), inFlightNanoseconds: Nanoseconds(wide() >> 1),
                ready: wide32(), answer: answers[Int.random(in: 0..<4, using: &random)],
                isByFallback: Bool.random(using: &random), cores: wide32(),
                note: Bool.random(using: &random) ? "" : "later: ü", policyLoad: wide32(),
                policyLine: wide32(), instructions: wide())
        }
    }

    @Test(arguments: UInt64(1)...10)
    func `what is written is read`(seed: UInt64) throws {
        let wanted = randomDecisions(seed: seed, count: 1000).map(TraceEvent.decision)
        var found: [TraceEvent] = []
        try TraceReader(source: written(wanted), table: testTable).events { found.append($0) }
        #expect(found.count == wanted.count, "seed \(seed)")
        #expect(zip(found, wanted).first { $0 != $1 } == nil, "seed \(seed)")
    }

    private let usual = DecisionEvent(
        time: 1_000_000, device: DeviceID(rawValue: 0), inFlight: 2, inFlightNanoseconds: 40_000,
        ready: 7, answer: .operation(client: ClientID(rawValue: 1), stream: 3, sequence: 12),
        cores: 20, note: "fills", policyLoad: 4, policyLine: 31, instructions: 118)

    @Test func `a usual one takes at most 32 bytes`() throws {
        var usual = usual
        usual.note = ""
        let few = try written((0..<1000).map { _ in .decision(usual) })
        let size = few.files.first { $0.name == "daemon" }?.bytes.count ?? 0
        #expect(size / 1000 <= 32)
    }

    @Test func `dump and statistics tell it`() throws {
        var held = usual
        held.answer = .hold(until: 3_000_000)
        held.isByFallback = true
        held.cores = 0
        let memory = try written([.decision(usual), .decision(held)])
        let reader = try TraceReader(source: memory, table: testTable)
        var lines: [String] = []
        var dump = TraceDump(reader)
        _ = try dump.run {
            lines.append($0)
            return true
        }
        #expect(
            lines == [
                "0.000000000 device 0: 7 ready, 2 in flight (40.0 µs): client 1 #12 of 0x3"
                    + " on 20 cores, by policy load 4 line 31, 118 instructions: fills",
                "0.000000000 device 0: 7 ready, 2 in flight (40.0 µs): hold for 2.00 ms,"
                    + " by the fallback of policy load 4 line 31, 118 instructions: fills",
            ])
        let statistics = try TraceStatistics(reader)
        #expect(statistics.decisions.count == 2 && statistics.decisions.byFallback == 1)
        #expect(
            statistics.text().contains(
                "2 decisions, 1 holds, 1 by the fallback; on average 7.0 operations ready, "
                    + "118 instructions"))
    }
}
