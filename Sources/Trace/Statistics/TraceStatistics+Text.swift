extension TraceStatistics {
    /// A table for people. `limit`: functions shown of each client.
    package func text(limit: Int = 20) -> String {
        var lines = [
            "\(NumberText.duration(spanNanoseconds)), \(calls) calls, \(operations) operations, "
                + "device busy \(NumberText.duration(busyNanoseconds)), lost \(lost)"
        ]
        for note in incomplete { lines.append("incomplete: \(note)") }
        lines.append("")
        lines += clientTable
        for client in clients {
            lines.append("")
            lines.append("\(client.name) (client \(client.id), pid \(client.pid), \(client.mode))")
            lines += phaseTable(client).map { "  " + $0 }
            lines += functionTable(client, limit: limit).map { "  " + $0 }
            let hidden = client.functions.count - limit
            if hidden > 0 { lines.append("  … \(hidden) more functions") }
        }
        if decisions.count > 0 { lines += ["", decisionLine] }
        if !policies.isEmpty {
            lines.append("")
            lines.append("policies")
            for policy in policies {
                let time = NumberText.duration(policy.timeNanoseconds)
                let load = "\(policy.name) (load \(policy.load))"
                lines.append("  \(time): \(policy.what) \(load) \(policy.detail)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var decisionLine: String {
        "\(decisions.count) decisions, \(decisions.holds) holds, "
            + "\(decisions.byFallback) by the fallback; on average "
            + "\(NumberText.fixed(decisions.meanReady, 1)) operations ready, "
            + "\(NumberText.fixed(decisions.meanInstructions, 0)) instructions"
    }

    private var clientTable: [String] {
        var table = StatisticsTable(["client", "calls", "operations", "busy", "share", "lost"])
        for client in clients {
            let labels = client.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            table.add([
                ([client.name] + labels).joined(separator: " "), "\(client.calls)",
                "\(client.operations)", NumberText.duration(client.busyNanoseconds),
                NumberText.percent(client.share), "\(client.lost)",
            ])
        }
        return table.lines
    }

    private func phaseTable(_ client: Client) -> [String] {
        guard !client.phases.isEmpty else { return [] }
        var table = StatisticsTable([
            "phase", "operations", "busy", "p50", "p99", "wait p50", "wait p99",
        ])
        for phase in client.phases {
            table.add([
                phase.phase, "\(phase.operations.count)",
                NumberText.duration(phase.operations.totalNanoseconds),
                NumberText.duration(phase.operations.p50Nanoseconds),
                NumberText.duration(phase.operations.p99Nanoseconds),
                NumberText.duration(phase.waits.p50Nanoseconds),
                NumberText.duration(phase.waits.p99Nanoseconds),
            ])
        }
        return table.lines
    }

    private func functionTable(_ client: Client, limit: Int) -> [String] {
        var table = StatisticsTable([
            "function", "calls", "call p50", "p99", "total", "operations", "run p50", "p99",
            "total",
            "bytes",
        ])
        for function in client.functions.prefix(limit) {
            table.add(
                [function.name] + Self.columns(function.calls) + Self.columns(function.operations)
                    + [function.bytes > 0 ? NumberText.bytes(function.bytes) : ""])
        }
        return table.lines
    }

    private static func columns(_ durations: Durations) -> [String] {
        guard durations.count > 0 else { return ["", "", "", ""] }
        return [
            "\(durations.count)", NumberText.duration(durations.p50Nanoseconds),
            NumberText.duration(durations.p99Nanoseconds),
            NumberText.duration(durations.totalNanoseconds),
        ]
    }
}
