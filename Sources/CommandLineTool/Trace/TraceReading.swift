import ArgumentParser
import AscendCL
import Trace
import TraceFiles

/// Opens the trace in a folder.
func openTrace(_ directory: String) throws(TraceError) -> TraceReader {
    do {
        return try TraceReader(source: FileTraceSource(directory: directory), table: .standard)
    } catch {
        // The reader knows its files by their names in the folder.
        guard !error.file.hasPrefix(directory) else { throw error }
        var complete = error
        complete.file = "\(directory)/\(error.file)"
        throw complete
    }
}

/// Runs `body`; where a trace cannot be read, says why and ends with the code that says "trouble".
func orTrouble(_ command: String, _ body: () throws -> Void) throws {
    do {
        try body()
    } catch let error as ExitCode {
        throw error
    } catch {
        Terminal.note("flexnpu \(command): \(error)")
        throw ExitCode(2)
    }
}
