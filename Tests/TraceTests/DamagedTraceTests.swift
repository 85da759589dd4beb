import Testing
import Trace

@Suite("Damaged traces")
struct DamagedTraceTests {
    private func smallTrace() throws -> MemoryTrace {
        let memory = MemoryTrace()
        let writer = try TraceWriter(
            sink: memory, table: testTable, clock: TraceClock(wallOffsetNanoseconds: 0),
            environment: [:])
        for (index, event) in trainingProgram(steps: 3, layers: 1).events.enumerated() {
            try writer.append(event)
            if index % 10 == 9 { try writer.flush() }
        }
        try writer.close()
        return memory
    }

    private func count(_ memory: MemoryTrace) throws -> (events: Int, damages: [TraceError]) {
        let reader = try TraceReader(source: memory, table: testTable)
        var events = 0
        let damages = try reader.events { _ in events += 1 }
        return (events, damages)
    }

    private func replacing(
        _ name: String, in memory: MemoryTrace, _ change: (inout [UInt8]) -> Void
    ) -> MemoryTrace {
        MemoryTrace(
            files: memory.files.map { file in
                guard file.name == name else { return file }
                var bytes = file.bytes
                change(&bytes)
                return (file.name, bytes)
            })
    }

    @Test("Cut off at any byte, the packets before are read")
    func torn() throws {
        let memory = try smallTrace()
        let whole = try count(memory)
        #expect(whole.damages.isEmpty)
        let bytes = try #require(memory.files.first { $0.name == "client-1" }).bytes
        var last = 0
        for length in 0...bytes.count {
            let cut = replacing("client-1", in: memory) { $0.removeLast(bytes.count - length) }
            let found = try count(cut)
            #expect(found.events >= last, "cut to \(length)")
            #expect(found.events == whole.events || length < bytes.count)
            for damage in found.damages { #expect(damage.code == .torn, "cut to \(length)") }
            last = found.events
        }
        #expect(last == whole.events)
    }

    @Test("Metadata cut off at any byte is read or refused")
    func tornMetadata() throws {
        let memory = try smallTrace()
        let bytes = try #require(memory.files.first { $0.name == "metadata" }).bytes
        for length in 0...bytes.count {
            let cut = replacing("metadata", in: memory) { $0.removeLast(bytes.count - length) }
            do {
                _ = try count(cut)
            } catch let error as TraceError {
                #expect(error.code == .foreign, "cut to \(length): \(error)")
            }
        }
    }

    @Test("A byte changed anywhere is no crash", arguments: UInt64(1)...2)
    func flipped(seed: UInt64) throws {
        let memory = try smallTrace()
        var random = SeededGenerator(seed: seed)
        let bytes = try #require(memory.files.first { $0.name == "client-1" }).bytes
        for position in bytes.indices where position % 2 == Int(seed % 2) {
            let changed = replacing("client-1", in: memory) {
                $0[position] = UInt8.random(in: 0...255, using: &random)
            }
            _ = try count(changed)
            let reader = try TraceReader(source: changed, table: testTable)
            _ = try TraceStatistics(reader)
            if position % 16 < 2 { _ = try TraceDiff.compare(reader, reader) }
        }
    }

    @Test("What is not ours is said to be so")
    func foreign() throws {
        let memory = try smallTrace()
        let other = replacing("metadata", in: memory) {
            $0 = Array("/* CTF 1.8 */\nenv {\n};\n".utf8)
        }
        #expect(try failure(other)?.code == .foreign)
        let packets = replacing("metadata", in: memory) { $0 = [0x57, 0x1D, 0xD1, 0x75, 0, 0] }
        #expect(try failure(packets)?.code == .foreign)
        #expect(try failure(MemoryTrace())?.code == .foreign)
    }

    @Test("A later version is refused with what to do")
    func newer() throws {
        let memory = try smallTrace()
        let later = replacing("metadata", in: memory) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            let parts = text.split(separator: "flexnpu_trace_version = 2", maxSplits: 1)
            bytes = Array((parts[0] + "flexnpu_trace_version = 9" + parts[1]).utf8)
        }
        let found = try #require(try failure(later))
        #expect(found.code == .newer)
        #expect(found.description.contains("version 9"))
        #expect(!found.remedy.isEmpty)
    }

    private func failure(_ memory: MemoryTrace) throws -> TraceError? {
        do {
            _ = try TraceReader(source: memory, table: testTable)
            return nil
        } catch {
            return error
        }
    }
}
