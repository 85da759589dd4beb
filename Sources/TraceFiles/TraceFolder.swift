package import AscendCL
import LinuxIO
package import Trace

/// A trace's folder as a whole.
package enum TraceFolder {
    /// Puts the compact form of the trace in its place. Nil where it is compact already.
    ///
    /// The compact trace is written and synchronised beside the folder, as `DIRECTORY.compact`;
    /// then the two change names in one step, and the old one is removed. A crash leaves the whole
    /// trace under its name, and perhaps a folder beside it, which the next attempt clears away. A
    /// trace that cannot be read to its end is left as it is.
    package static func compact(
        _ directory: String, table: APITable
    ) throws -> TraceCompaction.Result? {
        let beside = directory + ".compact"
        let reader = try TraceReader(source: FileTraceSource(directory: directory), table: table)
        guard TraceCompaction.isWanted(reader) else { return nil }
        if exists("\(beside)/\(Self.mark)") { try inFolder(beside, removeFolder) }
        let result = try write(reader, beside, table)
        do throws(SystemError) {
            try removeFolder(try exchangeFolders(directory, beside))
        } catch {
            throw TraceError(error, file: directory)
        }
        return result
    }

    private static let mark = "metadata"

    private static func write(
        _ reader: TraceReader, _ beside: String, _ table: APITable
    ) throws -> TraceCompaction.Result {
        do {
            let result = try TraceCompaction.run(
                reader, into: FileTraceSink(directory: beside), table: table)
            if let damage = result.damages.first { throw damage }
            return result
        } catch {
            // What was written so far is of no use; the trace itself is untouched.
            if exists("\(beside)/\(mark)") { try? removeFolder(beside) }
            throw error
        }
    }

    private static func inFolder(
        _ path: String, _ body: (String) throws(SystemError) -> Void
    ) throws(TraceError) {
        do throws(SystemError) { try body(path) } catch { throw TraceError(error, file: path) }
    }
}
