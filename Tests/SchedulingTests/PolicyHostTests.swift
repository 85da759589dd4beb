import Scheduling
import Testing
import Wire

@Suite struct PolicyHostTests {
    private let millisecond: Nanoseconds = 1_000_000

    private func limits(breaches: Int = 8) -> PolicyHostLimits {
        var limits = PolicyHostLimits()
        limits.breachesMax = breaches
        return limits
    }

    private func breaches(_ host: PolicyHost) -> [PolicyBreach.Kind] {
        host.takeReports().compactMap {
            if case .breach(let breach) = $0.what { breach.kind } else { nil }
        }
    }

    @Test func `a decision carries the policy's load and line`() throws {
        let fixture = Fixture(ScriptedPolicy.honest())
        try fixture.work(fixture.stream(fixture.client(1), 0), 1)
        #expect(fixture.next() == 1)
        #expect(fixture.inFlight[1]?.policyLoad == 1)
        #expect(fixture.inFlight[1]?.policyLine == 7)
        let life = try #require(fixture.finish(1))
        #expect(life.policyLoad == 1)
        #expect(life.policyLine == 7)
        #expect(fixture.host.liveStatus.decisions == 1)
    }

    @Test func `the last lines that a policy logged are kept, also when it is replaced`() throws {
        let (first, second) = (ScriptedPolicy.honest(), ScriptedPolicy.honest("next"))
        let host = PolicyHost(first)
        first.said = ["one", "two"]
        #expect(host.liveStatus.log == ["one", "two"])
        first.said = (0..<70).map { "line \($0)" }
        #expect(host.liveStatus.log == (6..<70).map { "line \($0)" })
        #expect(host.liveStatus.log.count == 64)
        try host.exchange(to: second, now: 0)
        second.said = ["three"]
        #expect(host.liveStatus.log == ["three"])
        #expect(host.statuses.map(\.log.last) == ["line 69", "three"])
    }

    @Test func `a wrong answer costs one decision, which the fallback makes`() throws {
        let policy = ScriptedPolicy()
        let fixture = Fixture(policy)
        let client = try fixture.client(1)
        try fixture.work(fixture.stream(client, 0), 1)
        try fixture.work(fixture.stream(client, 1, on: device1), 2)
        let first = policy.known[0].id
        let elsewhere = policy.known[1].id
        var answers = [
            OperationID(rawValue: 0), OperationID(slot: 999, generation: 1),
            OperationID(slot: first.slot, generation: first.generation + 1), elsewhere,
        ]
        policy.onDecide = { _, _, _ in .dispatch(answers.removeFirst(), line: 3) }
        let stream = StreamID(client: client, index: 0)
        for payload in 11...13 { try fixture.work(stream, payload) }
        for payload in [1, 11, 12, 13] {
            #expect(fixture.next() == payload)
            #expect(fixture.inFlight[payload]?.policyLoad == 0)
            fixture.finish(payload)
        }
        #expect(breaches(fixture.host) == [.notReady, .notReady, .notReady, .notReady])
        #expect(policy.known.map(\.id) == [elsewhere], "the policy is told to forget each")
    }

    @Test func `an operation cannot be dispatched twice`() throws {
        let policy = ScriptedPolicy()
        let fixture = Fixture(policy)
        try fixture.work(fixture.stream(fixture.client(1), 0), 1)
        let id = policy.known[0].id
        policy.onDecide = { _, _, _ in .dispatch(id, line: 0) }
        #expect(fixture.next() == 1)
        #expect(fixture.scheduler.next(device: device0, now: 0) == .idle)
        fixture.finish(1)
        #expect(fixture.scheduler.next(device: device0, now: 0) == .idle)
    }

    @Test func `a failing policy costs one decision each time, then it is put in quarantine`()
        throws
    {
        let policy = ScriptedPolicy("broken")
        policy.onDecide = { _, _, _ in
            .breach(PolicyBreach(kind: .instructions, message: "a.lua:3: loop"))
        }
        let fixture = Fixture(policy, hostLimits: limits(breaches: 3))
        let client = try fixture.client(1)
        let streams = try (0..<4).map { try fixture.stream(client, $0) }
        for (index, stream) in streams.enumerated() { try fixture.work(stream, index) }
        #expect((0..<4).map { _ in fixture.next() } == [0, 1, 2, 3])
        let reports = fixture.host.takeReports()
        let report = try #require(
            reports.compactMap { report -> QuarantineReport? in
                if case .quarantined(let whole) = report.what { whole } else { nil }
            }.first)
        #expect(report.load == 1)
        #expect(report.breach.message == "a.lua:3: loop")
        #expect(report.decisions.map(\.kind) == [.breach, .breach, .breach])
        #expect(report.ready.count == 1)
        #expect(report.successor == 2)
        #expect(fixture.host.live.name == "fair")
        #expect(fixture.host.statuses.map(\.state) == [.quarantined, .live])
        #expect(fixture.host.statuses[0].breaches == 3)
    }

    @Test func `breaches that lie far apart do not add up`() throws {
        let policy = ScriptedPolicy("flaky")
        policy.onDecide = { _, _, _ in .breach(PolicyBreach(kind: .error, message: "x")) }
        let fixture = Fixture(policy, hostLimits: limits(breaches: 3))
        let stream = try fixture.stream(fixture.client(1), 0)
        for payload in 0..<20 { try fixture.work(stream, payload) }
        for payload in 0..<20 {
            fixture.now += 6_000 * millisecond
            #expect(fixture.next() == payload)
            fixture.finish(payload)
        }
        #expect(fixture.host.live.name == "flaky")
        #expect(fixture.host.liveStatus.breaches == 20)
    }

    @Test func `what is held while there is room goes out at the limit`() throws {
        let fixture = Fixture(ScriptedPolicy())
        let stream = try fixture.stream(fixture.client(1), 0)
        try fixture.work(stream, 1)
        let limit = 1000 * millisecond
        // Until then it is asked twice a second.
        #expect(fixture.scheduler.next(device: device0, now: 0) == .hold(wakeAt: limit / 2))
        #expect(fixture.scheduler.next(device: device0, now: limit - 1) == .hold(wakeAt: limit))
        fixture.now = limit
        #expect(fixture.next() == 1)
        #expect(breaches(fixture.host) == [.hold])
    }

    @Test func `holding while the device is full is no breach`() throws {
        let policy = ScriptedPolicy.honest()
        let fixture = Fixture(policy)
        let client = try fixture.client(1)
        try fixture.work(fixture.stream(client, 0), 1, cost: 500_000)
        try fixture.work(fixture.stream(client, 1), 2)
        #expect(fixture.next() == 1)
        policy.onDecide = { _, _, _ in .hold(wakeAt: nil) }
        for second in 1...5 as ClosedRange<Nanoseconds> {
            #expect(
                fixture.scheduler.next(device: device0, now: second * 1000 * millisecond)
                    == .hold(wakeAt: nil), "nothing of it is overdue: its client is served")
        }
        fixture.now = 5000 * millisecond
        fixture.finish(1)
        #expect(
            fixture.scheduler.next(device: device0, now: fixture.now)
                == .hold(wakeAt: fixture.now + 500 * millisecond))
        #expect(breaches(fixture.host) == [])
    }

    @Test func `a policy cannot make the loop spin`() throws {
        let policy = ScriptedPolicy()
        policy.onDecide = { _, _, now in .hold(wakeAt: now - 5) }
        let fixture = Fixture(policy)
        try fixture.work(fixture.stream(fixture.client(1), 0), 1)
        #expect(fixture.scheduler.next(device: device0, now: 100) == .hold(wakeAt: 1100))
    }

    @Test func `an operation whose ready failed goes out by the fallback`() throws {
        let policy = ScriptedPolicy.honest("deaf")
        policy.onReady = { $0.sequence == 2 ? PolicyBreach(kind: .error, message: "no") : nil }
        let fixture = Fixture(policy)
        let stream = try fixture.stream(fixture.client(1), 0)
        for payload in 1...3 { try fixture.work(stream, payload) }
        #expect(fixture.drain() == [1, 2, 3])
        #expect(breaches(fixture.host) == [.error])
    }

    @Test func `orphans of a client that dies are gone`() throws {
        let policy = ScriptedPolicy()
        policy.onReady = { _ in PolicyBreach(kind: .error, message: "no") }
        let fixture = Fixture(policy)
        let (one, other) = (try fixture.client(1), try fixture.client(2))
        try fixture.work(fixture.stream(one, 0), 1)
        try fixture.work(fixture.stream(other, 0), 2)
        _ = fixture.scheduler.detach(one, now: 0)
        #expect(fixture.next() == 2)
        #expect(fixture.scheduler.next(device: device0, now: 0) == .idle)
    }

    @Test func `the newest 256 decisions are in the report, oldest first`() throws {
        let policy = ScriptedPolicy.honest()
        let fixture = Fixture(policy, hostLimits: limits(breaches: 1))
        let stream = try fixture.stream(fixture.client(1), 0)
        for payload in 0..<300 { try fixture.work(stream, payload) }
        for payload in 0..<299 {
            #expect(fixture.next() == payload)
            fixture.finish(payload)
        }
        policy.onDecide = { _, _, _ in .breach(PolicyBreach(kind: .memory, message: "8 MiB")) }
        #expect(fixture.next() == 299)
        let last = try #require(fixture.host.takeReports().last)
        guard case .quarantined(let report) = last.what else {
            Issue.record("no quarantine: \(last)")
            return
        }
        #expect(report.decisions.count == 256)
        #expect(report.decisions.map(\.time) == report.decisions.map(\.time).sorted())
        #expect(report.decisions.last?.kind == .breach)
    }
}
