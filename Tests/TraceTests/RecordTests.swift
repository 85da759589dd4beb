import AscendCL
import Testing
import Trace
import Wire

/// Records that go to disk as they lie in a ring.
@Suite struct RecordTests {
    private func read(_ memory: MemoryTrace) throws -> [TraceEvent] {
        var events: [TraceEvent] = []
        let damages = try TraceReader(source: memory, table: testTable).events { events.append($0) }
        #expect(damages.isEmpty)
        return events
    }

    @Test func `a packet of records, word by word`() throws {
        let call = CallEvent(
            time: 5_000_000, durationNanoseconds: 700, client: ClientID(rawValue: 3), thread: 77,
            sequence: 9,
            function: testTable.function(named: "aclrtSetDevice")?.id
                ?? FunctionID(rawValue: 0),
            flags: 2, result: -1, stream: 0xab, words: [4])
        let memory = try RingRecords.trace([.call(call)])
        let bytes = try #require(memory.files.first { $0.name == "thread-3-77" }).bytes
        let words = stride(from: 0, to: bytes.count, by: 8).map { start in
            bytes[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        #expect(words.count == 18)
        #expect(words[0] & 0xffff_ffff == 0xC1FC_1FC1)
        // Stream class 2; its number among the files; begin, end, sizes in bits, number, discarded.
        #expect(words[2] >> 32 == 2)
        #expect(Array(words[3..<10]) == [1, 5_000_000, 5_000_000, 1152, 1152, 0, 0])
        #expect(words[10] == 3 | 77 << 32)
        // The record: size, class, parameters; then as in flexnpu_wire.h.
        #expect(words[11] == 1 | 2 << 24 | 56 << 32)
        let rest: [UInt64] = [5_000_000, 700, 0xab, 9 | 0xffff_ffff << 32, 1 << 48, 4]
        #expect(Array(words[12...]) == rest)
        let metadata = try #require(memory.files.first { $0.name == "metadata" }).bytes
        let classes = String(decoding: metadata, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("event ") }
        #expect(
            classes == [
                "event { id = 1; name = \"aclrtSetDevice\"; stream_id = 2; "
                    + "model.emf.uri = \"flexnpu:record\"; fields := struct { i64 _deviceId; }; };"
            ])
    }

    @Test(arguments: UInt64(1)...10)
    func `what lay in rings is read as it was`(seed: UInt64) throws {
        let calls = RingRecords.randomCalls(seed: seed, count: 2000)
        let wanted = calls.map(TraceEvent.call)
        for routed in [false, true] {
            // Routed calls without parameters leave their bytes behind, and flags are theirs.
            let found = try read(RingRecords.trace(wanted, routed: routed))
            #expect(found.count == wanted.count, "seed \(seed)")
            let first = zip(found, wanted).first { $0 != $1 }
            #expect(first == nil, "seed \(seed), routed \(routed)")
        }
    }

    @Test func `kernels and operations: the same trace as one that was encoded at once`() throws {
        let program = trainingProgram(steps: 50, layers: 2)
        let plain = try written(program.events)
        let records = try RingRecords.trace(program.events, routed: true)
        #expect(try read(records) == read(plain))
        let reader = try TraceReader(source: records, table: testTable)
        let other = try TraceReader(source: plain, table: testTable)
        #expect(try TraceStatistics(reader) == TraceStatistics(other))
        #expect(try TraceDiff.compare(reader, other).differences == 0)
        let compact = MemoryTrace()
        _ = try TraceCompaction.run(reader, into: compact, table: testTable)
        let size = { (memory: MemoryTrace) in memory.files.reduce(0) { $0 + $1.bytes.count } }
        #expect(size(compact) <= size(plain))
    }

    @Test(arguments: [UInt64(11), 12])
    func `compaction keeps every event`(seed: UInt64) throws {
        var events = RingRecords.randomCalls(seed: seed, count: 1000).map(TraceEvent.call)
        events += trainingProgram(steps: 20, layers: 2).events
        let records = try RingRecords.trace(events)
        let reader = try TraceReader(source: records, table: testTable)
        #expect(TraceCompaction.isWanted(reader))
        let compact = MemoryTrace()
        let result = try TraceCompaction.run(reader, into: compact, table: testTable)
        let before = try read(records)
        let after = try read(compact)
        #expect(result.events == UInt64(events.count) && result.damages.isEmpty)
        let first = zip(before, after).first { $0 != $1 }
        #expect(before.count == after.count && first == nil, "seed \(seed)")
        #expect(compact.files.allSatisfy { !$0.name.hasPrefix("thread-") })
    }

    @Test func `stamps that go backwards are moved forward`() throws {
        var calls = RingRecords.randomCalls(seed: 3, count: 10)
        for index in calls.indices {
            calls[index].thread = 1
            calls[index].time = index == 5 ? 10 : Nanoseconds(index * 100)
        }
        let times = try read(RingRecords.trace(calls.map(TraceEvent.call))).map(\.time)
        #expect(times == [0, 100, 200, 300, 400, 400, 600, 700, 800, 900])
    }

    @Test func `cut off at any word, the whole packets are read`() throws {
        let calls = RingRecords.randomCalls(seed: 4, count: 60)
        let memory = try RingRecords.trace(calls.map(TraceEvent.call))
        let name = "thread-1-10"
        let bytes = try #require(memory.files.first { $0.name == name }).bytes
        for length in stride(from: 0, through: bytes.count, by: 8) {
            let cut = MemoryTrace(
                files: memory.files.map {
                    $0.name == name ? ($0.name, Array(bytes[..<length])) : $0
                })
            var found = 0
            let damages = try TraceReader(source: cut, table: testTable).events {
                if case .call(let call) = $0, call.thread == 10 { found += 1 }
            }
            #expect(found % 7 == 0 || length == bytes.count)
            #expect(damages.allSatisfy { $0.code == .torn })
        }
    }

    @Test func `bytes that make no sense are damage, never harm`() throws {
        let seed = UInt64.random(in: 1 ... .max)
        print("damaged records: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let calls = RingRecords.randomCalls(seed: 5, count: 60)
        let memory = try RingRecords.trace(calls.map(TraceEvent.call))
        var damaged = 0
        for _ in 0..<2000 {
            let changed = MemoryTrace(
                files: memory.files.map { file in
                    guard file.name != "metadata" else { return file }
                    var bytes = file.bytes
                    let place = Int.random(in: 88..<bytes.count, using: &random)
                    bytes[place] = UInt8(truncatingIfNeeded: random.next())
                    return (file.name, bytes)
                })
            let reader = try TraceReader(source: changed, table: testTable)
            damaged += try reader.events { _ in }.count
        }
        #expect(damaged > 100, "seed \(seed)")
    }

    @Test func `a piece that does not consist of records is refused`() throws {
        let memory = MemoryTrace()
        let writer = try TraceWriter(
            sink: memory, table: testTable, clock: TraceClock(wallOffsetNanoseconds: 0),
            environment: [:])
        var piece = RingRecords.piece(RingRecords.randomCalls(seed: 6, count: 1))
        piece.words[RecordPiece.prefixWords] += 8 << 32
        #expect(throws: TraceError.self) { try writer.append(&piece) }
    }
}
