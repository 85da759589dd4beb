import LinuxIO
package import Trace

/// Writes a trace into a folder of its own, which its owner alone may read: a trace tells what a
/// program does.
package final class FileTraceSink: TraceSink {
    package let directory: String
    /// By the number under which `open` made them; nil: closed.
    private var paths: [String?] = []
    /// Files with a descriptor, the one used last at the end: a trace may have a file for each of
    /// thousands of threads.
    private var open: [(number: Int, file: AppendedFile)] = []
    private static let openLimit = 64

    /// Makes the folder. One that holds a trace already is left alone.
    package init(directory: String) throws(TraceError) {
        self.directory = directory
        do throws(SystemError) { try Self.makeOwn(directory) } catch {
            throw TraceError(error, file: directory)
        }
        guard !exists("\(directory)/metadata") else {
            throw TraceError(
                .io, file: directory, "the folder holds a trace already",
                remedy: "name another folder, or remove this one")
        }
    }

    /// A new folder, or an empty one that was there, is its owner's alone. One with something in it
    /// is somebody's for other things as well: there the files alone are closed to others.
    private static func makeOwn(_ directory: String) throws(SystemError) {
        let isNew = try makeFolder(directory, mode: 0o700)
        guard !isNew, try folderEntries(directory).isEmpty else { return }
        try Paths.closeFolder(directory)
    }

    package func open(_ name: String) throws(TraceError) -> Int {
        let path = "\(directory)/\(name)"
        do throws(SystemError) {
            keepOpen(paths.count, try AppendedFile(creating: path))
        } catch {
            throw TraceError(error, file: path)
        }
        paths.append(path)
        return paths.count - 1
    }

    package func append(_ bytes: [UInt8], to file: Int) throws(TraceError) {
        let target = try openFile(file)
        do throws(SystemError) { try target.append(bytes) } catch {
            throw TraceError(error, file: target.path)
        }
    }

    package func append(words: ArraySlice<UInt64>, to file: Int) throws(TraceError) {
        let target = try openFile(file)
        do throws(SystemError) { try target.append(words: words) } catch {
            throw TraceError(error, file: target.path)
        }
    }

    package func sync(_ file: Int) throws(TraceError) {
        let target = try openFile(file)
        do throws(SystemError) { try target.sync() } catch {
            throw TraceError(error, file: target.path)
        }
    }

    package func close(_ file: Int) throws(TraceError) {
        _ = try openFile(file)
        paths[file] = nil
        open.removeAll { $0.number == file }
    }

    private func keepOpen(_ number: Int, _ file: AppendedFile) {
        if open.count >= Self.openLimit { open.removeFirst() }
        open.append((number, file))
    }

    private func openFile(_ number: Int) throws(TraceError) -> AppendedFile {
        if let last = open.last, last.number == number { return last.file }
        guard paths.indices.contains(number), let path = paths[number] else {
            throw TraceError(.closed, file: directory, "file \(number) of the trace is not open")
        }
        if let index = open.firstIndex(where: { $0.number == number }) {
            let found = open.remove(at: index)
            open.append(found)
            return found.file
        }
        do throws(SystemError) {
            let file = try AppendedFile(continuing: path)
            keepOpen(number, file)
            return file
        } catch {
            throw TraceError(error, file: path)
        }
    }
}
