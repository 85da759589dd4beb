import Device
import LinuxIO
import Testing
import Wire

/// How many events an executor records, and who may have a plan checked.
@Suite struct EventChoiceTests {
    private static let values: [UInt64] = [0x1000, 0, 0x2000, 0, 1, 0, 0x1000, 0]
    /// What the device under test calls stream 0.
    private static let deviceStream: Int32 = 1

    private func bench(_ device: FaultDevice) throws -> Bench {
        let bench = try Bench(.threaded, device.library)
        try bench.makeStream(0, priority: UInt32(Self.deviceStream))
        try bench.prepare(1, "aclnnAdd", PlanEncoder.add(1), Self.values)
        device.set(.manual, 1)
        return bench
    }

    private func finish(_ device: FaultDevice, _ bench: Bench, _ count: Int) -> [UInt64] {
        var seen: [UInt64] = []
        let deadline = monotonicNow() + 10_000_000_000
        while seen.count < count, monotonicNow() < deadline {
            device.finish(Self.deviceStream)
            if let ticket = bench.poll()?.ticket { seen.append(ticket) }
        }
        return seen
    }

    @Test func `what comes behind work that takes long gathers for one event`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try bench(device)
        bench.launch(0, stream: 0, plan: 1, Self.values, predicted: 10_000_000_000)
        for ticket in 1...10 as ClosedRange<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, Self.values, predicted: 2000)
            // One by one, as a program makes them.
            device.wait(.launch, Int64(ticket + 1))
        }
        #expect(finish(device, bench, 11) == Array(0...10))
        #expect(bench.executor.figures.eventsRecorded == 2)
    }

    @Test func `a stream that would run dry has an event at once`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try bench(device)
        for ticket in 0..<3 as Range<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, Self.values, predicted: 2000)
            #expect(finish(device, bench, 1) == [ticket])
        }
        #expect(bench.executor.figures.eventsRecorded == 3)
    }

    @Test func `work of 50 µs has an event of its own, however much is before it`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try bench(device)
        for ticket in 0..<5 as Range<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, Self.values, predicted: 60_000)
        }
        #expect(finish(device, bench, 5) == Array(0..<5))
        #expect(bench.executor.figures.eventsRecorded == 5)
    }

    @Test func `a plan that two want checked at once is there for both`() throws {
        let device = try TestLibraries.faultDevice()
        let bench = try bench(device)
        try bench.prepare(1, "aclnnAdd", PlanEncoder.add(1), Self.values)
        #expect(throws: DeviceError.self) {
            try bench.prepare(1, "aclnnAdd", PlanEncoder.add(2), Self.values)
        }
    }
}
