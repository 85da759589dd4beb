import Scheduling
import Testing
import Wire

@Suite struct PopulationTests {
    @Test func `a client that dies loses what was not dispatched; what is in flight finishes`()
        throws
    {
        let policy = ScriptedPolicy.honest()
        let fixture = Fixture(policy)
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        try fixture.work(a, 1)
        try fixture.work(a, 2)
        try fixture.work(b, 3)
        #expect(fixture.next() == 1)
        let dropped = fixture.scheduler.detach(client, now: 0)
        #expect(dropped.map(\.payload) == [2, 3])
        #expect(dropped.map(\.wasReady) == [false, true])
        #expect(policy.log.suffix(2) == ["drop 1 clientGone", "detach 1"])
        #expect(!fixture.scheduler.afterAllWork(of: client, token: 8))
        #expect(fixture.next() == nil)
        #expect(fixture.finish(1)?.payload == 1)
        #expect(fixture.satisfied() == [8])
        #expect(fixture.scheduler.afterAllWork(of: client, token: 9))
        #expect(fixture.scheduler.queued(of: client) == 0)
        #expect(fixture.scheduler.detach(client, now: 0) == [])
    }

    @Test func `waits by others on the events of a client that dies are satisfied`() throws {
        let fixture = Fixture()
        let (one, other) = (try fixture.client(1), try fixture.client(2))
        let a = try fixture.stream(one, 0)
        let b = try fixture.stream(other, 0)
        let event = EventID(one, 0)
        try fixture.work(a, 1)
        try fixture.work(a, 2)
        try fixture.record(a, event)
        try fixture.wait(b, event)
        try fixture.work(b, 3)
        #expect(try fixture.scheduler.wait(for: .event(event), token: 4) == .pending)
        #expect(fixture.next() == 1)
        _ = fixture.scheduler.detach(one, now: 0)
        #expect(fixture.next() == nil, "its operation in flight is before the record")
        fixture.finish(1)
        #expect(fixture.satisfied() == [4])
        #expect(fixture.next() == 3)
    }

    @Test func `a dead waiter leaves the record's chain whole`() throws {
        let fixture = Fixture()
        let clients = try (1...4).map { try fixture.client($0) }
        let streams = try clients.map { try fixture.stream($0, 0) }
        let event = EventID(clients[0], 0)
        try fixture.work(streams[0], 1)
        try fixture.record(streams[0], event)
        for index in 1...3 {
            try fixture.wait(streams[index], event)
            try fixture.work(streams[index], index * 10)
        }
        #expect(fixture.scheduler.detach(clients[3], now: 0).map(\.payload) == [30])
        #expect(fixture.scheduler.detach(clients[1], now: 0).map(\.payload) == [10])
        #expect(fixture.drain() == [1, 20])
    }

    @Test func `a destroyed stream finishes its work and frees its id at once`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let old = try fixture.stream(client, 0)
        try fixture.work(old, 1)
        try fixture.work(old, 2)
        #expect(try fixture.scheduler.destroyStream(old, force: false, now: 0) == [])
        #expect(throws: SchedulerError.unknownStream(old)) { try fixture.work(old, 9) }
        let new = try fixture.stream(client, 0)
        #expect(new == old)
        try fixture.work(new, 3)
        #expect(try fixture.scheduler.wait(for: .device(client, device0), token: 1) == .pending)
        #expect(fixture.drain() == [1, 3, 2])
        #expect(fixture.satisfied() == [1])
    }

    @Test func `a forced destroy drops what was not dispatched`() throws {
        let fixture = Fixture()
        let stream = try fixture.stream(fixture.client(1), 0)
        for payload in 1...3 { try fixture.work(stream, payload) }
        #expect(fixture.next() == 1)
        let dropped = try fixture.scheduler.destroyStream(stream, force: true, now: 0)
        #expect(dropped.map(\.payload) == [2, 3])
        fixture.finish(1)
        #expect(fixture.drain() == [])
    }

    @Test func `an abort drops work and keeps records, waits from outside and the stream`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        let event = EventID(client, 0)
        for payload in 1...3 { try fixture.work(a, payload) }
        try fixture.record(a, event)
        try fixture.wait(b, event)
        try fixture.work(b, 4)
        #expect(try fixture.scheduler.wait(for: .stream(a), token: 1) == .pending)
        #expect(fixture.next() == 1)
        #expect(try fixture.scheduler.abort(a, now: 0).map(\.payload) == [2, 3])
        #expect(fixture.satisfied() == [])
        fixture.finish(1)
        #expect(fixture.satisfied() == [1])
        try fixture.work(a, 5)
        #expect(fixture.drain() == [4, 5])
    }

    @Test func `an abort of a stream that waits takes the wait out`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        let event = EventID(client, 0)
        try fixture.work(a, 1)
        try fixture.record(a, event)
        try fixture.wait(b, event)
        try fixture.work(b, 2)
        #expect(try fixture.scheduler.abort(b, now: 0).map(\.payload) == [2])
        try fixture.work(b, 3)
        #expect(fixture.next() == 1)
        #expect(fixture.next() == 3)
        fixture.finish(1)
    }

    @Test func `limits are errors to who reaches them`() throws {
        var limits = SchedulerLimits()
        limits.clientsMax = 2
        limits.streamsPerClientMax = 2
        limits.queuedPerClientMax = 3
        limits.eventIndexEnd = 4
        let fixture = Fixture(limits: limits)
        let (one, other) = (try fixture.client(1), try fixture.client(2))
        #expect(throws: SchedulerError.tooManyClients(limit: 2)) { try fixture.client(3) }
        #expect(throws: SchedulerError.exists(1)) { try fixture.client(1) }
        let a = try fixture.stream(one, 0)
        _ = try fixture.stream(one, 5)
        #expect(throws: SchedulerError.tooManyStreams(limit: 2)) { try fixture.stream(one, 1) }
        for payload in 1...3 { try fixture.work(a, payload) }
        #expect(throws: SchedulerError.queueFull(limit: 3)) { try fixture.work(a, 4) }
        #expect(throws: SchedulerError.queueFull(limit: 3)) {
            try fixture.record(a, EventID(one, 0))
        }
        let b = try fixture.stream(other, 0)
        try fixture.work(b, 5)
        #expect(throws: SchedulerError.tooManyEvents(limit: 4)) {
            try fixture.record(b, EventID(other, 4))
        }
        #expect(throws: SchedulerError.unknownEvent(EventID(one, 0))) {
            try fixture.record(b, EventID(one, 0))
        }
        #expect(throws: SchedulerError.unknownDevice(DeviceID(rawValue: 7))) {
            try fixture.scheduler.createStream(
                StreamID(client: other, index: 1), device: DeviceID(rawValue: 7))
        }
        #expect(fixture.next() == 1)
        fixture.finish(1)
        try fixture.work(a, 4)
    }

    @Test func `an unknown or stale operation cannot be finished`() throws {
        let fixture = Fixture()
        let stream = try fixture.stream(fixture.client(1), 0)
        let id = try fixture.work(stream, 1)
        #expect(fixture.scheduler.finished(id, startedAt: 0, finishedAt: 1, now: 1) == nil)
        #expect(fixture.next() == 1)
        fixture.finish(1)
        #expect(fixture.scheduler.finished(id, startedAt: 0, finishedAt: 1, now: 1) == nil)
        try fixture.work(stream, 2)
        #expect(fixture.scheduler.finished(id, startedAt: 0, finishedAt: 1, now: 1) == nil)
        #expect(fixture.drain() == [2])
    }

    @Test func `clients come and go by the thousand without a trace`() throws {
        let fixture = Fixture()
        let resident = try fixture.client(1)
        let stream = try fixture.stream(resident, 0)
        for number in 2...3000 as ClosedRange<UInt32> {
            let client = try fixture.client(number)
            try fixture.work(fixture.stream(client, 0), Int(number))
            #expect(fixture.next() == Int(number))
            _ = fixture.scheduler.detach(client, now: fixture.now)
            fixture.finish(Int(number))
        }
        try fixture.work(stream, 1)
        #expect(fixture.drain() == [1])
    }
}
