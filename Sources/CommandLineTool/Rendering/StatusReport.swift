package import Wire

/// The daemon as `flexnpu status` prints it.
package enum StatusReport {
    package static func lines(_ status: DaemonStatus, style: Style = .plain) -> [String] {
        var lines = [
            "\(style.strong("daemon"))     \(status.version), process \(status.pid), up "
                + "\(Units.duration(status.uptimeNanoseconds)), "
                + "\(Units.bytes(status.residentBytes)) resident",
            "\(style.strong("socket"))     \(status.socket.printable)",
            "\(style.strong("library"))    \(status.deviceLibrary.printable) (\(status.socName.printable))",
            "\(style.strong("clients"))    \(status.clients)"
                + (status.isDraining
                    ? style.bad(", draining: no new ones, and the daemon ends with the last") : ""),
            "\(style.strong("policy"))     \(PolicyListing.headline(status.policy))",
            "\(style.strong("recording"))  \(TraceReport.line(status.trace))",
            "\(style.strong("isolation"))  \(status.isolation.printable)",
        ]
        lines.append("")
        return lines + devices(status.devices, style: style)
            + status.devices.compactMap { device in
                device.lateness.map { line(for: device.device, $0) }
            }
    }

    private static func line(for device: DeviceID, _ lateness: DeviceLateness) -> String {
        let share = Units.percent(
            Double(lateness.latestNanoseconds) / Double(max(1, lateness.makespanNanoseconds)))
        return "device \(device.rawValue)'s chip time: 99 % of "
            + "\(Units.count(Double(lateness.completions))) at most "
            + "\(Units.duration(lateness.p99Nanoseconds)) late, the latest "
            + "\(Units.duration(lateness.latestNanoseconds)), \(share) of the run"
            + (lateness.isValid
                ? "" : ": invalid, it shows the machine and not the chip; use a larger scale")
    }

    private static func devices(_ devices: [DeviceStatus], style: Style) -> [String] {
        var table = TextTable([
            .init("DEVICE", .right), .init("BUSY", .right), .init("OPERATIONS", .right),
            .init("IN FLIGHT", .right), .init("READY", .right), .init("MEMORY", .right),
            .init("OF", .right),
        ])
        for device in devices {
            table.append([
                "\(device.device.rawValue)", Units.duration(device.busyNanoseconds),
                Units.count(Double(device.operations)), "\(device.inFlight)", "\(device.ready)",
                Units.bytes(device.memoryUsedBytes), Units.bytes(device.memoryTotalBytes),
            ])
        }
        return table.lines(style: style)
    }
}
