import Trace
import Wire

/// Traces as the daemon writes them, of a few steps.
enum TraceSeeds {
    static func good() throws(TraceError) -> (metadata: [UInt8], file: [UInt8]) {
        try parts(of: written(trainingProgram(steps: 2, layers: 1).events), "client-")
    }

    static func all() throws -> [String: [UInt8]] {
        let good = try good()
        var lossy = trainingProgram(steps: 1, layers: 1)
        lossy.events.append(
            .lost(LostEvent(time: lossy.time + 1, client: lossy.client, thread: 100, count: 7)))
        let program = trainingProgram(steps: 2, layers: 1)
        let observed = try RingRecords.trace(program.events)
        let routed = try RingRecords.trace(program.events, routed: true, perPiece: 1)
        return [
            "training-steps": [0] + good.file,
            "training-steps-with-metadata": good.metadata + [0] + good.file,
            "loss": [0] + (try parts(of: written(lossy.events), "client-")).file,
            "torn": [0] + good.file.dropLast(good.file.count / 3),
            "records-of-an-observed-program": try withMetadata(observed, "thread-"),
            "records-of-a-routed-program": try withMetadata(routed, "thread-"),
            "client-of-an-observed-program": try withMetadata(observed, "client-"),
            "metadata-alone": good.metadata,
        ]
    }

    private static func withMetadata(
        _ trace: MemoryTrace, _ prefix: String
    ) throws(TraceError) -> [UInt8] {
        let (metadata, file) = try parts(of: trace, prefix)
        return metadata + (prefix == "thread-" ? [0, 0] : [0]) + file
    }

    private static func parts(of trace: MemoryTrace, _ prefix: String) throws(TraceError) -> (
        metadata: [UInt8], file: [UInt8]
    ) {
        func bytes(_ isWanted: (String) -> Bool) throws(TraceError) -> [UInt8] {
            guard let file = trace.files.first(where: { isWanted($0.name) }) else {
                throw TraceError(.io, file: prefix, "a seed has no such file")
            }
            return file.bytes
        }
        return (try bytes { $0 == "metadata" }, try bytes { $0.hasPrefix(prefix) })
    }
}
