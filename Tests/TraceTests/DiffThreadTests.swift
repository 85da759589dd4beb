import AscendCL
import Testing
import Trace
import Wire

@Suite("Comparing threads and programs")
struct DiffThreadTests {
    /// Two threads, interleaved as `order` says.
    private func threads(_ order: [Int], extra: Bool = false, swapped: Bool = false) -> [TraceEvent]
    {
        var program = SyntheticProgram()
        for thread in order {
            if thread == 0 {
                program.call("aclrtSetDevice", [0], thread: swapped ? 900 : 10)
            } else {
                program.call("aclrtSynchronizeStream", [5], thread: swapped ? 20 : 700, stream: 5)
            }
        }
        if extra { program.call("aclrtFree", [1], thread: 3) }
        return program.events
    }

    @Test("Another interleaving of threads is no difference")
    func interleaving() throws {
        var random = SeededGenerator(seed: 3)
        let order = (0..<400).map { $0 % 2 }
        #expect(try diff(threads(order), threads(order.shuffled(using: &random))).differences == 0)
        #expect(try diff(threads(order), threads(order.reversed(), swapped: true)).differences == 0)
    }

    @Test("A thread that only one trace has is one difference")
    func extraThread() throws {
        let order = (0..<40).map { $0 % 2 }
        let report = try diff(threads(order), threads(order, extra: true))
        #expect(report.differences == 1)
        #expect(report.groups[0].kind == .thread)
        #expect(
            report.groups[0].title
                == "thread 3 of train.py tenant=a: only in the second trace, 1 calls")
    }

    private func twoClients(_ names: [String], second: Int = 5) -> [TraceEvent] {
        var all: [TraceEvent] = []
        for (index, name) in names.enumerated() {
            var program = SyntheticProgram(name: name, pid: Int32(index))
            for call in 0..<(name == "serve.py" ? second : 9) {
                program.call("aclrtSetDevice", [UInt64(call)])
            }
            for event in program.events {
                let client = ClientID(rawValue: UInt32(index + 1))
                switch event {
                case .client(var change):
                    change.client = client
                    all.append(.client(change))
                case .call(var call):
                    call.client = client
                    all.append(.call(call))
                default: break
                }
            }
        }
        return all
    }

    @Test("Programs are matched by name, in whatever order they came")
    func clients() throws {
        let a = twoClients(["train.py", "serve.py"])
        let b = twoClients(["serve.py", "train.py"])
        #expect(try diff(a, b).differences == 0)
        let report = try diff(a, twoClients(["serve.py", "train.py"], second: 6))
        #expect(report.differences == 1)
        #expect(report.groups[0].places[0].client == "serve.py tenant=a")
        let missing = try diff(a, twoClients(["train.py"]))
        #expect(missing.differences == 1)
        #expect(missing.groups[0].kind == .client)
    }

    @Test("Another stream or buffer in one call is a difference")
    func target() throws {
        func program(stream: UInt64, buffer: UInt64) -> [TraceEvent] {
            var program = SyntheticProgram()
            for index in UInt64(1)...2 {
                program.call("aclrtCreateStream", [index * 16])
                program.call("aclrtMalloc", [program.base + index << 20, 4096, 0])
            }
            for step in 0..<50 {
                let first = program.base + 1 << 20
                program.call("aclrtMemcpyAsync", [first, 9, 0x99, 9, 1, 16], stream: 16)
                program.call("aclrtRecordEvent", [7, step == 25 ? stream : 32])
                let other = step == 30 ? buffer : first
                program.call("aclrtMemcpyAsync", [0x99, 8, other, 8, 2, 16], stream: 16)
            }
            for index in [2, 1] as [UInt64] {
                program.call("aclrtFree", [program.base + index << 20])
            }
            return program.events
        }
        let base = SyntheticProgram().base
        let a = program(stream: 32, buffer: base + 1 << 20)
        #expect(try diff(a, a).differences == 0)
        let otherStream = try diff(a, program(stream: 16, buffer: base + 1 << 20))
        #expect(otherStream.groups.map(\.title) == ["aclrtRecordEvent: another stream"])
        let otherBuffer = try diff(a, program(stream: 32, buffer: base + 2 << 20))
        #expect(otherBuffer.groups.map(\.title) == ["aclrtMemcpyAsync: another src"])
        #expect(otherBuffer.differences == 1)
    }

    @Test("What pools hand out, and in what order things are given back, is no difference")
    func pools() throws {
        func program(seed: UInt64) -> [TraceEvent] {
            var random = SeededGenerator(seed: seed)
            var program = SyntheticProgram()
            let blocks = (0..<3).map { program.base + UInt64($0) << 24 }
            for block in blocks { program.call("aclrtMalloc", [block, 20 << 20, 0]) }
            for event in UInt64(1)...4 { program.call("aclrtCreateEvent", [event]) }
            let tensor = Encoded.tensor([16])
            for _ in 0..<30 {
                let places = (0..<2).map { _ in
                    UInt64.random(in: 0..<3, using: &random) << 24
                        + UInt64.random(in: 0..<9, using: &random) * 4096
                }
                program.kernel("aclnnGelu", tensor + tensor, [places[0], places[1] + 512])
                let event = UInt64.random(in: 1...4, using: &random)
                program.call("aclrtRecordEvent", [event, 9], stream: 9)
                program.call("aclrtSynchronizeStream", [9], stream: 9)
            }
            for block in blocks.shuffled(using: &random) { program.call("aclrtFree", [block]) }
            return program.events
        }
        #expect(try diff(program(seed: 1), program(seed: 2)).differences == 0)
    }

    @Test("Times are compared apart")
    func timing() throws {
        let a = trainingProgram(steps: 40, layers: 2).events
        let b = a.map { event -> TraceEvent in
            guard case .operation(var operation) = event,
                testTable[operation.function]?.name == "aclnnGelu"
            else { return event }
            operation.startedAt -= 2000
            return .operation(operation)
        }
        let report = try diff(a, b)
        #expect(report.differences == 0)
        let notes = report.timing.filter { $0.note != nil }
        #expect(notes.map(\.function) == ["aclnnGelu"])
        #expect(notes.first?.note == "slower")
        #expect(notes.first?.isOperation == true)
        #expect(notes.first?.p50BeforeNanoseconds == 500)
        #expect(report.text.contains("aclnnGelu (device)"))
    }

    @Test("Lost records are noted")
    func lost() throws {
        var events = trainingProgram(steps: 4, layers: 2).events
        events.append(
            .lost(LostEvent(time: 9_000_000, client: ClientID(rawValue: 1), thread: 100, count: 12))
        )
        let report = try diff(events, events)
        #expect(report.differences == 0)
        #expect(report.notes.count == 2)
        #expect(report.notes[0].contains("lost 12 records"))
    }
}
