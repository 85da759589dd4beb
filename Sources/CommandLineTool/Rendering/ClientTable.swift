package import Wire

/// Clients as `flexnpu list` prints them.
package enum ClientTable {
    package static func lines(_ clients: [ClientStatus], style: Style = .plain) -> [String] {
        guard !clients.isEmpty else { return ["no program is connected"] }
        var table = TextTable([
            .init("CLIENT", .right), .init("PID", .right), .init("PROGRAM"), .init("MODE"),
            .init("WEIGHT", .right), .init("STREAMS", .right), .init("MEMORY", .right),
            .init("CALLS", .right), .init("LOST", .right), .init("BUSY", .right), .init("LABELS"),
        ])
        for client in clients.sorted(by: { $0.id < $1.id }) {
            let busy = client.phases.reduce(0) { $0 + $1.busyNanoseconds }
            table.append([
                "\(client.id.rawValue)", "\(client.pid)", client.name, client.mode,
                Units.count(client.weight), "\(client.streams)", Units.bytes(client.memoryBytes),
                Units.count(Double(client.calls)), Units.count(Double(client.lost)),
                Units.duration(busy), labels(client),
            ])
        }
        return table.lines(style: style)
    }

    /// What each may hold, and how much of it does, a line a limit.
    package static func limitLines(_ clients: [ClientStatus], style: Style = .plain) -> [String] {
        guard !clients.isEmpty else { return ["no program is connected"] }
        var table = TextTable([
            .init("CLIENT", .right), .init("USER", .right), .init("PROGRAM"), .init("LIMIT"),
            .init("USED", .right), .init("OF", .right),
        ])
        for client in clients.sorted(by: { $0.id < $1.id }) {
            for one in client.limits {
                let amount = { (count: UInt64) in
                    one.isBytes ? Units.bytes(count) : "\(count)"
                }
                table.append([
                    "\(client.id.rawValue)", "\(client.user)", client.name, one.name,
                    one.used.map(amount) ?? "-", one.limit.map(amount) ?? "none",
                ])
            }
        }
        return table.lines(style: style)
    }

    package static func labels(_ client: ClientStatus) -> String {
        client.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            .joined(separator: " ")
    }
}
