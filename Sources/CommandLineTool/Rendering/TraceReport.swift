package import Wire

/// A recording in one line.
package enum TraceReport {
    package static func line(_ status: TraceStatus) -> String {
        guard let directory = status.directory else { return "off" }
        var text = "\(Units.count(Double(status.events))) events, \(Units.bytes(status.bytes)), "
        text += "\(Units.count(Double(status.lost))) lost, in \(directory)"
        if let failure = status.failure { text += "; stopped: \(failure)" }
        return text.printable
    }
}
