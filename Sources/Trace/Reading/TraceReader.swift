package import AscendCL
import Wire

/// Opens a trace folder that `TraceWriter` wrote.
package final class TraceReader {
    /// What the daemon said of itself: device library, version.
    package var environment: [String: String] { metadata.environment }
    package var clock: TraceClock { metadata.clock }
    package var uuid: String { metadata.uuid }
    /// The names of the functions; ids in the events are those of the table that the reader was
    /// given.
    package var names: FunctionNames { metadata.names }
    /// The stream files, clients in the order of their numbers.
    package let files: [String]
    private let source: any TraceSource
    private let metadata: TraceMetadata

    /// Reads the metadata. Throws when the folder is no trace of ours.
    package init(source: any TraceSource, table: APITable) throws(TraceError) {
        self.source = source
        let names = try source.names()
        guard names.contains(TraceFormat.metadataName) else {
            throw TraceError(
                .foreign, file: TraceFormat.metadataName, "the folder has no metadata",
                remedy: "give the folder that `flexnpu trace record` made")
        }
        let size = try source.size(of: TraceFormat.metadataName)
        let bytes = try source.read(TraceFormat.metadataName, at: 0, count: size)
        metadata = try TraceMetadata(bytes, table: table)
        files = names.filter {
            $0 == TraceFormat.daemonName || $0.hasPrefix("client-") || $0.hasPrefix("thread-")
        }.sorted { Self.order($0) < Self.order($1) }
    }

    /// The daemon first, then by kind: signatures are in the files of clients, calls that use
    /// them in those of threads. Then by the client's number.
    private static func order(_ name: String) -> (Int, Int, String) {
        let kind = name == TraceFormat.daemonName ? 0 : name.hasPrefix("client-") ? 1 : 2
        return (kind, clientNumber(name) ?? .max, name)
    }

    private static func clientNumber(_ name: String) -> Int? {
        Int(name.dropFirst("client-".count).prefix { $0.isNumber })
    }

    /// The files of the clients, those of one client together.
    var filesByClient: [[String]] {
        var numbers: [Int?] = []
        var groups: [[String]] = []
        for file in files where file != TraceFormat.daemonName {
            let number = Self.clientNumber(file)
            if let index = numbers.firstIndex(of: number) {
                groups[index].append(file)
            } else {
                numbers.append(number)
                groups.append([file])
            }
        }
        return groups
    }

    /// A reader of one of `files`, from its beginning.
    package func stream(_ file: String) throws(TraceError) -> StreamReader {
        try StreamReader(source: source, name: file, metadata: metadata)
    }

    /// All events in the order of time. Returns why the ends of files could not be read, where
    /// that is so.
    @discardableResult
    package func events(_ body: (TraceEvent) throws -> Void) throws -> [TraceError] {
        try merged { step, stream in
            switch step {
            case .call: try body(.call(stream.call.event(client: stream.client)))
            case .operation: try body(.operation(stream.operation))
            case .other: if let event = stream.event { try body(event) }
            case .end: break
            }
        }
    }

    /// The same, without making a value of each event.
    @discardableResult
    package func merged(
        _ body: (StreamStep, borrowing StreamReader) throws -> Void
    ) throws -> [TraceError] {
        var streams = try streams(files)
        return try Self.merge(&streams, body)
    }

    /// The events of some files in the order of time.
    func inOrder(
        _ names: [String], _ body: (StreamStep, borrowing StreamReader) -> Void
    ) throws(TraceError) -> [TraceError] {
        var streams = try streams(names)
        return Self.merge(&streams, body)
    }

    private func streams(_ names: [String]) throws(TraceError) -> [StreamReader] {
        var found: [StreamReader] = []
        for name in names { found.append(try stream(name)) }
        return found
    }

    private static func merge<Failure: Error>(
        _ streams: inout [StreamReader],
        _ body: (StreamStep, borrowing StreamReader) throws(Failure) -> Void
    ) throws(Failure) -> [TraceError] {
        var damages: [TraceError] = []
        var queue = MergeQueue()
        var steps: [StreamStep] = []
        for index in streams.indices {
            let step = streams[index].next()
            steps.append(step)
            if case .end = step {
                if let damage = streams[index].damage { damages.append(damage) }
            } else {
                queue.push(streams[index].time, index)
            }
        }
        while let index = queue.first {
            try body(steps[index], streams[index])
            let step = streams[index].next()
            steps[index] = step
            if case .end = step {
                queue.removeFirst()
                if let damage = streams[index].damage { damages.append(damage) }
            } else {
                queue.replaceFirst(streams[index].time)
            }
        }
        return damages
    }
}

/// Streams by the time of their next event: a binary heap.
struct MergeQueue {
    private var entries: [(time: Nanoseconds, index: Int)] = []

    var first: Int? { entries.first?.index }

    mutating func push(_ time: Nanoseconds, _ index: Int) {
        entries.append((time, index))
        var child = entries.count - 1
        while child > 0, comesBefore(child, (child - 1) / 2) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The first stream went on to `time`.
    mutating func replaceFirst(_ time: Nanoseconds) {
        entries[0].time = time
        sink()
    }

    mutating func removeFirst() {
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        sink()
    }

    private func comesBefore(_ a: Int, _ b: Int) -> Bool {
        (entries[a].time, entries[a].index) < (entries[b].time, entries[b].index)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && comesBefore(child, least) {
                least = child
            }
            guard least != parent else { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
