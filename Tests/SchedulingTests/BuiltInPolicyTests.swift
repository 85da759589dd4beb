import Scheduling
import Testing
import Wire

@Suite struct BuiltInPolicyTests {
    @Test func `fifo keeps the order of becoming ready`() throws {
        let fixture = Fixture(FIFOPolicy())
        let client = try fixture.client(1)
        let streams = try (0..<8).map { try fixture.stream(client, $0) }
        for index in [3, 1, 7, 0] { try fixture.work(streams[index], index) }
        #expect(fixture.drain() == [3, 1, 7, 0])
    }

    @Test func `the window bounds what is in flight by predicted time and by number`() throws {
        let fixture = Fixture(FIFOPolicy())
        let client = try fixture.client(1)
        for index in 0..<100 as Range<UInt32> {
            try fixture.work(fixture.stream(client, index), Int(index), cost: 50_000)
        }
        try fixture.host.setOption("window_us", to: "200", now: 0)
        var taken = 0
        while fixture.next() != nil { taken += 1 }
        #expect(taken == 4)
        #expect(fixture.scheduler.load(of: device0)?.inFlightNanoseconds == 200_000)
        fixture.finish(0)
        try fixture.host.setOption("window_us", to: "1000000", now: 0)
        try fixture.host.setOption("window_operations", to: "10", now: 0)
        while fixture.next() != nil { taken += 1 }
        #expect(taken == 11)
    }

    @Test func `passthrough sends everything at once, in the order of becoming ready`() throws {
        let fixture = Fixture(FIFOPolicy.passthrough())
        let client = try fixture.client(1)
        let streams = try (0..<200).map { try fixture.stream(client, $0) }
        let order = (0..<200).map { $0 * 77 % 200 }
        for index in order { try fixture.work(streams[index], index, cost: 1_000_000_000) }
        var taken: [Int] = []
        while let payload = fixture.next() { taken.append(payload) }
        #expect(taken == order)
        #expect(fixture.scheduler.load(of: device0)?.operationsInFlight == 200)
    }

    @Test func `passthrough keeps devices apart, and forgets what is gone`() throws {
        let fixture = Fixture(FIFOPolicy.passthrough())
        let client = try fixture.client(1)
        let first = try fixture.stream(client, 0)
        let second = try fixture.stream(client, 1, on: device1)
        let third = try fixture.stream(client, 2)
        for (payload, stream) in [first, second, third].enumerated() {
            try fixture.work(stream, payload)
        }
        _ = try fixture.scheduler.abort(first, now: 0)
        #expect(fixture.drain(device1) == [1])
        #expect(fixture.drain() == [2])
        #expect(fixture.host.liveStatus.breaches == 0)
    }

    @Test func `every built-in policy has its name, and no option that it does not list`() {
        #expect(BuiltInPolicy.listed == "fifo, fair and passthrough")
        for one in BuiltInPolicy.allCases {
            let policy = one.make()
            #expect(policy.name == one.rawValue && policy.origin == "built in")
            #expect(throws: PolicyOptionError.self) { try policy.set("speed", to: "1") }
            for option in policy.options {
                #expect(throws: Never.self) { try policy.set(option.key, to: option.value) }
            }
        }
    }

    /// Shares of 10 s of device time with everybody always ready.
    @Test(arguments: [[70.0, 30], [50, 30, 20], [90, 10], [1, 1, 1, 1]])
    func `fair shares follow the weights, whatever operations cost`(weights: [Double]) throws {
        let fixture = Fixture(FairPolicy())
        var random = SeededRandom(seed: 11)
        var busy = [Double](repeating: 0, count: weights.count)
        var streams: [StreamID] = []
        for (index, weight) in weights.enumerated() {
            let client = try fixture.client(UInt32(index + 1), weight: weight)
            streams.append(try fixture.stream(client, 0))
            for _ in 0..<2 { try fixture.work(streams[index], index, cost: 1) }
        }
        while busy.reduce(0, +) < 1e10 {
            guard
                case .operation(let operation) = fixture.scheduler.next(
                    device: device0, now: fixture.now)
            else { break }
            // The prediction is off by up to four times either way; the first client's are ten
            // times as long.
            let took =
                Nanoseconds(20_000 + random.below(300_000)) * (operation.payload == 0 ? 10 : 1)
            let start = fixture.now
            fixture.now += took
            fixture.scheduler.finished(
                operation.id, startedAt: start, finishedAt: fixture.now, now: fixture.now)
            busy[operation.payload] += Double(took)
            try fixture.work(streams[operation.payload], operation.payload, cost: 170_000)
        }
        let total = busy.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            let share = 100 * busy[index] / total
            let due = 100 * weight / weights.reduce(0, +)
            #expect(abs(share - due) <= 2, "client \(index): \(share) instead of \(due)")
        }
    }

    @Test func `idling earns no credit`() throws {
        let fixture = Fixture(FairPolicy())
        let a = try fixture.stream(fixture.client(1), 0)
        let b = try fixture.stream(fixture.client(2), 0)
        for payload in 0..<100 {
            try fixture.work(a, payload, cost: 10)
            #expect(fixture.next() == payload)
            fixture.finish(payload)
        }
        // The second client comes late: from now on they take turns.
        for _ in 0..<6 {
            try fixture.work(a, 1000)
            try fixture.work(b, 2000)
        }
        let order = fixture.drain()
        #expect(order.prefix(6).count { $0 == 2000 } == 3, "\(order)")
    }

    @Test func `what the fallback dispatched is charged too`() throws {
        let fair = FairPolicy()
        let fixture = Fixture(ScriptedPolicy.honest("before"))
        let a = try fixture.stream(fixture.client(1), 0)
        let b = try fixture.stream(fixture.client(2), 0)
        try fixture.work(a, 1)
        try fixture.work(a, 2)
        try fixture.work(b, 3)
        #expect(fixture.next() == 1)
        try fixture.host.exchange(to: fair, now: 0)
        fixture.finish(1)
        #expect(fixture.next() == 3, "the first client had its 10 ns under the policy before")
    }

    @Test func `random is the same for the same seed`() throws {
        func order(_ seed: UInt64) throws -> [Int] {
            let fixture = Fixture(RandomPolicy(seed: seed, holdPercent: 0))
            let client = try fixture.client(1)
            for index in 0..<32 as Range<UInt32> {
                try fixture.work(fixture.stream(client, index), Int(index))
            }
            return fixture.drain()
        }
        #expect(try order(1) == order(1))
        #expect(try order(1) != order(2))
        #expect(try order(1).sorted() == Array(0..<32))
    }

    @Test func `lists forget from anywhere`() {
        var lists = OperationLists()
        let ids = (0..<6).map { OperationID(slot: UInt32($0), generation: 1) }
        for (index, id) in ids.enumerated() { lists.append(id, to: index % 2) }
        #expect(lists.first(in: 0) == ids[0])
        #expect(lists.next(after: ids[0]) == ids[2])
        let stale = OperationID(slot: 0, generation: 2)
        let removed = [ids[2], ids[2], stale].map { lists.remove($0) }
        #expect(removed == [true, false, false])
        #expect(lists.next(after: ids[0]) == ids[4])
        lists.remove(ids[4])
        #expect(lists.count(in: 0) == 1)
        lists.remove(ids[0])
        #expect(lists.first(in: 0) == nil)
        #expect(lists.count(in: 1) == 3)
        #expect(lists.list(of: ids[3]) == 1)
        #expect(lists.list(of: ids[2]) == nil)
    }
}
