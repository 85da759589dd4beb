package import AscendCL

/// Rewrites a trace in its compact form: records as they lay in rings become events of the
/// narrowest classes, all threads of a client in one file.
package enum TraceCompaction {
    package struct Result: Sendable, Equatable {
        package var events: UInt64
        package var bytes: UInt64
        /// Why the ends of files could not be read; what could be is in the compact trace.
        package var damages: [TraceError]
    }

    /// Whether the trace holds records as they lay in rings.
    package static func isWanted(_ reader: TraceReader) -> Bool {
        reader.files.contains { $0.hasPrefix("thread-") }
    }

    /// Reads everything and writes it into `sink`; nothing of the trace is changed.
    package static func run(
        _ reader: TraceReader, into sink: any TraceSink, table: APITable
    ) throws -> Result {
        let writer = try TraceWriter(
            sink: sink, table: table, clock: reader.clock, environment: reader.environment)
        let damages = try reader.events { try writer.append($0) }
        try writer.close()
        return Result(
            events: writer.counters.events, bytes: writer.counters.bytes, damages: damages)
    }
}
