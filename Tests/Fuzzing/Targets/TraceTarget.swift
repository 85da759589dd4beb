import Trace
import Wire

/// A trace: its metadata up to the first NUL, then one file; without metadata of its own it has
/// that of a good trace. The file is a client's, or, where it begins with a second NUL, a thread's.
///
/// It is read in every way there is. What can be read can be written again, whole.
enum TraceTarget {
    static func run(_ input: [UInt8]) throws -> String? {
        let trace = try memory(input)
        do throws(TraceError) {
            let reader = try TraceReader(source: trace, table: testTable)
            return try read(reader)
        } catch {
            return error.description.isEmpty ? "an error says nothing" : nil
        }
    }

    private static let good = Result { try TraceSeeds.good() }

    private static func memory(_ input: [UInt8]) throws -> MemoryTrace {
        var choices = Choices(input)
        var metadata = choices.slice(until: 0)
        if metadata.isEmpty { metadata = try good.get().metadata }
        var file = choices.rest()
        let isThread = file.first == 0
        if isThread { file.removeFirst() }
        return MemoryTrace(files: [
            ("metadata", metadata), (isThread ? "thread-1-100" : "client-1", file),
        ])
    }

    private static func read(_ reader: TraceReader) throws(TraceError) -> String? {
        _ = try TraceStatistics(reader).text()
        _ = try TraceDiff.compare(reader, reader)
        for form in [TraceDump.Form.text, .jsonLines] {
            var dump = TraceDump(reader, form: form)
            _ = try? dump.run { !$0.isEmpty }
        }
        return compact(reader)
    }

    /// Signatures that nothing uses are not written again; calls and operations are.
    private static func compact(_ reader: TraceReader) -> String? {
        let written = MemoryTrace()
        guard let before = count(reader),
            (try? TraceCompaction.run(reader, into: written, table: testTable)) != nil
        else { return nil }
        guard let again = try? TraceReader(source: written, table: testTable),
            let after = count(again)
        else { return "what was written again cannot be read" }
        if let first = after.damages.first { return "written again it is damaged: \(first)" }
        return after.events == before.events
            ? nil : "of \(before.events) calls and operations \(after.events) are left"
    }

    private static func count(_ reader: TraceReader) -> (events: Int, damages: [TraceError])? {
        var events = 0
        let damages = try? reader.events { event in
            switch event {
            case .call, .operation: events += 1
            default: break
            }
        }
        return damages.map { (events, $0) }
    }
}
