import LinuxIO
package import Trace

/// Reads a trace from its folder.
package final class FileTraceSource: TraceSource {
    package let directory: String
    /// Open files, the one used last at the end: a trace may have more clients than a process may
    /// open files.
    private var open: [ReadableFile] = []
    private static let openLimit = 64

    /// A path that is no folder is an error that says so.
    package init(directory: String) throws(TraceError) {
        self.directory = directory
        _ = try names()
    }

    package func names() throws(TraceError) -> [String] {
        do throws(SystemError) { return try folderEntries(directory) } catch {
            throw TraceError(error, file: directory)
        }
    }

    package func size(of name: String) throws(TraceError) -> Int {
        do throws(SystemError) { return try file(name).size() } catch {
            throw TraceError(error, file: "\(directory)/\(name)")
        }
    }

    package func read(_ name: String, at offset: Int, count: Int) throws(TraceError) -> [UInt8] {
        do throws(SystemError) { return try file(name).read(at: offset, count: count) } catch {
            throw TraceError(error, file: "\(directory)/\(name)")
        }
    }

    private func file(_ name: String) throws(SystemError) -> ReadableFile {
        let path = "\(directory)/\(name)"
        if open.last?.path == path, let last = open.last { return last }
        let found: ReadableFile
        if let index = open.firstIndex(where: { $0.path == path }) {
            found = open.remove(at: index)
        } else {
            found = try ReadableFile(path)
        }
        if open.count >= Self.openLimit { open.removeFirst() }
        open.append(found)
        return found
    }
}
