import Device
import LinuxIO
import Testing
import Wire

/// Executors on a device that fails, blocks and takes its time as the test says.
@Suite struct FaultTests {
    @Test(arguments: Bench.Kind.allCases)
    func `a launch that fails is told in its stream's order`(_ kind: Bench.Kind) throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(kind, device)
        device.set(.launch, 561_103)
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1))
        guard case .failed(1, let error, _, _) = try #require(bench.next()) else {
            return #expect(Bool(false), "the failure was not told")
        }
        #expect(error.code == 561_103)
        device.set(.launch, 0)
        device.set(.phaseOne, 161_002)
        bench.launch(2, stream: 0, plan: 1, Bench.additionValues(2))
        guard case .failed(2, let second, _, _) = try #require(bench.next()) else {
            return #expect(Bool(false), "the failure was not told")
        }
        #expect(second.code == 161_002)
        device.set(.phaseOne, 0)
        bench.launch(3, stream: 0, plan: 1, Bench.additionValues(3))
        #expect(bench.next()?.ticket == 3)
    }

    @Test func `a failure behind work that runs waits for it`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        device.set(.manual, 1)
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1))
        device.waitSubmitted(Bench.deviceStream, 1)
        device.set(.phaseOne, 161_002)
        bench.launch(2, stream: 0, plan: 1, Bench.additionValues(2))
        // The answer to an ask is no completion of the stream: nothing is told while it runs.
        try bench.require(.allocate(bytes: 8, policy: 0))
        #expect(!bench.seen.contains { $0.ticket == 2 })
        #expect(finish(device, bench, 2).map(\.ticket) == [1, 2])
    }

    @Test func `a query that fails fails what it was asked about`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        device.set(.query, 507_018)
        for ticket in 1...3 as ClosedRange<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, Bench.additionValues(ticket))
        }
        let failed = bench.next(3)
        #expect(failed.map(\.ticket) == [1, 2, 3])
        #expect(failed.allSatisfy { $0.error?.code == 507_018 })
    }

    @Test func `without events a stream's work fails and the stream takes no more`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        device.set(.record, 207_004)
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1))
        #expect(bench.next()?.error?.code == 207_004)
        device.set(.record, 0)
        bench.launch(2, stream: 0, plan: 1, Bench.additionValues(2))
        #expect(bench.next()?.error?.code == 207_004)
        // An abort makes it whole: nothing of it is left.
        bench.executor.submit(.abort(stream: 0))
        bench.launch(3, stream: 0, plan: 1, Bench.additionValues(3))
        #expect(bench.next()?.error == nil)
    }

    @Test func `what the device tells late fails the last operation`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        device.set(.manual, 1)
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1), predicted: 1)
        bench.launch(2, stream: 0, plan: 1, Bench.additionValues(2), predicted: 1)
        device.waitSubmitted(Bench.deviceStream, 2)
        device.set(.late, 507_015)
        let seen = finish(device, bench, 2)
        #expect(seen.map(\.ticket) == [1, 2])
        #expect(seen.compactMap { $0.error?.code } == [507_015])
    }

    @Test func `a wait that cannot be put on the device stops its stream`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        try bench.makeStream(1)
        device.set(.manual, 1)
        device.set(.wait, 207_000)
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1))
        bench.executor.submit(.record(stream: 0, mark: 5))
        bench.executor.submit(.wait(stream: 1, mark: 5))
        bench.launch(2, stream: 1, plan: 1, Bench.additionValues(2))
        #expect(bench.next()?.error?.code == 207_000)
        // A wait for what was never recorded is the loop's mistake, and runs nothing either.
        try bench.makeStream(2)
        bench.executor.submit(.wait(stream: 2, mark: 77))
        bench.launch(3, stream: 2, plan: 1, Bench.additionValues(3))
        #expect(bench.next()?.error?.message.contains("77") == true)
    }

    @Test func `an effect is not told before its cause`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        try bench.makeStream(1, priority: 2)
        device.set(.manual, 1)
        // The cause is predicted to take a second, and would not be looked at for long.
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1), predicted: 1_000_000_000)
        bench.executor.submit(.record(stream: 0, mark: 0))
        bench.executor.submit(.wait(stream: 1, mark: 0))
        bench.launch(2, stream: 1, plan: 1, Bench.additionValues(2), predicted: 1)
        device.waitSubmitted(2, 2)
        device.finish(Bench.deviceStream)
        device.finish(2)
        var seen: [DeviceCompletion] = []
        while seen.count < 3, let completion = bench.next() { seen.append(completion) }
        #expect(seen.map(\.ticket) == [1, nil, 2])
    }

    @Test func `aborted work completes when the device is past it`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        device.set(.manual, 1)
        for ticket in 1...4 as ClosedRange<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, Bench.additionValues(ticket))
        }
        bench.executor.submit(.record(stream: 0, mark: 0))
        device.waitSubmitted(Bench.deviceStream, 5)
        bench.executor.submit(.abort(stream: 0))
        // Only the event recorded after the abort is not reached yet.
        device.wait(.abort, 1)
        #expect(bench.poll() == nil)
        let seen = finish(device, bench, 5)
        #expect(seen.compactMap(\.ticket) == [1, 2, 3, 4])
        #expect(seen.filter { $0.error == .aborted }.count == 4)
        device.set(.manual, 0)
        bench.launch(9, stream: 0, plan: 1, Bench.additionValues(9))
        #expect(bench.next()?.error == nil)
    }

    @Test(arguments: Bench.Kind.allCases)
    func `a slow ask delays neither commands nor other lanes`(_ kind: Bench.Kind) throws {
        let device = try TestLibraries.faultDevice()
        // The device's switch is off: every ask of an inline executor goes to its lane then too.
        let bench = try Bench.withAddition(kind, device, isInline: false)
        device.set(.blockInfo, 1)
        bench.executor.ask(.memoryInfo(attribute: 1), lane: 1, ticket: 1)
        bench.executor.ask(.allocate(bytes: 8, policy: 0), lane: 1, ticket: 2)
        for ticket in 10..<20 as Range<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, Bench.additionValues(ticket))
        }
        #expect(bench.next(10).compactMap(\.ticket) == Array(10..<20))
        try bench.require(.allocate(bytes: 8, policy: 0), lane: 2)
        #expect(!bench.seen.contains { $0.answerTicket == 1 || $0.answerTicket == 2 })
        device.set(.blockInfo, 0)
        #expect(bench.next(2).compactMap(\.answerTicket) == [1, 2])
        bench.executor.closeLane(1)
        // A lane's number may come again.
        try bench.require(.allocate(bytes: 8, policy: 0), lane: 1)
    }

    @Test func `a long operation does not hold up the loop`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.inline, device)
        device.set(.blockLaunch, 1)
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1), predicted: 8_000_000_000)
        // Behind it, even what is short must not run on this thread.
        bench.launch(2, stream: 0, plan: 1, Bench.additionValues(2), predicted: 1000)
        bench.executor.submit(.record(stream: 0, mark: 3))
        #expect(bench.poll() == nil)
        device.set(.blockLaunch, 0)
        let seen = bench.next(3)
        #expect(seen.prefix(2).compactMap(\.ticket) == [1, 2])
        guard case .markReached(3, _)? = seen.last else {
            return #expect(Bool(false), "\(seen)")
        }
        bench.launch(4, stream: 0, plan: 1, Bench.additionValues(4), predicted: 1000)
        #expect(bench.poll()?.ticket == 4, "with nothing under way it runs at once")
    }

    @Test(arguments: Bench.Kind.allCases)
    func `stopping takes less than a second, whatever runs`(_ kind: Bench.Kind) throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(kind, device, isInline: false)
        device.set(.blockLaunch, 1)
        device.set(.blockInfo, 1)
        for ticket in 0..<100 as Range<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, Bench.additionValues(ticket))
        }
        for lane in 0..<8 as Range<UInt32> {
            bench.executor.ask(.memoryInfo(attribute: 1), lane: lane, ticket: 1000)
        }
        let before = monotonicNow()
        bench.executor.stop()
        #expect(monotonicNow() - before < 1_000_000_000)
        bench.launch(200, stream: 0, plan: 1, Bench.additionValues(1))
        #expect(bench.poll() == nil)
        device.set(.blockLaunch, 0)
        device.set(.blockInfo, 0)
    }

    @Test(arguments: Bench.Kind.allCases)
    func `objects of launches that never come again are all destroyed`(_ kind: Bench.Kind) throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(kind, device)
        let before = device.count(.live)
        for ticket in 0..<2000 as Range<UInt64> {
            // Some come again, most do not; every tenth fails.
            device.set(.launch, ticket % 10 == 0 ? 561_103 : 0)
            bench.launch(
                ticket, stream: 0, plan: 1, Bench.additionValues(ticket % 3 == 0 ? 7 : ticket))
            #expect(bench.next()?.ticket == ticket)
        }
        // One executor is kept, with its three tensors and its scalar.
        #expect(device.count(.live) - before == 5)
        try bench.require(.dropPlan(1))
        // The device's thread lets go when it next looks; both sides have by the next answer but
        // one of theirs.
        bench.launch(3000, stream: 0, plan: 1, Bench.additionValues(1))
        #expect(bench.next()?.error != nil)
        #expect(device.count(.live) == 0)
    }

    @Test func `executors that may not be repeated are made anew`() throws {
        let device = try TestLibraries.faultDevice()
        device.set(.notRepeatable, 161_002)
        let bench = try Bench.withAddition(.threaded, device)
        for ticket in 0..<10 as Range<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, Bench.additionValues(1))
        }
        #expect(bench.next(10).allSatisfy { $0.error == nil })
        #expect(bench.executor.figures.executorHits == 0)
        #expect(device.count(.phaseOne) == 11)
    }

    @Test func `limits are set for the stream and used by the thread`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        bench.executor.submit(.limit(stream: 0, cube: 8, vector: 16))
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1))
        bench.launch(2, stream: 0, plan: 1, Bench.additionValues(1))
        #expect(bench.next(2).count == 2)
        #expect(device.count(.limit) == 2)
        #expect(device.count(.use) == 1)
        bench.executor.submit(
            .launch(
                LaunchCommand(
                    ticket: 3, stream: 0, plan: 1, predictedNanoseconds: 1, cubeCores: 4)),
            words: Bench.additionValues(1).span)
        #expect(bench.next()?.error == nil)
        #expect(device.count(.limit) == 3)
        bench.executor.submit(.limit(stream: 0, cube: 0, vector: 0))
        bench.launch(4, stream: 0, plan: 1, Bench.additionValues(1))
        #expect(bench.next()?.error == nil)
        #expect(device.count(.unuse) == 1)
    }

    @Test func `more commands than the ring holds all arrive, in order`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench.withAddition(.threaded, device)
        device.set(.blockLaunch, 1)
        for ticket in 0..<20_000 as Range<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, Bench.additionValues(ticket))
        }
        device.set(.blockLaunch, 0)
        #expect(bench.next(20_000).compactMap(\.ticket) == Array(0..<20_000))
    }

    @Test func `times are the device's, divided by predicted shares`() throws {
        let device = try TestLibraries.nanosecondDevice()
        let bench = try Bench.withAddition(.threaded, device)
        device.set(.manual, 1)
        // Held up, so that all of it is one batch.
        device.set(.blockLaunch, 1)
        bench.launch(1, stream: 0, plan: 1, Bench.additionValues(1), predicted: 8000)
        bench.launch(2, stream: 0, plan: 1, Bench.additionValues(2), predicted: 32_000)
        bench.executor.submit(.record(stream: 0, mark: 0))
        device.set(.blockLaunch, 0)
        device.waitSubmitted(Bench.deviceStream, 3)
        let before = monotonicNow()
        device.finish(Bench.deviceStream)
        let after = monotonicNow()
        let seen = finish(device, bench, 3)
        guard case .operation(1, let firstStart, let firstEnd) = seen[0],
            case .operation(2, let secondStart, let secondEnd) = seen[1]
        else { return #expect(Bool(false), "\(seen)") }
        #expect(firstStart <= firstEnd && firstEnd <= secondStart && secondStart <= secondEnd)
        #expect(bench.executor.figures.eventsRecorded == 1)
        // However late it was seen: the end is when the device was done.
        #expect(before <= secondEnd && secondEnd <= after)
        let share = Double(firstEnd - firstStart) / Double(secondEnd - firstStart)
        #expect(abs(share - 0.2) < 0.01 || firstEnd == secondStart)
        guard case .markReached(0, secondEnd) = seen[2] else {
            return #expect(Bool(false), "\(seen[2])")
        }
    }

    @Test func `a device whose clock is far off is measured`() throws {
        let device = try TestLibraries.faultDevice()
        device.set(.clockOffset, -3600)
        let bench = try Bench.withAddition(.threaded, device)
        var hasLength = false
        for ticket in 0..<50 as Range<UInt64> {
            let before = monotonicNow()
            bench.launch(ticket, stream: 0, plan: 1, Bench.additionValues(ticket))
            guard case .operation(_, let start, let end)? = bench.next() else {
                return #expect(Bool(false), "launch \(ticket) failed")
            }
            #expect(before <= start && start <= end && end <= monotonicNow())
            if end > start { hasLength = true }
        }
        // Without a measurement every time would be held at its earliest.
        #expect(hasLength)
    }

    @Test(arguments: Bench.Kind.allCases)
    func `plans beyond the bound are prepared again`(_ kind: Bench.Kind) throws {
        let device = try TestLibraries.faultDevice()
        let bench = try Bench(
            kind, device.library, bounds: KernelBounds(kernels: 8, executors: 4))
        try bench.makeStream(0)
        for plan in 0..<20 as Range<UInt32> {
            try bench.prepare(plan, "aclnnAdd", PlanEncoder.add(1), Bench.additionValues(0))
        }
        let prepared = device.count(.live)
        for round in 0..<50 as Range<UInt64> {
            for plan in 0..<20 as Range<UInt32> {
                bench.launch(round, stream: 0, plan: plan, Bench.additionValues(round % 2))
            }
            #expect(bench.next(20).allSatisfy { $0.error == nil })
        }
        #expect(bench.executor.figures.plansPreparedAgain > 100)
        // Never more than eight kernels' latest tensors and scalars, and four executors with theirs.
        #expect(device.count(.live) <= 8 * 3 + 5 * 5)
        #expect(prepared == 20 * 3)
    }

    @Test func `what a library lacks is said`() throws {
        let bench = try Bench.withAddition(.threaded, try TestLibraries.faultDevice())
        let answer = try bench.ask(.registerHost(address: 4096, bytes: 4096))
        #expect(answer.status == 200_006)
        #expect(answer.message.contains("aclrtHostRegister"))
    }

    /// Lets the device do all that it was given, and what it is given then, until so much is heard.
    private func finish(_ device: FaultDevice, _ bench: Bench, _ count: Int) -> [DeviceCompletion] {
        var seen: [DeviceCompletion] = []
        let deadline = monotonicNow() + 10_000_000_000
        while seen.count < count, monotonicNow() < deadline {
            device.finish(Bench.deviceStream)
            if let completion = bench.poll() { seen.append(completion) }
        }
        return seen
    }
}
