import AscendCL
import Testing
import Trace
import Wire

/// Events of every kind, with values of every size.
private func randomEvents(seed: UInt64, count: Int) -> [TraceEvent] {
    var random = SeededGenerator(seed: seed)
    var time: Nanoseconds = 0
    var events: [TraceEvent] = []
    var sequences: [UInt32] = [0, 0, 0]
    func wide(_ random: inout SeededGenerator) -> UInt64 {
        random.next() >> UInt64.random(in: 0..<64, using: &random)
    }
    for _ in 0..<count {
        time += Nanoseconds(wide(&random) >> 30)
        let client = ClientID(rawValue: UInt32.random(in: 1...3, using: &random))
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            events.append(
                .client(
                    ClientEvent(
                        time: time, client: client, what: .attached, pid: -5, name: "näme \"x\"",
                        mode: "route", labels: ["b": "2", "a": "é"])))
        case 1:
            events.append(
                .policy(
                    PolicyEvent(
                        time: time, what: .breach, load: UInt32(wide(&random) >> 32), name: "fair",
                        detail: "line\n2")))
        case 2:
            events.append(
                .lost(LostEvent(time: time, client: client, thread: 7, count: wide(&random))))
        case 3:
            let encoded = (0..<Int.random(in: 0..<50, using: &random)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            events.append(
                .signature(
                    SignatureEvent(
                        time: time, client: client, signature: UInt32(events.count + 1),
                        function: FunctionID(rawValue: 13), encoded: encoded)))
        case 4, 5, 6:
            let queued = time - Nanoseconds(wide(&random) >> 20)
            events.append(
                .operation(
                    OperationEvent(
                        time: time, client: client, stream: wide(&random) | 1,
                        device: DeviceID(rawValue: Int32(truncatingIfNeeded: wide(&random))),
                        function: FunctionID(rawValue: 13), sequence: wide(&random), phase: .mixed,
                        phaseSource: .policy, queuedAt: queued,
                        readyAt: queued + Nanoseconds(wide(&random) >> 40),
                        dispatchedAt: queued - Nanoseconds(wide(&random) >> 50),
                        startedAt: time - 10, finishedAt: time - 3,
                        policyLoad: UInt32(wide(&random) >> 32),
                        policyLine: UInt32(wide(&random) >> 32),
                        result: Int32(truncatingIfNeeded: wide(&random)),
                        cores: UInt32(wide(&random) >> 32))))
        default: events.append(.call(randomCall(&random, time, client, &sequences, wide)))
        }
    }
    return events
}

private func randomCall(
    _ random: inout SeededGenerator, _ time: Nanoseconds, _ client: ClientID,
    _ sequences: inout [UInt32], _ wide: (inout SeededGenerator) -> UInt64
) -> CallEvent {
    let thread = Int.random(in: 0..<3, using: &random)
    sequences[thread] &+= UInt32(wide(&random) >> 33)
    var call = CallEvent(
        time: time, durationNanoseconds: Nanoseconds(wide(&random) >> 1), client: client,
        thread: UInt32(thread * 1000), sequence: sequences[thread],
        function: FunctionID(rawValue: UInt16.random(in: 0..<12, using: &random)),
        flags: UInt8(truncatingIfNeeded: wide(&random)),
        result: Int32(truncatingIfNeeded: wide(&random)), stream: wide(&random), words: [])
    switch Int.random(in: 0..<5, using: &random) {
    case 4: break
    case 0:
        call.signature = UInt32(wide(&random) >> 32)
        call.values = (0..<Int.random(in: 0..<5, using: &random)).map { _ in wide(&random) }
        if call.signature == 0 { call.signature = 1 }
    case 1:
        // A call that the table does not describe.
        call.words = (0..<Int.random(in: 8..<12, using: &random)).map { _ in wide(&random) }
        call.bytes = [1, 2, 0]
    case 2:
        call.function = testTable.function(named: "aclCreateTensor")?.id ?? call.function
        let count = UInt64.random(in: 1..<6, using: &random)
        call.bytes = (0..<Int(count)).flatMap { _ in
            Encoded.words([Int64(bitPattern: wide(&random))])
        }
        call.words = [count * 8, count, wide(&random), wide(&random)]
    default:
        let parameters = testTable[call.function]?.parameters ?? []
        for parameter in parameters {
            if parameter.kind == .string {
                call.bytes = Array("path/ü".utf8)
                call.words.append(UInt64(call.bytes.count))
            } else {
                call.words.append(wide(&random))
            }
        }
    }
    return call
}

/// The order in which a reader gives events: by time; of equal times, the daemon's first, then by
/// client.
private func inReadOrder(_ events: [TraceEvent]) -> [TraceEvent] {
    func file(_ event: TraceEvent) -> UInt32 {
        switch event {
        case .client(let event): event.client.rawValue
        case .call(let event): event.client.rawValue
        case .signature(let event): event.client.rawValue
        case .operation(let event): event.client.rawValue
        case .lost(let event): event.client.rawValue
        case .policy, .decision: 0
        }
    }
    return events.enumerated().sorted { a, b in
        (a.element.time, file(a.element), a.offset) < (b.element.time, file(b.element), b.offset)
    }.map(\.element)
}

@Suite("Writing and reading")
struct RoundTripTests {
    @Test("What is written is read", arguments: UInt64(1)...20)
    func roundTrip(seed: UInt64) throws {
        let events = randomEvents(seed: seed, count: 2000)
        let reader = try TraceReader(source: try written(events), table: testTable)
        var read: [TraceEvent] = []
        let damages = try reader.events { read.append($0) }
        let wanted = inReadOrder(events)
        #expect(damages.isEmpty, "seed \(seed)")
        #expect(read.count == wanted.count, "seed \(seed)")
        let first = zip(read, wanted).first { $0 != $1 }
        #expect(first == nil, "seed \(seed)")
    }

    @Test("Environment, clock and names come back")
    func environment() throws {
        let memory = try written([], environment: ["soc": "Ascend \"910\"", "odd key": "a\\b"])
        let reader = try TraceReader(source: memory, table: testTable)
        #expect(reader.environment == ["soc": "Ascend \"910\"", "odd_key": "a\\b"])
        #expect(reader.clock == TraceClock(wallOffsetNanoseconds: 1_700_000_000_000_000_000))
        #expect(reader.uuid.count == 36)
    }

    @Test("Events that come late are put in order; those that come too late are moved forward")
    func order() throws {
        var program = SyntheticProgram()
        for _ in 0..<100 { program.call("aclrtSetDevice", [0]) }
        var events = program.events
        events.swapAt(10, 11)
        events.swapAt(50, 53)
        let memory = MemoryTrace()
        let writer = try TraceWriter(
            sink: memory, table: testTable, clock: TraceClock(wallOffsetNanoseconds: 0),
            environment: [:])
        for event in events { try writer.append(event) }
        try writer.flush()
        #expect(writer.counters.late == 0)
        try writer.append(events[3])
        try writer.close()
        #expect(writer.counters.late == 1)
        #expect(writer.counters.events == 102)
        var last = Nanoseconds.min
        var count = 0
        let reader = try TraceReader(source: memory, table: testTable)
        try reader.events {
            #expect($0.time >= last)
            last = $0.time
            count += 1
        }
        #expect(count == 102)
    }

    @Test("A trace written with another table is read by name")
    func otherTable() throws {
        var program = SyntheticProgram()
        program.call("aclrtMalloc", [1, 2, 3])
        let memory = try written(program.events)
        let reader = try TraceReader(source: memory, table: APITable(functions: []))
        var names: [String] = []
        try reader.events { event in
            if case .call(let call) = event { names.append(reader.names[call.function]) }
        }
        #expect(names == ["aclrtMalloc"])
    }

    @Test("Signatures are repeated in every segment, and read once")
    func segments() throws {
        let program = trainingProgram(steps: 8000, layers: 4)
        let memory = try written(program.events)
        let bytes = try #require(memory.files.first { $0.name == "client-1" }).bytes
        #expect(bytes.count > 9 << 20)
        let needle = Array("self=f32[32,128], out=f32[32,128]".utf8)
        var found = 0
        for start in bytes.indices.dropLast(needle.count)
        where bytes[start] == needle[0] && bytes[start + 5] == needle[5] {
            if bytes[start..<start + needle.count].elementsEqual(needle) { found += 1 }
        }
        #expect(found == 2)
        var signatures = 0
        try TraceReader(source: memory, table: testTable).events {
            if case .signature = $0 { signatures += 1 }
        }
        #expect(signatures == 6)
    }

    @Test("A kernel's call and its operation's life take at most 64 bytes")
    func size() throws {
        let program = trainingProgram(steps: 400, layers: 4)
        let memory = try written(program.events)
        let bytes = memory.files.reduce(0) { $0 + $1.bytes.count }
        let calls = program.events.count { if case .call = $0 { true } else { false } }
        #expect(bytes / calls <= 52, "\(bytes) bytes for \(calls) calls")
    }

    @Test("A full disk stops the writer with an error that names the file")
    func fullDisk() throws {
        let program = trainingProgram(steps: 200, layers: 4)
        let memory = MemoryTrace()
        memory.capacityBytes = 100_000
        let writer = try TraceWriter(
            sink: memory, table: testTable, clock: TraceClock(wallOffsetNanoseconds: 0),
            environment: [:])
        var failure: TraceError?
        do throws(TraceError) {
            for event in program.events { try writer.append(event) }
            try writer.close()
        } catch {
            failure = error
        }
        #expect(failure?.code == .io)
        #expect(failure?.file == "client-1")
        #expect(throws: TraceError.self) { try writer.append(program.events[0]) }
        let reader = try TraceReader(source: memory, table: testTable)
        var count = 0
        let damages = try reader.events { _ in count += 1 }
        #expect(count > 500)
        #expect(damages.isEmpty)
    }

    @Test("What comes after each of a client's ends has a file of its own")
    func endedTwice() throws {
        let program = trainingProgram(steps: 1, layers: 1)
        let operations = program.events.filter {
            if case .operation = $0 { true } else { false }
        }
        let end = TraceEvent.client(
            ClientEvent(
                time: program.time, client: program.client, what: .died, pid: 1, name: "",
                mode: "", labels: [:]))
        let memory = try written(
            operations.prefix(2) + [end, end, operations[2], end, operations[3]])
        #expect(Set(memory.files.map(\.name)).count == memory.files.count)
        var found = 0
        let damages = try TraceReader(source: memory, table: testTable).events { event in
            if case .operation = event { found += 1 }
        }
        #expect(found == 4)
        #expect(damages.isEmpty)
    }
}
