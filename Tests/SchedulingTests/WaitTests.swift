import Scheduling
import Testing
import Wire

@Suite struct WaitTests {
    private let fault = OperationFailure(code: 507_015, message: "address is not the client's")

    @Test func `a wait for an idle stream is over at once`() throws {
        let fixture = Fixture()
        let stream = try fixture.stream(fixture.client(1), 0)
        #expect(try fixture.scheduler.wait(for: .stream(stream), token: 1) == .satisfied(nil))
        #expect(fixture.satisfied() == [])
    }

    @Test func `a wait for a stream ends with what was before it`() throws {
        let fixture = Fixture()
        let stream = try fixture.stream(fixture.client(1), 0)
        try fixture.work(stream, 1)
        #expect(try fixture.scheduler.wait(for: .stream(stream), token: 5) == .pending)
        try fixture.work(stream, 2)
        _ = fixture.next()
        #expect(fixture.satisfied() == [])
        fixture.finish(1)
        #expect(fixture.satisfied() == [5])
        #expect(try !fixture.scheduler.isComplete(stream))
    }

    @Test func `a wait for an event is for its latest record as of now`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let stream = try fixture.stream(client, 0)
        let event = EventID(client, 0)
        #expect(try fixture.scheduler.wait(for: .event(event), token: 1) == .satisfied(nil))
        try fixture.work(stream, 1)
        try fixture.record(stream, event)
        #expect(try fixture.scheduler.wait(for: .event(event), token: 2) == .pending)
        try fixture.work(stream, 2)
        try fixture.record(stream, event)
        #expect(try fixture.scheduler.wait(for: .event(event), token: 3) == .pending)
        _ = fixture.next()
        fixture.finish(1)
        #expect(fixture.satisfied() == [2])
        _ = fixture.next()
        fixture.finish(2)
        #expect(fixture.satisfied() == [3])
    }

    @Test func `a wait for a device is for all its streams of that client`() throws {
        let fixture = Fixture()
        let (one, other) = (try fixture.client(1), try fixture.client(2))
        let a = try fixture.stream(one, 0)
        let b = try fixture.stream(one, 1)
        let elsewhere = try fixture.stream(one, 2, on: device1)
        let foreign = try fixture.stream(other, 0)
        try fixture.work(a, 1)
        try fixture.work(b, 2)
        try fixture.work(elsewhere, 3)
        try fixture.work(foreign, 4)
        #expect(try fixture.scheduler.wait(for: .device(one, device0), token: 1) == .pending)
        #expect(fixture.next() == 1)
        #expect(fixture.next() == 2)
        fixture.finish(2)
        #expect(fixture.satisfied() == [])
        fixture.finish(1)
        #expect(fixture.satisfied() == [1])
    }

    @Test func `a failure is reported once, by the next wait for its stream`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1))
        try fixture.work(a, 1)
        try fixture.work(a, 2)
        _ = fixture.next()
        fixture.finish(1, failure: fault)
        #expect(fixture.next() == 2, "later work of the stream still runs")
        fixture.finish(2)
        #expect(try fixture.scheduler.wait(for: .stream(b), token: 1) == .satisfied(nil))
        #expect(try fixture.scheduler.wait(for: .stream(a), token: 2) == .satisfied(fault))
        #expect(try fixture.scheduler.wait(for: .stream(a), token: 3) == .satisfied(nil))
    }

    @Test func `a pending wait carries the failure with its token`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let stream = try fixture.stream(client, 0)
        try fixture.work(stream, 1)
        #expect(try fixture.scheduler.wait(for: .device(client, device0), token: 9) == .pending)
        _ = fixture.next()
        fixture.finish(1, failure: fault)
        #expect(fixture.scheduler.nextSatisfied() == SatisfiedWait(token: 9, failure: fault))
        #expect(
            try fixture.scheduler.wait(for: .device(client, device0), token: 10) == .satisfied(nil))
    }

    @Test func `a wait that was given up says nothing and takes no failure`() throws {
        let fixture = Fixture()
        let stream = try fixture.stream(fixture.client(1), 0)
        try fixture.work(stream, 1)
        #expect(try fixture.scheduler.wait(for: .stream(stream), token: 1) == .pending)
        #expect(fixture.scheduler.cancelWait(token: 1))
        #expect(!fixture.scheduler.cancelWait(token: 1))
        _ = fixture.next()
        fixture.finish(1, failure: fault)
        #expect(fixture.satisfied() == [])
        #expect(try fixture.scheduler.wait(for: .stream(stream), token: 2) == .satisfied(fault))
    }

    @Test func `a barrier is behind all work of its client and reports no failure`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let (a, b) = (try fixture.stream(client, 0), try fixture.stream(client, 1, on: device1))
        #expect(fixture.scheduler.afterAllWork(of: client, token: 1))
        try fixture.work(a, 1)
        try fixture.work(b, 2)
        #expect(!fixture.scheduler.afterAllWork(of: client, token: 2))
        try fixture.work(a, 3)
        _ = fixture.next()
        fixture.finish(1, failure: fault)
        #expect(fixture.satisfied() == [])
        _ = fixture.next(device1)
        fixture.finish(2)
        #expect(fixture.satisfied() == [2])
        #expect(fixture.drain() == [3])
        #expect(try fixture.scheduler.wait(for: .stream(a), token: 3) == .satisfied(fault))
    }

    @Test func `a wait may be asked for while satisfied ones are drained`() throws {
        let fixture = Fixture()
        let stream = try fixture.stream(fixture.client(1), 0)
        try fixture.work(stream, 1)
        for token in 1...3 {
            _ = try fixture.scheduler.wait(for: .stream(stream), token: UInt64(token))
        }
        _ = fixture.next()
        fixture.finish(1)
        #expect(fixture.scheduler.nextSatisfied()?.token == 1)
        try fixture.work(stream, 2)
        _ = try fixture.scheduler.wait(for: .stream(stream), token: 4)
        _ = fixture.next()
        fixture.finish(2)
        #expect(fixture.satisfied() == [2, 3, 4])
    }
}
