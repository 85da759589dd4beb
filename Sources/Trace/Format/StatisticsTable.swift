/// Rows of text in columns: the first column to the left, the others to the right.
struct StatisticsTable {
    private var rows: [[String]] = []

    init(_ titles: [String]) { rows = [titles] }

    mutating func add(_ row: [String]) { rows.append(row) }

    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - text.count)
                line += column == 0 ? text + space : "  " + space + text
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// Numbers as people read them.
enum NumberText {
    /// Three digits and a unit: `1.25 ms`.
    static func duration(_ nanoseconds: Int64) -> String {
        let value = Double(nanoseconds)
        if nanoseconds < 0 { return "-" + duration(max(nanoseconds, -.max) * -1) }
        if nanoseconds < 1000 { return "\(nanoseconds) ns" }
        if nanoseconds < 1_000_000 { return digits(value / 1e3) + " µs" }
        if nanoseconds < 1_000_000_000 { return digits(value / 1e6) + " ms" }
        return digits(value / 1e9) + " s"
    }

    static func bytes(_ count: UInt64) -> String {
        let value = Double(count)
        if count < 1024 { return "\(count) B" }
        if count < 1 << 20 { return digits(value / 1024) + " KiB" }
        if count < 1 << 30 { return digits(value / 1_048_576) + " MiB" }
        return digits(value / 1_073_741_824) + " GiB"
    }

    static func percent(_ share: Double) -> String { fixed(share * 100, 1) + " %" }

    /// Seconds with nine decimals.
    static func seconds(_ nanoseconds: Int64) -> String {
        let sign = nanoseconds < 0 ? "-" : ""
        let value = nanoseconds.magnitude
        let rest = String(value % 1_000_000_000)
        return sign + "\(value / 1_000_000_000)."
            + String(repeating: "0", count: 9 - rest.count) + rest
    }

    private static func digits(_ value: Double) -> String {
        value >= 99.95 ? fixed(value, 0) : value >= 9.995 ? fixed(value, 1) : fixed(value, 2)
    }

    /// With that many decimals; for values below 2⁵³.
    static func fixed(_ value: Double, _ decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((value.magnitude * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(scaled)" }
        let whole = scaled / Int64(scale)
        let rest = String(scaled % Int64(scale))
        return "\(sign)\(whole)." + String(repeating: "0", count: decimals - rest.count) + rest
    }
}

/// Shell patterns: `*` is any text, `?` any character.
enum Glob {
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let text = Array(text)
        let pattern = Array(pattern)
        var (t, p) = (0, 0)
        var star = (pattern: -1, text: 0)
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if star.pattern >= 0 {
                star.text += 1
                t = star.text
                p = star.pattern + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
