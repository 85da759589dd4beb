import Foundation
import LinuxIO
import Testing
import Trace
import TraceFiles

@Suite final class TraceFilesTests {
    private let folder = NSTemporaryDirectory() + "flexnpu-trace-\(UUID().uuidString)"

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    @Test func `what the sink writes the source reads, in pieces`() throws {
        let sink = try FileTraceSink(directory: folder + "/a/b")
        let metadata = try sink.open("metadata")
        let stream = try sink.open("client-1")
        try sink.append([1, 2, 3], to: stream)
        try sink.append([9], to: metadata)
        try sink.append([4, 5], to: stream)
        try sink.sync(stream)
        let source = try FileTraceSource(directory: folder + "/a/b")
        #expect(try source.names() == ["client-1", "metadata"])
        #expect(try source.size(of: "client-1") == 5)
        #expect(try source.read("client-1", at: 1, count: 3) == [2, 3, 4])
        #expect(try source.read("metadata", at: 0, count: 10) == [9])
        #expect(try source.read("client-1", at: 7, count: 1) == [])
        try sink.close(stream)
        let error = #expect(throws: TraceError.self) { try sink.append([1], to: stream) }
        #expect(error?.code == .closed)
    }

    @Test func `a trace that is there already is left alone`() throws {
        let sink = try FileTraceSink(directory: folder)
        _ = try sink.open("metadata")
        let error = #expect(throws: TraceError.self) { try FileTraceSink(directory: self.folder) }
        #expect(error?.message.contains("holds a trace already") == true)
    }

    @Test func `more files than are kept open are read in turn`() throws {
        let sink = try FileTraceSink(directory: folder)
        for number in 0..<100 {
            let file = try sink.open("client-\(number)")
            try sink.append([UInt8(number)], to: file)
            try sink.close(file)
        }
        let source = try FileTraceSource(directory: folder)
        for _ in 0..<2 {
            for number in 0..<100 {
                let bytes = try source.read("client-\(number)", at: 0, count: 1)
                #expect(bytes == [UInt8(number)])
            }
        }
    }

    @Test func `a folder that is not there, and a full disk, say what to do`() {
        let missing = #expect(throws: TraceError.self) {
            try FileTraceSource(directory: self.folder + "/none")
        }
        #expect(missing?.remedy.contains("folder that holds a trace") == true)
        let full = TraceError(SystemError("write", code: ENOSPC), file: "/t/client-1")
        #expect(full.code == .io)
        #expect("\(full)".contains("/t/client-1: No space left on device; the disk is full"))
    }

    @Test func `a trace is its owner's alone`() throws {
        func mode(_ path: String) -> UInt32? { Paths.facts(path).map { $0.st_mode & 0o777 } }
        // A folder that was made before, and open, is closed as long as it is empty.
        try makeFolder(folder, mode: 0o755)
        let sink = try FileTraceSink(directory: folder)
        _ = try sink.open("client-1")
        #expect(mode(folder) == 0o700 && mode(folder + "/client-1") == 0o600)
        // One that holds something else as well stays as open as it was; the files do not.
        let shared = folder + "/shared"
        try makeFolder(shared + "/other", mode: 0o755)
        #expect(mode(shared) == 0o755)
        let second = try FileTraceSink(directory: shared)
        _ = try second.open("client-1")
        #expect(mode(shared) == 0o755 && mode(shared + "/client-1") == 0o600)
    }
}
