package import AscendCL
import Wire

/// Writes a trace: a CTF 1.8 folder with `metadata`, a file for each client, one for each thread whose
/// records are written as they are, and one for the daemon.
///
/// Not for several threads at once. After an error was thrown nothing more can be written; what was
/// written before stays readable.
package final class TraceWriter {
    /// What was done so far.
    package struct Counters: Sendable, Equatable {
        /// Events that were handed in.
        package var events: UInt64 = 0
        /// Bytes handed to the sink.
        package var bytes: UInt64 = 0
        package var packets: UInt64 = 0
        /// Events whose time was moved forward, because they came later than the window allows.
        package var late: UInt64 = 0
        /// Records that the programs lost, from `LostEvent`s.
        package var lost: UInt64 = 0
    }

    package internal(set) var counters = Counters()
    let sink: any TraceSink
    private let registry: EventClassRegistry
    let uuid: [UInt8]
    private let metadata: Int
    private var clients: [ClientID: StreamWriter] = [:]
    /// The files of threads, by client and thread.
    var recordStreams: [UInt64: RecordStreamWriter] = [:]
    var lastRecordStream: (key: UInt64, stream: RecordStreamWriter)?
    /// Those that hold calls which were not written yet.
    var gathering: [RecordStreamWriter] = []
    var recordClasses: RecordClasses
    private var daemon: StreamWriter?
    private var isMetadataUnsynchronised = false
    private var isClosed = false
    private var failure: TraceError?

    /// Opens the metadata and writes its beginning. `environment` says what a reader may want to
    /// know of the machine and the daemon: device, policy, version.
    package init(
        sink: any TraceSink, table: APITable, clock: TraceClock, environment: [String: String]
    ) throws(TraceError) {
        self.sink = sink
        registry = EventClassRegistry(table: table)
        recordClasses = RecordClasses(registry: registry)
        uuid = Self.uuid(clock, environment)
        metadata = try sink.open(TraceFormat.metadataName)
        try writeMetadata(
            MetadataText.prologue(uuid: uuid, clock: clock, environment: environment))
    }

    /// Adds an event. Within a client, an event may come up to 10 ms later than a younger one.
    package func append(_ event: TraceEvent) throws(TraceError) {
        try check()
        counters.events += 1
        if case .lost(let lost) = event { counters.lost &+= lost.count }
        let stream = try stream(for: event)
        stream.pending.insert(event)
        try drain(stream, flushing: false)
        if case .client(let change) = event, change.what != .attached {
            try finish(stream)
            clients[change.client] = nil
        }
    }

    /// Writes out what waits, so that a reader sees everything up to now.
    package func flush() throws(TraceError) {
        try check()
        for stream in orderedStreams {
            try drain(stream, flushing: true)
            try closePacket(of: stream)
            guard stream.isUnsynchronised else { continue }
            stream.isUnsynchronised = false
            try guarded { () throws(TraceError) in try sink.sync(stream.file) }
        }
        // Signatures are in the clients' files: those first.
        try flushRecords()
        guard isMetadataUnsynchronised else { return }
        isMetadataUnsynchronised = false
        try guarded { () throws(TraceError) in try sink.sync(metadata) }
    }

    /// Flushes and closes the files.
    package func close() throws(TraceError) {
        guard !isClosed else { return }
        defer { isClosed = true }
        try flush()
        for stream in orderedStreams {
            try guarded { () throws(TraceError) in try sink.close(stream.file) }
        }
        for (_, stream) in recordStreams.sorted(by: { $0.key < $1.key }) {
            try guarded { () throws(TraceError) in
                try sink.sync(stream.file)
                try sink.close(stream.file)
            }
        }
        try guarded { () throws(TraceError) in try sink.close(metadata) }
    }

    private var orderedStreams: [StreamWriter] {
        let ordered = clients.sorted { $0.key < $1.key }.map(\.value)
        return daemon.map { [$0] + ordered } ?? ordered
    }

    func check() throws(TraceError) {
        if let failure { throw failure }
        guard !isClosed else {
            throw TraceError(.closed, file: TraceFormat.metadataName, "the trace is closed")
        }
    }

    func guarded(_ body: () throws(TraceError) -> Void) throws(TraceError) {
        do {
            try body()
        } catch {
            failure = error
            throw error
        }
    }

    private func stream(for event: TraceEvent) throws(TraceError) -> StreamWriter {
        let client: ClientID
        switch event {
        case .client(let event): client = event.client
        case .call(let event): client = event.client
        case .signature(let event): client = event.client
        case .operation(let event): client = event.client
        case .lost(let event): client = event.client
        case .policy, .decision:
            if let daemon { return daemon }
            let made = try openStream(TraceFormat.daemonName, TraceFormat.daemonStream, 0)
            daemon = made
            return made
        }
        if let known = clients[client] { return known }
        let made = try openStream(
            nextFileName(of: client), TraceFormat.clientStream, client.rawValue)
        clients[client] = made
        return made
    }

    /// Clients whose file was closed may still have an operation's end to tell: it goes to a file
    /// of its own.
    private var openedBefore: Set<ClientID> = []
    /// Such files, of all clients: a client may be told to have ended more than once.
    private var reopenedCount = 0

    private func nextFileName(of client: ClientID) -> String {
        let name = TraceFormat.clientName(client.rawValue)
        guard !openedBefore.insert(client).inserted else { return name }
        reopenedCount += 1
        return "\(name)-\(reopenedCount)"
    }

    private func openStream(
        _ name: String, _ stream: UInt32, _ client: UInt32
    ) throws(TraceError) -> StreamWriter {
        var file = 0
        try guarded { () throws(TraceError) in file = try sink.open(name) }
        return StreamWriter(
            file: file, stream: stream, client: client, uuid: uuid, registry: registry)
    }

    private func finish(_ stream: StreamWriter) throws(TraceError) {
        try drain(stream, flushing: true)
        try closePacket(of: stream)
        try guarded { () throws(TraceError) in try sink.close(stream.file) }
    }

    private func drain(_ stream: StreamWriter, flushing: Bool) throws(TraceError) {
        while let event = stream.pending.next(flushing: flushing) {
            if stream.write(event) { counters.late += 1 }
            if stream.isPacketFull { try closePacket(of: stream) }
        }
    }

    private func closePacket(of stream: StreamWriter) throws(TraceError) {
        guard let packet = stream.takePacket() else { return }
        try writePendingClasses()
        counters.packets += 1
        counters.bytes += UInt64(packet.count)
        stream.isUnsynchronised = true
        try guarded { () throws(TraceError) in try sink.append(packet, to: stream.file) }
    }

    /// A packet must never be there before what describes it.
    func writePendingClasses() throws(TraceError) {
        let text = registry.takePendingText()
        if !text.isEmpty { try writeMetadata(text) }
    }

    private func writeMetadata(_ text: String) throws(TraceError) {
        let bytes = Array(text.utf8)
        counters.bytes += UInt64(bytes.count)
        isMetadataUnsynchronised = true
        try guarded { () throws(TraceError) in try sink.append(bytes, to: metadata) }
    }

    /// An identifier of the trace that is the same for the same beginning.
    private static func uuid(_ clock: TraceClock, _ environment: [String: String]) -> [UInt8] {
        var high = Mixing.start
        var low = Mixing.combine(Mixing.start, UInt64(bitPattern: clock.wallOffsetNanoseconds))
        for (key, value) in environment.sorted(by: { $0.key < $1.key }) {
            high = Mixing.combine(high, Mixing.hash(Array((key + "=" + value).utf8)[...]))
            low = Mixing.combine(low, high)
        }
        var bytes: [UInt8] = []
        for word in [high, low] {
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (shift * 8))) }
        }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        return bytes
    }
}
