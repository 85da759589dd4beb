import Wire

/// What a trace adds up to.
package struct TraceStatistics: Codable, Sendable, Equatable {
    /// Durations of one kind.
    package struct Durations: Codable, Sendable, Equatable {
        package var count: UInt64
        package var totalNanoseconds: Int64
        package var meanNanoseconds: Int64
        package var p50Nanoseconds: Int64
        package var p99Nanoseconds: Int64
        package var maximumNanoseconds: Int64

        init(_ histogram: DurationHistogram) {
            count = histogram.count
            totalNanoseconds = histogram.totalNanoseconds
            meanNanoseconds = histogram.meanNanoseconds
            p50Nanoseconds = histogram.quantile(0.5)
            p99Nanoseconds = histogram.quantile(0.99)
            maximumNanoseconds = histogram.maximumNanoseconds
        }
    }

    package struct Function: Codable, Sendable, Equatable {
        package var name: String
        /// As the program saw them.
        package var calls: Durations
        /// As the device ran them.
        package var operations: Durations
        /// Copied, set or allocated; for operations, of the tensors they touch.
        package var bytes: UInt64
    }

    package struct PhaseStatistics: Codable, Sendable, Equatable {
        package var phase: String
        /// On the device.
        package var operations: Durations
        /// From ready to dispatched: what the policy made them wait.
        package var waits: Durations
    }

    package struct Client: Codable, Sendable, Equatable {
        package var id: UInt32
        package var name: String
        package var labels: [String: String]
        package var pid: Int32
        package var mode: String
        package var calls: UInt64
        package var operations: UInt64
        package var lost: UInt64
        package var threads: Int
        package var busyNanoseconds: Int64
        /// Of the busy time of all clients, 0 to 1.
        package var share: Double
        package var phases: [PhaseStatistics]
        /// Those that took longest in all first.
        package var functions: [Function]
    }

    package struct Policy: Codable, Sendable, Equatable {
        package var timeNanoseconds: Int64
        package var what: String
        package var load: UInt32
        package var name: String
        package var detail: String
    }

    /// From the first event to the last.
    package var spanNanoseconds: Int64
    package var calls: UInt64
    package var operations: UInt64
    package var lost: UInt64
    package var busyNanoseconds: Int64
    package var clients: [Client]
    package var policies: [Policy]
    /// Why the ends of files could not be read.
    package var incomplete: [String]

    package init(_ reader: TraceReader) throws(TraceError) {
        var builders: [ClientID: StatisticsBuilder] = [:]
        var order: [ClientID] = []
        var first = Nanoseconds.max
        var last = Nanoseconds.min
        incomplete = []
        policies = []
        for file in reader.files {
            var stream = try reader.stream(file)
            var step = stream.next()
            while step != .end {
                first = min(first, stream.time)
                last = max(last, stream.time)
                if case .policy(let event)? = stream.event, case .other = step {
                    policies.append(
                        Policy(
                            timeNanoseconds: event.time, what: "\(event.what)", load: event.load,
                            name: event.name, detail: event.detail))
                } else {
                    let client = stream.client
                    if builders[client] == nil { order.append(client) }
                    builders[client, default: StatisticsBuilder(client)].take(step, stream)
                }
                step = stream.next()
            }
            if let damage = stream.damage { incomplete.append(damage.description) }
        }
        for index in policies.indices { policies[index].timeNanoseconds &-= first }
        spanNanoseconds = last >= first ? last &- first : 0
        let busy = builders.values.reduce(0) { $0 &+ $1.busyNanoseconds }
        busyNanoseconds = busy
        clients = order.compactMap { builders[$0]?.finished(reader.names, busy: busy) }
        calls = clients.reduce(0) { $0 + $1.calls }
        operations = clients.reduce(0) { $0 + $1.operations }
        lost = clients.reduce(0) { $0 &+ $1.lost }
    }
}
