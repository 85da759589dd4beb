/// Where a trace is written: the files of one folder. The daemon passes real files.
package protocol TraceSink: AnyObject {
    /// Makes the file `name`, empty, and returns the number by which it is known.
    func open(_ name: String) throws(TraceError) -> Int
    func append(_ bytes: [UInt8], to file: Int) throws(TraceError)
    /// The same, of words: least byte first.
    func append(words: ArraySlice<UInt64>, to file: Int) throws(TraceError)
    /// What was appended is on the disk when this returns.
    func sync(_ file: Int) throws(TraceError)
    /// No more is appended to the file.
    func close(_ file: Int) throws(TraceError)
}

extension TraceSink {
    package func append(words: ArraySlice<UInt64>, to file: Int) throws(TraceError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 8)
        for word in words {
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (shift * 8))) }
        }
        try append(bytes, to: file)
    }
}

/// Where a trace is read from. Bytes are asked for a packet at a time, so a trace may be larger
/// than memory.
package protocol TraceSource {
    /// The files of the folder, in any order.
    func names() throws(TraceError) -> [String]
    func size(of name: String) throws(TraceError) -> Int
    /// `count` bytes from `offset`, or fewer where the file ends before.
    func read(_ name: String, at offset: Int, count: Int) throws(TraceError) -> [UInt8]
}

/// A trace in memory: a sink and a source.
package final class MemoryTrace: TraceSink, TraceSource {
    package private(set) var files: [(name: String, bytes: [UInt8])] = []
    /// Bytes after which `append` fails as a full disk does.
    package var capacityBytes = Int.max
    private var writtenBytes = 0

    package init() {}

    package init(files: [(name: String, bytes: [UInt8])]) { self.files = files }

    package func open(_ name: String) throws(TraceError) -> Int {
        files.append((name, []))
        return files.count - 1
    }

    package func append(_ bytes: [UInt8], to file: Int) throws(TraceError) {
        writtenBytes += bytes.count
        guard writtenBytes <= capacityBytes else {
            throw TraceError(.io, file: files[file].name, "no space left")
        }
        files[file].bytes.append(contentsOf: bytes)
    }

    package func sync(_ file: Int) throws(TraceError) {}

    package func close(_ file: Int) throws(TraceError) {}

    package func names() -> [String] { files.map(\.name) }

    package func size(of name: String) throws(TraceError) -> Int { try file(name).count }

    package func read(
        _ name: String, at offset: Int, count: Int
    ) throws(TraceError) -> [UInt8] {
        let bytes = try file(name)
        guard offset < bytes.count else { return [] }
        return Array(bytes[offset..<min(bytes.count, offset + count)])
    }

    private func file(_ name: String) throws(TraceError) -> [UInt8] {
        guard let found = files.first(where: { $0.name == name }) else {
            throw TraceError(.io, file: name, "no such file")
        }
        return found.bytes
    }
}
