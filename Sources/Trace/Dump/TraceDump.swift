package import Wire

/// Writes the events of a trace as text, one a line.
package struct TraceDump {
    /// What is shown.
    package struct Filter: Sendable {
        /// A shell pattern of the program's name, or the client's number.
        package var client: String?
        /// A shell pattern of the function's name.
        package var function: String?
        /// Nanoseconds since the first event.
        package var from: Nanoseconds?
        package var to: Nanoseconds?
        package var operations = true
        package init() {}
    }

    package enum Form: Sendable { case text, jsonLines }

    private let reader: TraceReader
    private let filter: Filter
    private let form: Form
    private var clients: [ClientID: DumpedClient] = [:]
    private var begin: Nanoseconds?
    private var functionMatches: [Bool?] = []

    package init(_ reader: TraceReader, filter: Filter = Filter(), form: Form = .text) {
        self.reader = reader
        self.filter = filter
        self.form = form
    }

    /// Hands the lines to `write`, without their ends, until there are no more or it answers
    /// false. Returns why the ends of files could not be read.
    package mutating func run(_ write: (String) -> Bool) throws -> [TraceError] {
        struct Enough: Error {}
        do {
            return try reader.merged { step, stream in
                guard let line = line(step, stream) else { return }
                guard write(line) else { throw Enough() }
            }
        } catch is Enough {
            return []
        }
    }

    private mutating func line(_ step: StreamStep, _ stream: borrowing StreamReader) -> String? {
        if begin == nil { begin = stream.time }
        let time = stream.time &- (begin ?? 0)
        let id = stream.client
        var client = clients[id] ?? DumpedClient(id: id, names: reader.names)
        defer { clients[id] = client }
        clients[id] = nil
        if case .other = step, let event = stream.event { client.learn(event) }
        let isWanted = isInTime(time) && filter.client.map { client.matches($0) } ?? true
        switch step {
        case .call:
            guard isWanted, wants(stream.call.function) else { return nil }
            let call = client.describe(stream.call.event(client: id))
            return form == .text ? client.text(call, time) : client.json(call, time)
        case .operation:
            guard isWanted, filter.operations, wants(stream.operation.function) else { return nil }
            return form == .text
                ? client.text(stream.operation, time) : client.json(stream.operation, time)
        case .other:
            guard isWanted, filter.function == nil, let event = stream.event else { return nil }
            return form == .text ? client.text(event, time) : client.json(event, time)
        case .end: return nil
        }
    }

    private func isInTime(_ time: Nanoseconds) -> Bool {
        time >= filter.from ?? .min && time <= filter.to ?? .max
    }

    private mutating func wants(_ function: FunctionID) -> Bool {
        guard let pattern = filter.function else { return true }
        let index = Int(function.rawValue)
        while functionMatches.count <= index { functionMatches.append(nil) }
        if let known = functionMatches[index] { return known }
        let found = Glob.matches(reader.names[function], pattern)
        functionMatches[index] = found
        return found
    }
}
