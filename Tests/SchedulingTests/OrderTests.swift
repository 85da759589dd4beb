import Scheduling
import Testing
import Wire

@Suite struct OrderTests {
    @Test func `a stream shows one operation at a time, in order`() throws {
        let fixture = Fixture()
        let stream = try fixture.stream(fixture.client(1), 0)
        for payload in 1...3 { try fixture.work(stream, payload) }
        #expect(fixture.next() == 1)
        #expect(fixture.next() == nil)
        fixture.finish(1)
        #expect(fixture.drain() == [2, 3])
        #expect(try fixture.scheduler.isComplete(stream))
    }

    @Test func `streams do not wait for each other`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        try fixture.work(a, 1)
        try fixture.work(b, 2)
        #expect(fixture.next() == 1)
        #expect(fixture.next() == 2)
    }

    @Test func `each device has its own work`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        try fixture.work(fixture.stream(client, 0, on: device0), 1)
        try fixture.work(fixture.stream(client, 1, on: device1), 2)
        #expect(fixture.next(device1) == 2)
        #expect(fixture.next(device1) == nil)
        #expect(fixture.next(device0) == 1)
    }

    @Test func `a wait holds its stream until the record's turn came`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        let event = EventID(client, 0)
        try fixture.work(a, 1)
        try fixture.work(a, 2)
        try fixture.record(a, event)
        try fixture.wait(b, event)
        try fixture.work(b, 3)
        #expect(fixture.next() == 1)
        #expect(fixture.next() == nil)
        fixture.finish(1)
        #expect(fixture.next() == 2)
        #expect(fixture.next() == nil)
        #expect(fixture.scheduler.status(of: event) == .pending)
        fixture.finish(2)
        #expect(fixture.scheduler.status(of: event) == .complete(at: fixture.now))
        #expect(fixture.drain() == [3])
    }

    @Test func `a wait binds to the record before it, not to a later one`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        let event = EventID(client, 3)
        try fixture.work(a, 1)
        try fixture.record(a, event)
        try fixture.wait(b, event)
        try fixture.work(b, 3)
        try fixture.work(a, 2)
        try fixture.record(a, event)
        #expect(fixture.next() == 1)
        fixture.finish(1)
        // The event is pending again, but the wait's record is complete.
        #expect(fixture.scheduler.status(of: event) == .pending)
        #expect(fixture.next() == 2)
        #expect(fixture.next() == 3)
    }

    @Test func `a wait for an event that was never recorded, or was reset, is no wait`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        let event = EventID(client, 0)
        try fixture.wait(b, EventID(client, 9))
        try fixture.work(a, 1)
        try fixture.record(a, event)
        try fixture.scheduler.resetEvent(a, event, now: 0)
        #expect(fixture.scheduler.status(of: event) == .unrecorded)
        try fixture.wait(b, event)
        try fixture.work(b, 2)
        #expect(fixture.next() == 1)
        #expect(fixture.next() == 2)
        fixture.finish(1)
        #expect(fixture.scheduler.status(of: event) == .unrecorded)
    }

    @Test func `a reset does not release a wait that was enqueued before it`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        let event = EventID(client, 0)
        try fixture.work(a, 1)
        try fixture.record(a, event)
        try fixture.wait(b, event)
        try fixture.work(b, 2)
        try fixture.scheduler.resetEvent(b, event, now: 0)
        #expect(fixture.next() == 1)
        #expect(fixture.next() == nil)
        fixture.finish(1)
        #expect(fixture.next() == 2)
    }

    @Test func `waits chain through records of streams that only wait`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let streams = try (0..<20).map { try fixture.stream(client, $0) }
        try fixture.work(streams[0], 100)
        try fixture.record(streams[0], EventID(client, 0))
        for index in 1..<20 {
            try fixture.wait(streams[index], EventID(client, UInt32(index - 1)))
            try fixture.record(streams[index], EventID(client, UInt32(index)))
        }
        try fixture.work(streams[19], 200)
        #expect(fixture.next() == 100)
        #expect(fixture.next() == nil)
        fixture.finish(100)
        #expect(fixture.next() == 200)
    }

    @Test func `waiters wake in the order in which they came`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let streams = try (0..<5).map { try fixture.stream(client, $0) }
        let event = EventID(client, 0)
        try fixture.work(streams[4], 9)
        try fixture.record(streams[4], event)
        for index in [2, 0, 3, 1] {
            try fixture.wait(streams[index], event)
            try fixture.work(streams[index], index)
        }
        #expect(fixture.drain() == [9, 2, 0, 3, 1])
    }

    @Test func `elapsed time is between the ends of what came before the records`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let stream = try fixture.stream(client, 0)
        let (start, end) = (EventID(client, 0), EventID(client, 1))
        fixture.now = 1000
        try fixture.record(stream, start)
        try fixture.work(stream, 1)
        try fixture.record(stream, end)
        #expect(fixture.scheduler.eventTimes(start, end) == nil)
        _ = fixture.next()
        fixture.finish(1)
        let times = try #require(fixture.scheduler.eventTimes(start, end))
        #expect(times.start == 1000)
        #expect(times.end == 1010)
    }

    @Test func `completed records come out once, with their payload`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let stream = try fixture.stream(client, 0)
        try fixture.work(stream, 1)
        try fixture.scheduler.recordEvent(stream, EventID(client, 0), payload: 42, now: 0)
        #expect(fixture.scheduler.nextCompletedRecord() == nil)
        #expect(fixture.drain() == [1])
        let record = try #require(fixture.scheduler.nextCompletedRecord())
        #expect(record.payload == 42)
        #expect(record.completedAt == 10)
        #expect(fixture.scheduler.nextCompletedRecord() == nil)
    }

    @Test func `an event's index can be used anew while a wait for its old record stands`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        let event = EventID(client, 0)
        try fixture.work(a, 1)
        try fixture.record(a, event)
        try fixture.wait(b, event)
        try fixture.work(b, 2)
        fixture.scheduler.destroyEvent(event)
        #expect(fixture.scheduler.status(of: event) == .unrecorded)
        #expect(fixture.next() == 1)
        #expect(fixture.next() == nil)
        fixture.finish(1)
        #expect(fixture.scheduler.status(of: event) == .unrecorded)
        #expect(fixture.next() == 2)
    }

    @Test
    func
        `submitting ahead shows what follows, but completes records in order`()
        throws
    {
        var limits = SchedulerLimits()
        limits.submitAhead = true
        let fixture = Fixture(limits: limits)
        let client = try fixture.client(1)
        let stream = try fixture.stream(client, 0)
        let event = EventID(client, 0)
        try fixture.work(stream, 1)
        try fixture.record(stream, event)
        try fixture.work(stream, 2)
        #expect(fixture.next() == 1)
        #expect(fixture.next() == 2)
        #expect(fixture.scheduler.status(of: event) == .pending)
        fixture.finish(1)
        #expect(fixture.scheduler.status(of: event) == .complete(at: 10))
        #expect(try !fixture.scheduler.isComplete(stream))
        fixture.finish(2)
        #expect(try fixture.scheduler.isComplete(stream))
    }
}
