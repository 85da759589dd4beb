import Scheduling
import Testing
import Wire

/// A client that has ready work and gets nothing is given its oldest operation by the host, once
/// per bound, whatever else is busy.
@Suite struct StarvationTests {
    private static let second: Nanoseconds = 1_000_000_000

    /// Two clients that never run out of work on a device that takes one operation at a time, each
    /// for a tenth of a second. What was dispatched, and when.
    private final class Machine {
        let host: PolicyHost
        let scheduler: Scheduler
        let streams: [StreamID]
        private let cost: Nanoseconds
        private(set) var now: Nanoseconds = 0
        private(set) var given: [(client: UInt32, at: Nanoseconds, load: UInt32)] = []
        private var running: [(id: OperationID, end: Nanoseconds)] = []
        /// How much later than it asked for the scheduler is woken.
        var lateness: Nanoseconds = 0

        init(_ policy: any Policy, clients: UInt32 = 2, cost: Nanoseconds = second / 10) throws {
            self.cost = cost
            host = PolicyHost(policy)
            host.recordsDecisions = true
            scheduler = Scheduler(devices: [device0], policyHost: host)
            streams = (1...clients).map { StreamID(client: ClientID(rawValue: $0), index: 0) }
            for stream in streams {
                try scheduler.attach(ClientFacts(id: stream.client, name: "program"), now: 0)
                try scheduler.createStream(stream, device: device0)
                for payload in 0..<400 {
                    try scheduler.enqueue(
                        Submission(stream: stream, payload: payload, costNanoseconds: cost), now: 0)
                }
            }
        }

        func run(until end: Nanoseconds) {
            while now < end {
                let wakeAt = dispatch().map { $0 + lateness }
                now = min(wakeAt ?? .max, running.first?.end ?? .max, end)
                while let first = running.first, first.end <= now {
                    running.removeFirst()
                    scheduler.finished(
                        first.id, startedAt: first.end - cost, finishedAt: first.end, now: now)
                }
            }
        }

        private func dispatch() -> Nanoseconds? {
            while true {
                switch scheduler.next(device: device0, now: now) {
                case .operation(let operation):
                    given.append((operation.facts.client.rawValue, now, operation.policyLoad))
                    let begin = max(now, running.last?.end ?? now)
                    running.append((operation.id, begin + operation.facts.costNanoseconds))
                case .hold(let wakeAt): return wakeAt
                case .idle: return nil
                }
            }
        }

        func times(of client: UInt32) -> [Nanoseconds] {
            given.filter { $0.client == client }.map(\.at)
        }

        func starvedDecisions() -> [DecisionRecord] {
            var found: [DecisionRecord] = []
            _ = host.drainDecisions { if $0.kind == .starved { found.append($0) } }
            return found
        }
    }

    /// One operation at a time on the device, and never one of client 2.
    private func blind(_ name: String = "blind") -> ScriptedPolicy {
        let policy = ScriptedPolicy(name)
        policy.onDecide = { policy, load, _ in
            guard load.operationsInFlight == 0,
                let index = policy.known.firstIndex(where: { $0.client.rawValue != 2 })
            else { return .hold(wakeAt: nil) }
            return .dispatch(policy.known.remove(at: index).id, line: 7)
        }
        return policy
    }

    @Test func `a client that is never chosen gets its oldest operation once per bound`() throws {
        let machine = try Machine(blind())
        machine.run(until: 11 * Self.second)
        // Its own operation is no wait: the next bound begins when that is done.
        let times = machine.times(of: 2)
        #expect(times.first == 2 * Self.second)
        #expect((4...5).contains(times.count), "\(times)")
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 2 * Self.second })
        #expect(machine.given.filter { $0.client == 2 }.allSatisfy { $0.load == 0 })
        #expect(machine.starvedDecisions().map(\.time) == times)
        #expect(machine.times(of: 1).count > 90, "the others go on")
        // Said at once, and not enough to throw it out.
        #expect(machine.host.live.name == "blind")
        #expect(machine.host.liveStatus.breaches == UInt64(times.count))
        #expect(machine.host.liveStatus.lastBreach?.contains("starvation: client 2 had") == true)
    }

    @Test func `several that are never chosen put the policy in quarantine`() throws {
        let policy = ScriptedPolicy("favourite")
        policy.onDecide = { policy, load, _ in
            guard load.operationsInFlight == 0,
                let index = policy.known.firstIndex(where: { $0.client.rawValue == 1 })
            else { return .hold(wakeAt: nil) }
            return .dispatch(policy.known.remove(at: index).id, line: 7)
        }
        let machine = try Machine(policy, clients: 3)
        machine.run(until: 10 * Self.second)
        #expect(machine.host.live.name == "fair")
        #expect(machine.host.statuses[0].state == .quarantined)
    }

    @Test(arguments: [200, 2000])
    func `a policy is held to what it declares`(milliseconds: Nanoseconds) throws {
        let policy = blind()
        policy.starvationNanoseconds = milliseconds * 1_000_000
        let machine = try Machine(policy)
        machine.run(until: 10 * Self.second)
        #expect(machine.times(of: 2).first == milliseconds * 1_000_000)
        #expect(machine.host.statuses[0].breaches > 0)
        #expect(
            machine.host.statuses[0].lastBreach?.contains("starvation_ms = \(milliseconds)")
                == true)
    }

    @Test func `one that declares a longer time breaches nothing, and its clients get theirs`()
        throws
    {
        let policy = blind()
        policy.starvationNanoseconds = 10 * Self.second
        let machine = try Machine(policy)
        machine.run(until: 30 * Self.second)
        #expect(machine.times(of: 2).first == 2 * Self.second)
        #expect((13...15).contains(machine.times(of: 2).count))
        #expect(machine.host.liveStatus.breaches == 0)
        #expect(machine.starvedDecisions().count == machine.times(of: 2).count)
    }

    @Test func `first come, first served breaches nothing, however much there is`() throws {
        // Each waits for 3.9 s for its turn, which is load.
        let policies: [any Policy] = [
            FIFOPolicy(), FIFOPolicy.passthrough(), ScriptedPolicy.honest(), FairPolicy(),
        ]
        for policy in policies {
            let machine = try Machine(policy, clients: 40)
            machine.run(until: 30 * Self.second)
            #expect(machine.host.liveLoad == 1)
            #expect(machine.host.liveStatus.breaches == 0, "\(policy.name)")
            let counts = (1...40).map { machine.times(of: $0).count }
            #expect((counts.min() ?? 0) >= 3, "\(policy.name): \(counts)")
        }
    }

    @Test func `who has something on the device does not wait`() throws {
        let policy = ScriptedPolicy.honest()
        let fixture = Fixture(policy)
        let client = try fixture.client(1)
        try fixture.work(fixture.stream(client, 0), 1)
        try fixture.work(fixture.stream(client, 1), 2)
        #expect(fixture.next() == 1)
        policy.onDecide = { _, _, _ in .hold(wakeAt: nil) }
        fixture.now = 500
        #expect(fixture.scheduler.next(device: device0, now: 500) == .hold(wakeAt: 1_000_000_500))
        fixture.now = 900_000_000
        #expect(fixture.finish(1) != nil)
        #expect(fixture.next() == nil)
    }

    @Test func `a daemon that stood still blames nobody`() throws {
        let policy = ScriptedPolicy.honest()
        // What came last goes first: work is passed over all the time.
        policy.onDecide = { policy, load, _ in
            guard load.operationsInFlight < 1, !policy.known.isEmpty else {
                return .hold(wakeAt: nil)
            }
            return .dispatch(policy.known.removeLast().id, line: 1)
        }
        let fixture = Fixture(policy)
        let clients = try (1...20).map { try fixture.client($0) }
        for client in clients { try fixture.work(fixture.stream(client, 0), Int(client.rawValue)) }
        #expect(fixture.next() == 20)
        fixture.now = 60 * Self.second
        #expect((1...20).map { _ in fixture.next() } == Array(1...19) + [nil])
        #expect(fixture.host.liveStatus.breaches == 0)
    }

    @Test func `a wake-up that is late is no stand-still`() throws {
        let policy = blind()
        policy.starvationNanoseconds = 2 * Self.second
        let machine = try Machine(policy, cost: 5 * Self.second)
        machine.lateness = Self.second / 10
        machine.run(until: 4 * Self.second)
        #expect(machine.times(of: 2).count == 1)
        #expect(machine.host.liveStatus.breaches == 1)
    }

    @Test func `whoever left is not waited for, and its place is another's`() throws {
        let policy = ScriptedPolicy()
        let fixture = Fixture(policy)
        for number in 1...6 as ClosedRange<UInt32> {
            let client = try fixture.client(number)
            try fixture.work(fixture.stream(client, 0), Int(number))
            if number % 2 == 1 { _ = fixture.scheduler.detach(client, now: fixture.now) }
        }
        fixture.now = 3 * Self.second
        #expect((0..<4).map { _ in fixture.next() } == [2, 4, 6, nil])
    }

    @Test func `a policy that holds for ever is thrown out after its second limit`() throws {
        let machine = try Machine(ScriptedPolicy("holder"), clients: 1)
        machine.run(until: 5 * Self.second / 2)
        #expect(machine.host.statuses[0].state == .quarantined)
        #expect(machine.host.statuses[0].breaches == 2)
        let reports = machine.host.takeReports()
        #expect(reports.contains { $0.detail.contains("holds everything and chooses nothing") })
    }
}
