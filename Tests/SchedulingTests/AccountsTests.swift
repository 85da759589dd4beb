import Scheduling
import Testing
import Wire

@Suite struct AccountsTests {
    @Test func `accounts count by client and phase`() throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let stream = try fixture.stream(client, 0)
        try fixture.work(stream, 1, phase: .prefill)
        try fixture.work(stream, 2, phase: .decode)
        try fixture.work(stream, 3, phase: .decode)
        fixture.now = 1000
        #expect(fixture.next() == 1)
        fixture.finish(1)
        #expect(fixture.next() == 2)
        let accounts = fixture.scheduler.accounts(of: client)
        #expect(accounts.map(\.phase) == [.prefill, .decode])
        #expect(accounts[0].operations == 1)
        #expect(accounts[0].queued == 0)
        #expect(accounts[0].busyNanoseconds == 10)
        #expect(accounts[0].waitedNanoseconds == 1000)
        #expect(accounts[1].operations == 0)
        #expect(accounts[1].queued == 1)
        let device = try #require(fixture.scheduler.status(of: device0))
        #expect(device.operations == 1)
        #expect(device.busyNanoseconds == 10)
        #expect(device.inFlight == 1)
        #expect(device.ready == 0)
        #expect(fixture.scheduler.load(of: device0)?.operationsInFlightByPhase[2] == 1)
        _ = fixture.scheduler.detach(client, now: 0)
        #expect(fixture.scheduler.accounts(of: client).map(\.phase) == [.prefill])
    }

    @Test(arguments: [100, 5_000, 123_456, 90_000_000] as [Nanoseconds])
    func `quantiles are at most an eighth off`(waited: Nanoseconds) throws {
        let fixture = Fixture()
        let client = try fixture.client(1)
        let stream = try fixture.stream(client, 0)
        for payload in 0..<200 {
            try fixture.work(stream, payload)
            // One in fifty waits a hundred times as long: beyond p50, within p99.
            fixture.now += payload % 50 == 0 ? waited * 100 : waited
            #expect(fixture.next() == payload)
            fixture.finish(payload)
        }
        let account = fixture.scheduler.accounts(of: client)[0]
        let median = Double(account.waitedP50Nanoseconds) / Double(waited)
        let tail = Double(account.waitedP99Nanoseconds) / Double(waited * 100)
        #expect(abs(median - 1) <= 0.125)
        #expect(abs(tail - 1) <= 0.125)
    }

    @Test func `time in which operations overlap is busy once`() throws {
        let fixture = Fixture(ScriptedPolicy.honest())
        let client = try fixture.client(1)
        let streams = try (0..<3).map { try fixture.stream(client, $0) }
        for (index, stream) in streams.enumerated() { try fixture.work(stream, index) }
        for _ in 0..<3 { _ = fixture.next() }
        for (payload, time) in [(0, (0, 100)), (1, (50, 150)), (2, (200, 300))] {
            let id = try #require(fixture.inFlight[payload]?.id)
            fixture.scheduler.finished(
                id, startedAt: Nanoseconds(time.0), finishedAt: Nanoseconds(time.1),
                now: Nanoseconds(time.1))
        }
        #expect(fixture.scheduler.status(of: device0)?.busyNanoseconds == 250)
        #expect(fixture.scheduler.accounts(of: client)[0].busyNanoseconds == 300)
    }
}
