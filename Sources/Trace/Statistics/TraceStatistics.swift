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

    /// What the policies were asked.
    package struct Decisions: Codable, Sendable, Equatable {
        package var count: UInt64 = 0
        package var holds: UInt64 = 0
        /// Answered by the fallback, because the policy failed.
        package var byFallback: UInt64 = 0
        package var meanReady: Double = 0
        package var meanInstructions: Double = 0

        mutating func add(_ decision: DecisionEvent) {
            count += 1
            if case .hold = decision.answer { holds += 1 }
            if decision.isByFallback { byFallback += 1 }
            meanReady += (Double(decision.ready) - meanReady) / Double(count)
            meanInstructions += (Double(decision.instructions) - meanInstructions) / Double(count)
        }
    }

    /// From the first event to the last.
    package var spanNanoseconds: Int64
    package var calls: UInt64
    package var operations: UInt64
    package var lost: UInt64
    package var busyNanoseconds: Int64
    package var clients: [Client]
    package var policies: [Policy]
    package var decisions: Decisions
    /// Why the ends of files could not be read.
    package var incomplete: [String]

    package init(_ reader: TraceReader) throws(TraceError) {
        var builders: [ClientID: StatisticsBuilder] = [:]
        var order: [ClientID] = []
        var first = Nanoseconds.max
        var last = Nanoseconds.min
        incomplete = []
        policies = []
        decisions = Decisions()
        (spanNanoseconds, busyNanoseconds, calls, operations, lost) = (0, 0, 0, 0, 0)
        clients = []
        for file in reader.files {
            var stream = try reader.stream(file)
            var step = stream.next()
            let client = stream.client
            // Out of the dictionary while the file is read: a look-up an event would be most of it.
            var builder: StatisticsBuilder?
            if step != .end, file != TraceFormat.daemonName {
                if builders[client] == nil { order.append(client) }
                builder = builders.removeValue(forKey: client) ?? StatisticsBuilder(client)
            }
            while step != .end {
                first = min(first, stream.time)
                last = max(last, stream.time)
                if builder != nil {
                    builder?.take(step, stream)
                } else if step == .other, let event = stream.event {
                    take(event)
                }
                step = stream.next()
            }
            if let builder { builders[client] = builder }
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
    /// An event of the daemon's file.
    private mutating func take(_ event: TraceEvent) {
        switch event {
        case .decision(let decision): decisions.add(decision)
        case .policy(let policy):
            policies.append(
                Policy(
                    timeNanoseconds: policy.time, what: "\(policy.what)", load: policy.load,
                    name: policy.name, detail: policy.detail))
        default: break
        }
    }
}
