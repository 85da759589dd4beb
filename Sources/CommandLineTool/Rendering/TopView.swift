package import Wire

/// What each client used in each phase between two looks at the daemon.
package struct TopView: Encodable, Equatable {
    package struct Row: Encodable, Equatable {
        package var client: UInt32
        package var pid: Int32
        package var program: String
        package var labels: [String: String]
        package var phase: String
        /// Of the interval, the part in which the device worked for it.
        package var busy: Double
        /// Of all busy time of the interval, its part.
        package var share: Double
        package var operationsPerSecond: Double
        package var queued: Int
        package var waitedP50Nanoseconds: Nanoseconds
        package var waitedP99Nanoseconds: Nanoseconds
    }

    package var intervalNanoseconds: Nanoseconds
    package var policy: String
    package var devices: Int
    package var busy: Double
    package var rows: [Row]

    /// One row a client and phase, those that used most first. A client that has no account yet has
    /// one row.
    package init(
        before: [ClientStatus], after: [ClientStatus], intervalNanoseconds: Nanoseconds,
        policy: String, devices: Int
    ) {
        let interval = Double(max(1, intervalNanoseconds))
        let earlier = Dictionary(
            before.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var rows: [Row] = []
        for client in after {
            let accounts = client.phases.isEmpty ? [PhaseAccount(phase: .other)] : client.phases
            for account in accounts {
                let old = earlier[client.id]?.phases.first { $0.phase == account.phase }
                let busy = max(0, account.busyNanoseconds - (old?.busyNanoseconds ?? 0))
                let operations = account.operations.subtractingClamped(old?.operations ?? 0)
                rows.append(
                    Row(
                        client: client.id.rawValue, pid: client.pid, program: client.name,
                        labels: client.labels, phase: account.phase.name,
                        busy: Double(busy) / interval, share: 0,
                        operationsPerSecond: Double(operations) / interval * 1e9,
                        queued: account.queued,
                        waitedP50Nanoseconds: account.waitedP50Nanoseconds,
                        waitedP99Nanoseconds: account.waitedP99Nanoseconds))
            }
        }
        let total = rows.reduce(0) { $0 + $1.busy }
        for index in rows.indices { rows[index].share = total > 0 ? rows[index].busy / total : 0 }
        self.rows = rows.sorted {
            ($1.busy, $0.client, $0.phase) < ($0.busy, $1.client, $1.phase)
        }
        self.intervalNanoseconds = intervalNanoseconds
        self.policy = policy
        self.devices = devices
        busy = devices > 0 ? total / Double(devices) : total
    }

    package func lines(style: Style = .plain) -> [String] {
        let sum =
            "\(devices) device\(devices == 1 ? "" : "s") \(Units.percent(busy)) busy over "
            + "\(Units.duration(intervalNanoseconds)), policy \(policy)"
        guard !rows.isEmpty else { return [sum, "no program is connected"] }
        var table = TextTable([
            .init("CLIENT", .right), .init("PID", .right), .init("PROGRAM"), .init("PHASE"),
            .init("SHARE", .right), .init("BUSY", .right), .init("OPS/S", .right),
            .init("QUEUED", .right), .init("WAIT P50", .right), .init("WAIT P99", .right),
            .init("LABELS"),
        ])
        for row in rows {
            table.append([
                "\(row.client)", "\(row.pid)", row.program, row.phase, Units.percent(row.share),
                Units.percent(row.busy), Units.count(row.operationsPerSecond.rounded()),
                "\(row.queued)", Units.duration(row.waitedP50Nanoseconds),
                Units.duration(row.waitedP99Nanoseconds),
                row.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                    .joined(separator: " "),
            ])
        }
        return [sum] + table.lines(style: style)
    }
}

extension Phase {
    /// The phase as it is written in labels and tables.
    var name: String { String(describing: self) }
}

extension UInt64 {
    /// 0 where the difference would be negative: a counter that began anew.
    fileprivate func subtractingClamped(_ other: UInt64) -> UInt64 {
        self > other ? self - other : 0
    }
}
