extension TraceDiff {
    /// A line of a report; who prints it chooses the colours.
    package struct Line: Sendable, Equatable {
        package enum Style: Sendable { case heading, plain, context, removed, added, note }
        package var style: Style
        package var text: String
    }

    /// How much of a report is shown.
    package struct TextLimits: Sendable {
        package var groups = 50
        /// Of one group.
        package var parts = 4
        /// Of one side of a part.
        package var calls = 12
        package var timing = 10
        package init() {}
    }
}

extension TraceDiff.Report {
    /// The report as a structural diff: what is the same is left out.
    package func lines(_ limits: TraceDiff.TextLimits = .init()) -> [TraceDiff.Line] {
        var writer = DiffTextWriter(limits: limits)
        for note in notes { writer.add(.note, "note: \(note)") }
        for (index, group) in groups.prefix(limits.groups).enumerated() {
            writer.add(group, number: index + 1)
        }
        if groups.count > limits.groups {
            writer.add(.note, "… \(groups.count - limits.groups) more groups of differences")
        }
        writer.add(timing)
        writer.add(.heading, "differences: \(differences)")
        return writer.lines
    }

    package var text: String {
        lines().map(\.text).joined(separator: "\n") + "\n"
    }
}

/// Writes the lines of a report.
private struct DiffTextWriter {
    private(set) var lines: [TraceDiff.Line] = []
    private let limits: TraceDiff.TextLimits

    init(limits: TraceDiff.TextLimits) { self.limits = limits }

    mutating func add(_ style: TraceDiff.Line.Style, _ text: String) {
        lines.append(TraceDiff.Line(style: style, text: text))
    }

    mutating func add(_ group: TraceDiff.Group, number: Int) {
        var heading = "\(number). \(group.title)"
        if group.occurrences > 1 {
            heading += "  ×\(group.occurrences)"
            if group.differences == 1 { heading += ", wherever it can occur" }
        }
        add(.heading, heading)
        if let place = group.places.first {
            var text = "   \(place.client), thread \(place.thread), "
            text +=
                place.callBefore == place.callAfter
                ? "call \(place.callBefore)"
                : "call \(place.callBefore) before, \(place.callAfter) after"
            if group.differences > 1, group.places.count > 1 {
                let more = group.places.dropFirst().map { "\($0.callBefore)" }.joined(
                    separator: ", ")
                text += "; then \(more)\(group.occurrences > group.places.count ? ", …" : "")"
            }
            add(.plain, text)
        }
        for part in group.parts.prefix(limits.parts) { add(part, of: group) }
        if group.parts.count > limits.parts {
            add(.note, "     … \(group.parts.count - limits.parts) more variants")
        }
        add(.plain, "")
    }

    private mutating func add(_ part: TraceDiff.Part, of group: TraceDiff.Group) {
        if group.parts.count > 1 { add(.plain, "   ×\(part.occurrences)") }
        if group.kind == .changed, part.before.count == 1, !part.changes.isEmpty {
            let name = part.before[0].prefix { $0 != "(" }
            add(.context, "       \(name)")
            for change in part.changes.prefix(limits.calls) { add(.plain, "         \(change)") }
            if part.changes.count > limits.calls {
                add(.note, "         … \(part.changes.count - limits.calls) more arguments")
            }
            return
        }
        if let before = part.contextBefore { add(.context, "       \(before)") }
        add(part.before, .removed, "     - ")
        add(part.after, .added, "     + ")
        if let after = part.contextAfter { add(.context, "       \(after)") }
    }

    private mutating func add(
        _ calls: [String], _ style: TraceDiff.Line.Style, _ mark: String
    ) {
        for call in calls.prefix(limits.calls) { add(style, mark + call) }
        if calls.count > limits.calls {
            add(.note, mark + "… \(calls.count - limits.calls) more calls")
        }
    }

    mutating func add(_ timing: [TraceDiff.Timing]) {
        let shown = timing.filter { $0.note != nil }.prefix(limits.timing)
        guard !shown.isEmpty else { return }
        add(.heading, "timing (never a difference)")
        var table = StatisticsTable(["", "p50 before", "after", "p99 before", "after", ""])
        for one in shown {
            table.add([
                one.isOperation ? "\(one.function) (device)" : one.function,
                NumberText.duration(one.p50BeforeNanoseconds),
                NumberText.duration(one.p50AfterNanoseconds),
                NumberText.duration(one.p99BeforeNanoseconds),
                NumberText.duration(one.p99AfterNanoseconds), one.note ?? "",
            ])
        }
        for line in table.lines { add(.plain, "   " + line) }
        add(.plain, "")
    }
}
