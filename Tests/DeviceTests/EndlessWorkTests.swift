import Device
import LinuxIO
import Testing
import Wire

/// An operation that would take hours on the software device, for a program that is gone.
@Suite struct EndlessWorkTests {
    /// A bench with streams 0 and 1, and plan 1, a fill of 2^40 elements that are all the same one.
    private func bench(_ kind: Bench.Kind) throws -> (bench: Bench, values: [UInt64]) {
        let bench = try Bench(kind, try TestLibraries.softwareDevice())
        try bench.makeStream(0)
        try bench.makeStream(1)
        let address = try bench.allocate(512)
        let values: [UInt64] = [address, 0, 7, 0]
        try bench.prepare(
            1, "aclnnInplaceFillScalar", PlanEncoder.repeatedFill(1 << 40), values)
        return (bench, values)
    }

    private let hours: Nanoseconds = 3_600_000_000_000

    @Test(arguments: Bench.Kind.allCases)
    func `an abort ends what runs and what is behind it, and the stream works again`(
        _ kind: Bench.Kind
    ) throws {
        let (bench, values) = try bench(kind)
        for ticket in 1...3 as ClosedRange<UInt64> {
            bench.launch(ticket, stream: 0, plan: 1, values, predicted: hours)
        }
        let begun = monotonicNow()
        bench.executor.submit(.abort(stream: 0))
        let ended = bench.next(3)
        #expect(ended.map(\.ticket) == [1, 2, 3])
        #expect(ended.allSatisfy { $0.error != nil })
        #expect(monotonicNow() - begun < 1_000_000_000)
        let sum: [UInt64] = [values[0], 0, values[0], 0, 1, 0, values[0], 0]
        try bench.prepare(2, "aclnnAdd", PlanEncoder.add(1), sum)
        bench.launch(9, stream: 0, plan: 2, sum)
        #expect(bench.next()?.ticket == 9)
        #expect(bench.seen.last?.error == nil)
    }

    @Test(arguments: Bench.Kind.allCases)
    func `an abort of one stream does not touch another's work`(_ kind: Bench.Kind) throws {
        let (bench, values) = try bench(kind)
        bench.launch(1, stream: 0, plan: 1, values, predicted: hours)
        bench.executor.submit(.abort(stream: 1))
        try bench.require(.allocate(bytes: 512, policy: 0), lane: 7)
        #expect(!bench.seen.contains { $0.ticket == 1 })
        bench.executor.submit(.abort(stream: 0))
        #expect(bench.next()?.ticket == 1)
    }

    @Test(arguments: Bench.Kind.allCases)
    func `stopping does not wait for it`(_ kind: Bench.Kind) throws {
        let (bench, values) = try bench(kind)
        bench.launch(1, stream: 0, plan: 1, values, predicted: hours)
        bench.executor.submit(.abort(stream: 0))
        let begun = monotonicNow()
        bench.executor.stop()
        #expect(monotonicNow() - begun < 1_000_000_000)
    }
}
