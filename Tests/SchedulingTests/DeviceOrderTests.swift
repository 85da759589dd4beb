import Scheduling
import Testing
import Wire

/// A scheduler whose devices run ahead keeps order between streams by records and waits that it
/// gives to the devices.
@Suite struct DeviceOrderTests {
    /// A fixture that submits ahead, with two streams of one client on the first device.
    private struct Ahead {
        let fixture: Fixture
        let client: ClientID
        let a: StreamID
        let b: StreamID
        let event: EventID

        init(depth: Int = 1024, bOn device: DeviceID = device0) throws {
            var limits = SchedulerLimits()
            limits.submitAhead = true
            limits.streamDepthMax = depth
            fixture = Fixture(limits: limits)
            client = try fixture.client(1)
            a = StreamID(client: client, index: 0)
            b = StreamID(client: client, index: 1)
            event = EventID(client, 0)
            try fixture.scheduler.createStream(a, device: device0, number: 10)
            try fixture.scheduler.createStream(b, device: device, number: 11)
        }

        /// Takes decisions and orders as an owner does, until there is nothing more.
        func submit(_ device: DeviceID = device0) -> [String] {
            var told = orders()
            while let payload = fixture.next(device) {
                told.append("\(payload)")
                told += orders()
            }
            return told
        }

        func orders() -> [String] {
            var told: [String] = []
            while let order = fixture.scheduler.nextDeviceOrder() {
                switch order {
                case .record(_, let stream, let mark): told.append("record \(stream) \(mark)")
                case .wait(_, let stream, let mark): told.append("wait \(stream) \(mark)")
                case .forget(_, let mark): told.append("forget \(mark)")
                }
            }
            return told
        }
    }

    @Test func `a record goes behind its stream's work, and is forgotten when it is complete`()
        throws
    {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.work(ahead.a, 2)
        #expect(ahead.submit() == ["1", "record 10 0", "2"])
        ahead.fixture.finish(1)
        #expect(ahead.orders() == ["forget 0"])
        ahead.fixture.finish(2)
        #expect(ahead.orders() == [])
    }

    @Test func `a record in an idle stream is complete at once, and no device hears of it`() throws
    {
        let ahead = try Ahead()
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.wait(ahead.b, ahead.event)
        try ahead.fixture.work(ahead.b, 1)
        #expect(ahead.submit() == ["1"])
    }

    @Test func `a wait is the device's once the record is`() throws {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.wait(ahead.b, ahead.event)
        try ahead.fixture.work(ahead.b, 2)
        #expect(ahead.orders() == [], "work before the record is not on the device")
        #expect(ahead.submit() == ["1", "record 10 0", "wait 11 0", "2"])
        #expect(try !ahead.fixture.scheduler.isComplete(ahead.b))
        ahead.fixture.finish(1)
        ahead.fixture.finish(2)
        #expect(ahead.orders() == ["forget 0"])
        #expect(try ahead.fixture.scheduler.isComplete(ahead.b))
    }

    @Test func `a stream is busy while its device waits, though nothing of it runs`() throws {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.wait(ahead.b, ahead.event)
        #expect(ahead.submit() == ["1", "record 10 0", "wait 11 0"])
        #expect(try ahead.fixture.scheduler.wait(for: .stream(ahead.b), token: 4) == .pending)
        ahead.fixture.finish(1)
        #expect(ahead.fixture.satisfied() == [4])
        #expect(ahead.fixture.scheduler.queued(of: ahead.client) == 0)
    }

    @Test func `a wait for another device stays with the host`() throws {
        let ahead = try Ahead(bOn: device1)
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.wait(ahead.b, ahead.event)
        try ahead.fixture.work(ahead.b, 2)
        #expect(ahead.submit() == ["1", "record 10 0"])
        #expect(ahead.submit(device1) == [])
        ahead.fixture.finish(1)
        #expect(ahead.submit(device1) == ["forget 0", "2"])
    }

    @Test func `work that needs an idle stream goes to the device when nothing is before it`()
        throws
    {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.work(ahead.a, 2, needsIdleStream: true)
        try ahead.fixture.work(ahead.a, 3)
        #expect(ahead.submit() == ["1"])
        ahead.fixture.finish(1)
        #expect(ahead.submit() == ["2", "3"], "what is behind it may follow at once")
    }

    @Test func `work that needs an idle stream does not go behind a wait of the device`() throws {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.wait(ahead.b, ahead.event)
        try ahead.fixture.work(ahead.b, 2, needsIdleStream: true)
        #expect(ahead.submit() == ["1", "record 10 0", "wait 11 0"])
        ahead.fixture.finish(1)
        #expect(ahead.submit() == ["forget 0", "2"])
    }

    @Test func `a wait in the record's own stream is none`() throws {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.wait(ahead.a, ahead.event)
        try ahead.fixture.work(ahead.a, 2)
        #expect(ahead.submit() == ["1", "record 10 0", "2"])
    }

    @Test func `a wait is for the record of its number, on the device as well`() throws {
        let ahead = try Ahead()
        for number in 1...3 {
            try ahead.fixture.work(ahead.a, number)
            try ahead.fixture.record(ahead.a, ahead.event)
        }
        try ahead.fixture.scheduler.waitEvent(ahead.b, ahead.event, number: 2, now: 0)
        try ahead.fixture.work(ahead.b, 9)
        let told = ahead.submit()
        #expect(told.contains("wait 11 1"), "\(told)")
        ahead.fixture.finish(1)
        ahead.fixture.finish(2)
        #expect(ahead.orders() == ["forget 0", "forget 1"])
    }

    @Test func `a number that was never recorded is refused, number 0 waits for nothing`() throws {
        let ahead = try Ahead()
        #expect(throws: SchedulerError.unknownRecord(ahead.event, number: 1)) {
            try ahead.fixture.scheduler.waitEvent(ahead.b, ahead.event, number: 1, now: 0)
        }
        try ahead.fixture.scheduler.waitEvent(ahead.b, ahead.event, number: 0, now: 0)
        #expect(try ahead.fixture.scheduler.isComplete(ahead.b))
        #expect(ahead.fixture.scheduler.queued(of: ahead.client) == 0)
    }

    @Test func `an event that is made anew counts from the start`() throws {
        let ahead = try Ahead()
        for _ in 1...2 {
            try ahead.fixture.work(ahead.a, 1)
            try ahead.fixture.record(ahead.a, ahead.event)
            _ = ahead.submit()
            ahead.fixture.finish(1)
        }
        ahead.fixture.scheduler.destroyEvent(ahead.event)
        #expect(throws: SchedulerError.unknownRecord(ahead.event, number: 1)) {
            try ahead.fixture.scheduler.waitEvent(ahead.b, ahead.event, number: 1, now: 0)
        }
        for number in 1...2 as ClosedRange<UInt64> {
            try ahead.fixture.work(ahead.a, Int(number))
            try ahead.fixture.scheduler.recordEvent(
                ahead.a, ahead.event, number: number, now: 0)
        }
        let answer = try ahead.fixture.scheduler.wait(
            for: .event(ahead.event, number: 1), token: 1)
        #expect(answer == .pending)
    }

    @Test func `a reset event has no record, and counts on`() throws {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.scheduler.resetEvent(ahead.a, ahead.event, now: 0)
        let answer = try ahead.fixture.scheduler.wait(
            for: .event(ahead.event, number: 1), token: 1)
        #expect(answer == .satisfied(nil))
        try ahead.fixture.record(ahead.a, ahead.event)
        let next = try ahead.fixture.scheduler.wait(
            for: .event(ahead.event, number: 2), token: 2)
        #expect(next == .pending)
    }

    @Test func `no more of a stream is on its device than the depth`() throws {
        let ahead = try Ahead(depth: 3)
        for payload in 1...3 {
            try ahead.fixture.work(ahead.a, payload)
            try ahead.fixture.record(ahead.a, EventID(ahead.client, UInt32(payload)))
        }
        #expect(ahead.submit() == ["1", "record 10 0", "2"])
        ahead.fixture.finish(1)
        #expect(ahead.submit() == ["forget 0", "record 10 0", "3"])
        ahead.fixture.finish(2)
        #expect(ahead.submit() == ["forget 0", "record 10 0"])
        ahead.fixture.finish(3)
        #expect(ahead.submit() == ["forget 0"])
        #expect(try ahead.fixture.scheduler.isComplete(ahead.a))
    }

    @Test func `a wait for which the device has no room is the host's until it has`() throws {
        let ahead = try Ahead(depth: 2)
        let c = StreamID(client: ahead.client, index: 2)
        try ahead.fixture.scheduler.createStream(c, device: device0, number: 12)
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        for payload in 5...6 { try ahead.fixture.work(ahead.b, payload) }
        try ahead.fixture.wait(ahead.b, ahead.event)
        try ahead.fixture.work(ahead.b, 7)
        #expect(ahead.submit() == ["1", "record 10 0", "5", "6"])
        ahead.fixture.finish(5)
        #expect(ahead.submit() == ["wait 11 0"])
        ahead.fixture.finish(6)
        #expect(ahead.submit() == ["7"])
    }

    @Test func `an abort leaves what the device has, waits included`() throws {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.wait(ahead.b, ahead.event)
        try ahead.fixture.work(ahead.b, 2)
        #expect(ahead.submit() == ["1", "record 10 0", "wait 11 0", "2"])
        try ahead.fixture.work(ahead.b, 3)
        let dropped = try ahead.fixture.scheduler.abort(ahead.b, now: 0)
        #expect(dropped.map(\.payload) == [3])
        #expect(try !ahead.fixture.scheduler.isComplete(ahead.b))
        ahead.fixture.finish(1)
        ahead.fixture.finish(2)
        #expect(ahead.orders() == ["forget 0"])
        #expect(ahead.fixture.scheduler.queued(of: ahead.client) == 0)
    }

    @Test func `a wait that is dropped before it is the device's is forgotten by the record`()
        throws
    {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.wait(ahead.b, ahead.event)
        try ahead.fixture.work(ahead.b, 2)
        let dropped = try ahead.fixture.scheduler.destroyStream(ahead.b, force: true, now: 0)
        #expect(dropped.map(\.payload) == [2])
        #expect(ahead.submit() == ["1", "record 10 0"])
        ahead.fixture.finish(1)
        #expect(ahead.orders() == ["forget 0"])
        #expect(ahead.fixture.scheduler.queued(of: ahead.client) == 0)
    }

    @Test func `a client that leaves with waits on the device is forgotten when they are over`()
        throws
    {
        let ahead = try Ahead()
        try ahead.fixture.work(ahead.a, 1)
        try ahead.fixture.record(ahead.a, ahead.event)
        try ahead.fixture.wait(ahead.b, ahead.event)
        try ahead.fixture.work(ahead.b, 2)
        _ = ahead.submit()
        #expect(ahead.fixture.scheduler.detach(ahead.client, now: 0).isEmpty)
        ahead.fixture.finish(1)
        #expect(ahead.orders() == ["forget 0"])
        ahead.fixture.finish(2)
        #expect(throws: Never.self) { try ahead.fixture.client(1) }
    }

    @Test func `marks come again`() throws {
        let ahead = try Ahead()
        for round in 0..<1000 {
            try ahead.fixture.work(ahead.a, round)
            try ahead.fixture.record(ahead.a, ahead.event)
            #expect(ahead.submit() == ["\(round)", "record 10 0"])
            ahead.fixture.finish(round)
            #expect(ahead.orders() == ["forget 0"])
        }
    }
}
