import AscendCL
import Foundation
import Testing
import Trace
import TraceFiles
import Wire

/// Traces in folders: thousands of files, permissions, and the exchange for the compact form.
@Suite final class TraceFolderTests {
    private let folder = NSTemporaryDirectory() + "flexnpu-trace-\(UUID().uuidString)"

    deinit {
        for suffix in ["", ".compact", ".old"] {
            try? FileManager.default.removeItem(atPath: folder + suffix)
        }
    }

    private let table = APITable(functions: [
        APIFunction(
            id: FunctionID(rawValue: 0), name: "aclrtSetDevice", library: "libascendcl.so",
            result: "aclError", functionClass: .handle, refusal: "", reason: "", isPoll: false,
            argumentClasses: "",
            parameters: [APIParameter(type: "int32_t", name: "id", kind: .integer, extent: "")])
    ])

    /// Calls of `threads` threads, in turn.
    private func record(threads: Int, rounds: Int) throws {
        let writer = try TraceWriter(
            sink: FileTraceSink(directory: folder), table: table,
            clock: TraceClock(wallOffsetNanoseconds: 0), environment: [:])
        let room = [UInt64](repeating: 0, count: RecordPiece.prefixWords)
        for round in 0..<rounds {
            for thread in 0..<threads {
                let time = UInt64(round * threads + thread)
                let record = [56 << 32, time, 5, 0, UInt64(round + 1), 1 << 48, UInt64(thread)]
                var piece = RecordPiece(
                    client: ClientID(rawValue: 1), thread: UInt32(thread), words: room + record,
                    count: room.count + record.count, records: 1)
                try writer.append(&piece)
            }
        }
        try writer.close()
    }

    private func times() throws -> [Nanoseconds] {
        var times: [Nanoseconds] = []
        let reader = try TraceReader(source: FileTraceSource(directory: folder), table: table)
        let damages = try reader.events { times.append($0.time) }
        #expect(damages.isEmpty)
        return times
    }

    @Test func `more threads than descriptors: all of it is there`() throws {
        try record(threads: 2000, rounds: 2)
        #expect(try times() == (0..<4000).map { Nanoseconds($0) })
    }

    @Test func `its owner alone may read it`() throws {
        try record(threads: 2, rounds: 1)
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(folder) == 0o700)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            #expect(try mode("\(folder)/\(name)") == 0o600)
        }
    }

    @Test func `the compact form takes the trace's place`() throws {
        try record(threads: 5, rounds: 100)
        let before = try times()
        // What a crash left behind is cleared away.
        try FileManager.default.createDirectory(
            atPath: folder + ".compact", withIntermediateDirectories: false)
        try Data([1]).write(to: URL(filePath: folder + ".compact/metadata"))
        let result = try TraceFolder.compact(folder, table: table)
        #expect(result?.events == 500)
        #expect(try times() == before)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["client-1", "metadata"])
        #expect(!FileManager.default.fileExists(atPath: folder + ".compact"))
        #expect(try TraceFolder.compact(folder, table: table) == nil)
    }

    @Test func `a trace that is cut off is left as it is`() throws {
        try record(threads: 1, rounds: 3)
        let path = "\(folder)/thread-1-0"
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.dropLast(8).write(to: URL(filePath: path))
        let error = #expect(throws: TraceError.self) {
            try TraceFolder.compact(self.folder, table: self.table)
        }
        #expect(error?.code == .torn)
        #expect(try Data(contentsOf: URL(filePath: path)).count == whole.count - 8)
        #expect(!FileManager.default.fileExists(atPath: folder + ".compact"))
    }
}
