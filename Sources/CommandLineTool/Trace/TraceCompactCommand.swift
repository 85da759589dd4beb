import ArgumentParser
import AscendCL
import LinuxIO
import Trace
import TraceFiles
import Wire

/// `flexnpu trace compact`: a trace in fewer bytes.
struct TraceCompactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Rewrite a trace in its compact form.",
        discussion: """
            While a recording runs, calls are written as they come: quick, and large.
            This rewrites them in about half the bytes, with nothing left out. The
            compact trace is written beside the folder and takes its place when it is
            whole. `flexnpu run --trace` and `flexnpu trace record` do it at the end.

            Example:
              flexnpu trace compact before

            Exit code: 0, or 2 where the trace could not be read to its end (it is left
            as it is).
            """)

    @Argument(help: "The trace's folder.")
    var directory: String

    func run() throws {
        try orTrouble("trace compact") {
            guard let result = try TraceFolder.compact(directory, table: .standard) else {
                return print("compact already")
            }
            print("\(Units.count(Double(result.events))) events, \(Units.bytes(result.bytes))")
        }
    }
}

/// Compacts what was recorded, and returns the status with the bytes that it has now. Where that is
/// not possible the trace is whole as it is, and says why.
func compacted(_ status: TraceStatus) -> TraceStatus {
    guard status.failure == nil, let directory = status.directory else { return status }
    Terminal.progress("compacting \(directory)")
    defer { Terminal.progress("") }
    do {
        guard let result = try TraceFolder.compact(directory, table: .standard) else {
            return status
        }
        var compact = status
        compact.bytes = result.bytes
        return compact
    } catch {
        Terminal.note("the trace is left as it was written: \(error)")
        return status
    }
}
