package import Wire

/// What each client used in each phase between two looks at the daemon.
package struct TopView: Encodable, Equatable {
    package struct Row: Encodable, Equatable {
        package var client: UInt32
        package var pid: Int32
        package var program: String
        package var labels: [String: String]
        package var phase: String
        /// Its share of the time in which devices were busy, as a part of the interval.
        package var busy: Double
        /// Of the time that operations took in the interval, its part.
        package var share: Double
        package var operationsPerSecond: Double
        package var queued: Int
        package var waitedP50Nanoseconds: Nanoseconds
        package var waitedP99Nanoseconds: Nanoseconds
    }

    /// What was known of the daemon at one time.
    package struct Look {
        package var clients: [ClientStatus]
        package var devices: [DeviceStatus]
        package init(clients: [ClientStatus], devices: [DeviceStatus]) {
            self.clients = clients
            self.devices = devices
        }
    }

    package struct Device: Encodable, Equatable {
        package var device: Int32
        /// Of the interval, the part in which something ran on it; what overlaps counts once.
        package var busy: Double
    }

    package var intervalNanoseconds: Nanoseconds
    package var policy: String
    package var devices: [Device]
    package var rows: [Row]

    /// One row a client and phase, those that used most first. A client that has no account yet has
    /// one row.
    package init(
        before: Look, after: Look, intervalNanoseconds: Nanoseconds, policy: String
    ) {
        let interval = Double(max(1, intervalNanoseconds))
        let earlier = Dictionary(
            before.clients.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var rows: [Row] = []
        for client in after.clients {
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
        devices = Self.devices(before.devices, after.devices, interval)
        let total = rows.reduce(0) { $0 + $1.busy }
        let busy = devices.reduce(0) { $0 + $1.busy }
        for index in rows.indices {
            rows[index].share = total > 0 ? rows[index].busy / total : 0
            rows[index].busy = rows[index].share * busy
        }
        self.rows = rows.sorted {
            ($1.busy, $0.client, $0.phase) < ($0.busy, $1.client, $1.phase)
        }
        self.intervalNanoseconds = intervalNanoseconds
        self.policy = policy
    }

    private static func devices(
        _ before: [DeviceStatus], _ after: [DeviceStatus], _ interval: Double
    ) -> [Device] {
        after.map { device in
            let earlier = before.first { $0.device == device.device }?.busyNanoseconds ?? 0
            // An operation is counted at its end, and may have begun before the interval.
            let busy = Double(max(0, device.busyNanoseconds - earlier)) / interval
            return Device(device: device.device.rawValue, busy: min(1, busy))
        }
    }

    package func lines(style: Style = .plain) -> [String] {
        let parts = devices.map { "device \($0.device) \(Units.percent($0.busy))" }
        let sum =
            parts.joined(separator: ", ")
            + " busy over \(Units.duration(intervalNanoseconds)), policy \(policy.printable)"
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
