import Glibc

/// A file that is written from its beginning to its end.
package final class AppendedFile: Sendable {
    package let path: String
    private let descriptor: OwnedDescriptor

    /// Makes the file, with exactly that mode, whatever the umask; one that is there already is an
    /// error.
    package init(creating path: String, mode: UInt32 = 0o600) throws(SystemError) {
        self.path = path
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC
        let file = OwnedDescriptor(
            adopting: try retrying(path) { unsafe open(path, flags, mode) })
        let raw = file.rawValue
        try retrying("\(path): chmod") { fchmod(raw, mode) }
        descriptor = file
    }

    /// Goes on where the file ends.
    package init(continuing path: String) throws(SystemError) {
        self.path = path
        let flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC
        descriptor = OwnedDescriptor(adopting: try retrying(path) { unsafe open(path, flags) })
    }

    package func append(_ bytes: [UInt8]) throws(SystemError) {
        try unsafe append(bytes.span.bytes)
    }

    /// Appends words as they lie in memory.
    package func append(words: ArraySlice<UInt64>) throws(SystemError) {
        try unsafe append(words.span.bytes)
    }

    private func append(_ bytes: RawSpan) throws(SystemError) {
        try writeAll(bytes, to: descriptor.rawValue, path: path)
    }

    /// What was appended is on the disk when this returns.
    package func sync() throws(SystemError) {
        try retrying("\(path): sync") { fdatasync(descriptor.rawValue) }
    }
}

/// A file that is read in pieces, from anywhere.
package final class ReadableFile: Sendable {
    package let path: String
    private let descriptor: OwnedDescriptor

    package init(_ path: String) throws(SystemError) {
        self.path = path
        descriptor = OwnedDescriptor(
            adopting: try retrying(path) { unsafe open(path, O_RDONLY | O_CLOEXEC) })
    }

    /// Its size now; it may still grow.
    package func size() throws(SystemError) -> Int {
        var facts = stat()
        try retrying("\(path): size") { unsafe fstat(descriptor.rawValue, &facts) }
        return Int(facts.st_size)
    }

    /// `count` bytes from `offset`, or fewer where the file ends before.
    package func read(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let start = done
            let got = try retrying("\(path): read") {
                unsafe bytes.withUnsafeMutableBytes {
                    unsafe pread(
                        descriptor.rawValue, $0.baseAddress.map { unsafe $0 + start },
                        count - start,
                        offset + start)
                }
            }
            if got == 0 { break }
            done += got
        }
        bytes.removeLast(count - done)
        return bytes
    }
}

/// The names in a folder, sorted, without "." and "..".
package func folderEntries(_ path: String) throws(SystemError) -> [String] {
    guard let folder = unsafe opendir(path) else { throw SystemError(path) }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
            unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                unsafe String(cString: $0)
            }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}
