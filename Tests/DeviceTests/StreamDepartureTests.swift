import Device
import Testing

/// Commands and asks travel beside each other; a stream must not be gone before the commands that
/// name it are done.
@Suite struct StreamDepartureTests {
    @Test func `a stream is destroyed behind the commands that name it`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        try bench.makeStream(1, priority: 2)
        device.set(.blockLaunch, 1)
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1))
        bench.executor.submit(.record(stream: 1, mark: 5))
        bench.executor.ask(.destroyStream(1), lane: 1, ticket: 7)
        // The lane goes on, and its end does not lose what it still has to do.
        try bench.require(.allocate(bytes: 8, policy: 0), lane: 1)
        bench.executor.closeLane(1)
        #expect(!bench.seen.contains { $0.answerTicket == 7 })
        device.set(.blockLaunch, 0)
        let seen = bench.next(3)
        #expect(seen.compactMap(\.answerTicket) == [7])
        #expect(seen.compactMap(\.answer?.status) == [0])
        #expect(seen.contains { if case .markReached(5, _) = $0 { true } else { false } })
    }

    @Test func `a stream is destroyed when its records are reached`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        try bench.makeStream(1, priority: 2)
        device.set(.manual, 1)
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1))
        bench.executor.submit(.record(stream: 0, mark: 5))
        bench.executor.submit(.wait(stream: 1, mark: 5))
        bench.executor.submit(.record(stream: 1, mark: 6))
        bench.executor.ask(.destroyStream(1), lane: 1, ticket: 7)
        device.waitSubmitted(2, 1)
        try bench.require(.allocate(bytes: 8, policy: 0), lane: 1)
        #expect(!bench.seen.contains { $0.answerTicket == 7 })
        device.finish(1)
        device.finish(2)
        let seen = bench.next(4)
        #expect(seen.last?.answerTicket == 7)
        #expect(seen.last?.answer?.status == 0)
        #expect(!seen.contains { if case .markFailed = $0 { true } else { false } })
    }
}
