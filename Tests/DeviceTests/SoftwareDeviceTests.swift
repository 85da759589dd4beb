import AscendCL
import Device
import Foundation
import LinuxIO
import Testing
import Wire

/// Both executors on the software device, computing real numbers.
@Suite struct SoftwareDeviceExecutorTests {
    @Test(arguments: Bench.Kind.allCases)
    func `an operation runs, and its time lies between submission and now`(_ kind: Bench.Kind)
        throws
    {
        let bench = try Bench(kind, try TestLibraries.softwareDevice())
        try bench.makeStream(3)
        let memory = try bench.allocate(4096)
        try bench.write([1, 2, 3, 4], to: memory)
        let values: [UInt64] = [memory, 0, memory, 2, 10, 0, memory, 0]
        try bench.prepare(7, "aclnnAdd", PlanEncoder.add(2), values)
        let before = monotonicNow()
        bench.launch(42, stream: 3, plan: 7, values)
        let completion = try #require(bench.next())
        guard case .operation(42, let started, let finished) = completion else {
            return #expect(Bool(false), "\(completion)")
        }
        #expect(before <= started && started <= finished && finished <= monotonicNow())
        #expect(try bench.read(memory, count: 4) == [31, 42, 3, 4])
        try bench.require(.destroyStream(3))
        try bench.require(.dropPlan(7))
        bench.launch(43, stream: 3, plan: 7, values)
        guard case .failed(43, let error, _, _) = try #require(bench.next()) else {
            return #expect(Bool(false), "a destroyed stream takes work")
        }
        #expect(error.message.contains("stream 3"))
    }

    @Test func `what two devices of one loop are asked is done on the one that was asked`() throws {
        let library = try TestLibraries.softwareDevice()
        let runtime = try AscendRuntime(library: library, runInline: true)
        let doorbell = LoopDoorbell(try EventFD())
        let operators = try OperatorLibrary(library: library)
        let executors = try (0..<2 as Range<Int32>).map { device in
            try InlineExecutor(
                device: device, runtime: runtime, operators: operators, functions: .standard,
                doorbell: doorbell)
        }
        defer { for executor in executors { executor.stop() } }
        typealias PlaceOf = @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32
        let placeOf = unsafeBitCast(
            try #require(library.address(of: "aclrtPointerGetAttributes")), to: PlaceOf.self)
        for round in 0..<6 as Range<UInt64> {
            let executor = executors[Int(round % 2)]
            executor.ask(.allocate(bytes: 4096, policy: 0), lane: 0, ticket: round)
            guard case .answer(round, let answer)? = executor.nextCompletion() else {
                return #expect(Bool(false), "no answer")
            }
            var place = [UInt32](repeating: 9, count: 7)
            #expect(
                placeOf(UnsafeRawPointer(bitPattern: UInt(answer.words[0])), &place) == 0)
            #expect(place[0] == UInt32(executor.device))
        }
    }

    @Test(arguments: Bench.Kind.allCases)
    func `copies and fills run in order with the rest`(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind, try TestLibraries.softwareDevice())
        try bench.makeStream(0)
        let memory = try bench.allocate(4096)
        let executor = bench.executor
        executor.submit(
            .fill(
                FillCommand(
                    ticket: 1, stream: 0, address: memory, bytes: 64, value: 0,
                    predictedNanoseconds: 1000)))
        executor.submit(
            .copy(
                CopyCommand(
                    ticket: 2, stream: 0, destination: memory + 8, source: 0, bytes: 16,
                    kind: .hostToDevice, predictedNanoseconds: 100_000)),
            words: [11, 12].span)
        executor.submit(
            .copy(
                CopyCommand(
                    ticket: 3, stream: 0, destination: memory + 32, source: memory + 8, bytes: 16,
                    kind: .deviceToDevice, predictedNanoseconds: 1000)))
        let tickets = bench.next(3).map { completion -> UInt64 in
            if case .operation(let ticket, _, _) = completion { ticket } else { 0 }
        }
        #expect(tickets == [1, 2, 3])
        #expect(try bench.read(memory, count: 8) == [0, 11, 12, 0, 11, 12, 0, 0])
    }

    @Test(arguments: Bench.Kind.allCases)
    func `bad arguments fail when a plan is prepared`(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind, try TestLibraries.softwareDevice())
        let memory = try bench.allocate(64)
        #expect(throws: DeviceError.self) {
            try bench.prepare(
                1, "aclnnMuls", PlanEncoder.add(2), [memory, 0, memory, 0, 1, 0, memory, 0])
        }
        var narrow = PlanEncoder()
        narrow.row(3)
        narrow.scalar()
        narrow.row(2)
        #expect(throws: DeviceError.self) {
            try bench.prepare(1, "aclnnMuls", narrow.bytes, [memory, 0, 1, 0, memory, 0])
        }
        // The number is free after both.
        try bench.prepare(
            1, "aclnnMuls", PlanEncoder.multiply(2), [memory, 0, 1, 0, memory, 0])
    }

    @Test(arguments: Bench.Kind.allCases)
    func `a fault in the data fails the operation`(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind, try TestLibraries.softwareDevice())
        try bench.makeStream(0)
        let memory = try bench.allocate(64)
        try bench.prepare(
            1, "aclnnMuls", PlanEncoder.multiply(8), [memory, 0, 1, 0, memory, 0])
        bench.launch(1, stream: 0, plan: 1, [memory, 0, 3, 0, memory, 1 << 30])
        guard case .failed(1, let error, _, _) = try #require(bench.next()) else {
            return #expect(Bool(false), "a view outside of its memory ran")
        }
        #expect(error.code == 507_015)
        bench.launch(2, stream: 0, plan: 1, [memory, 0, 3, 0, memory, 0])
        guard case .operation(2, _, _) = try #require(bench.next()) else {
            return #expect(Bool(false), "the stream did not recover")
        }
    }

    @Test(arguments: Bench.Kind.allCases)
    func `a query names a stream by its number`(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind, try TestLibraries.softwareDevice())
        try bench.makeStream(9)
        let shape = QueryShape("hi")
        try bench.require(
            .query(
                function: "aclrtSetStreamFailureMode", shape: shape,
                arguments: [.stream(9), .word(1)]))
        #expect(throws: DeviceError.self) {
            try bench.require(
                .query(
                    function: "aclrtSetStreamFailureMode", shape: shape,
                    arguments: [.stream(8), .word(1)]))
        }
        let info = try bench.require(.memoryInfo(attribute: 1))
        #expect(info.count == 2 && info[0] <= info[1] && info[1] > 0)
    }

    /// In a process of its own: other tests' memory is not this one's growth.
    @Test(arguments: Bench.Kind.allCases)
    func `a million values that never come again leave memory as it was`(_ kind: Bench.Kind)
        async
    {
        await #expect(processExitsWith: .success) { [kind = kind as Bench.Kind] in
            let growth = try Self.memoryGrowthBytes(kind)
            #expect(growth < 8 << 20, "memory grew by \(growth) bytes")
        }
    }

    /// How much memory grows while each of many launches has other values.
    private static func memoryGrowthBytes(_ kind: Bench.Kind) throws -> Int {
        let bench = try Bench(kind, try TestLibraries.softwareDevice())
        try bench.makeStream(0)
        let memory = try bench.allocate(1 << 16)
        try bench.prepare(
            1, "aclnnAdd", PlanEncoder.add(2), [memory, 0, memory, 0, 1, 0, memory, 0])
        let total = ProcessInfo.processInfo.environment["FLEXNPU_SLOW"] == "1" ? 1_000_000 : 200_000
        var baseline = 0
        var pending = 0
        for index in 0..<total {
            let word = UInt64(index)
            bench.launch(
                word, stream: 0, plan: 1,
                [memory, word % 4096, memory, word % 8000, word, 0, memory, word % 100])
            pending += 1
            while pending > 256 {
                guard case .operation = bench.executor.nextCompletion() ?? bench.next() else {
                    Issue.record("launch \(index) failed")
                    return .max
                }
                pending -= 1
            }
            if index == total / 10 { baseline = residentBytes() }
        }
        while pending > 0, bench.next() != nil { pending -= 1 }
        #expect(pending == 0)
        #expect(bench.executor.figures.executorMisses > UInt64(total) * 9 / 10)
        return residentBytes() - baseline
    }

    @Test(arguments: Bench.Kind.allCases)
    func `values that come again use a kept executor`(_ kind: Bench.Kind) throws {
        let bench = try Bench(kind, try TestLibraries.softwareDevice())
        try bench.makeStream(0)
        let memory = try bench.allocate(4096)
        try bench.write([1, 1], to: memory)
        try bench.prepare(
            1, "aclnnAdd", PlanEncoder.add(1), [memory, 0, memory, 0, 1, 0, memory, 0])
        // Three alphas in turn, at two addresses: x ← x + alpha × y.
        for index in 0..<60 {
            let (x, y) = (memory + UInt64(index % 2) * 8, memory + UInt64((index + 1) % 2) * 8)
            bench.launch(
                UInt64(index), stream: 0, plan: 1, [x, 0, y, 0, UInt64(index % 3), 0, x, 0])
        }
        #expect(bench.next(60).count == 60)
        var expected: [Int64] = [1, 1]
        for index in 0..<60 {
            expected[index % 2] &+= Int64(index % 3) &* expected[(index + 1) % 2]
        }
        #expect(try bench.read(memory, count: 2) == expected)
        let figures = bench.executor.figures
        #expect(figures.executorHits + figures.executorMisses == 60)
        // Each alpha is met twice before it has an executor.
        #expect(figures.executorMisses == 6)
    }

    private static func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * 4096
    }
}
