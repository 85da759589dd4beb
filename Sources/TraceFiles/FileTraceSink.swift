import LinuxIO
package import Trace

/// Writes a trace into a folder of its own.
package final class FileTraceSink: TraceSink {
    package let directory: String
    /// By the number under which `open` made them; nil: closed.
    private var files: [AppendedFile?] = []

    /// Makes the folder. One that holds a trace already is left alone.
    package init(directory: String) throws(TraceError) {
        self.directory = directory
        do throws(SystemError) { try makeFolder(directory, mode: 0o755) } catch {
            throw TraceError(error, file: directory)
        }
        guard !exists("\(directory)/metadata") else {
            throw TraceError(
                .io, file: directory, "the folder holds a trace already",
                remedy: "name another folder, or remove this one")
        }
    }

    package func open(_ name: String) throws(TraceError) -> Int {
        let path = "\(directory)/\(name)"
        do throws(SystemError) {
            files.append(try AppendedFile(creating: path))
        } catch {
            throw TraceError(error, file: path)
        }
        return files.count - 1
    }

    package func append(_ bytes: [UInt8], to file: Int) throws(TraceError) {
        let target = try openFile(file)
        do throws(SystemError) { try target.append(bytes) } catch {
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
        files[file] = nil
    }

    private func openFile(_ file: Int) throws(TraceError) -> AppendedFile {
        guard files.indices.contains(file), let found = files[file] else {
            throw TraceError(.closed, file: directory, "file \(file) of the trace is not open")
        }
        return found
    }
}
