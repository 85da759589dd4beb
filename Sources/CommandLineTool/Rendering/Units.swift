import Foundation

/// Numbers as people read them.
package enum Units {
    /// Three figures and a unit: `812 ns`, `3.52 µs`, `1.20 s`, `2 min 5 s`.
    package static func duration(_ nanoseconds: Int64) -> String {
        let value = Double(nanoseconds)
        switch abs(nanoseconds) {
        case ..<1000: return "\(nanoseconds) ns"
        case ..<1_000_000: return figures(value / 1e3) + " µs"
        case ..<1_000_000_000: return figures(value / 1e6) + " ms"
        case ..<60_000_000_000: return figures(value / 1e9) + " s"
        default:
            let seconds = nanoseconds / 1_000_000_000
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
            return hours > 0 ? "\(hours) h \(minutes) min" : "\(minutes) min \(seconds % 60) s"
        }
    }

    /// `512 B`, `1.50 KiB`, `8.00 GiB`.
    package static func bytes(_ count: UInt64) -> String {
        var value = Double(count)
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : "\(figures(value)) \(units[unit])"
    }

    /// `950`, `12.4k`, `3.10M`.
    package static func count(_ value: Double) -> String {
        switch abs(value) {
        case ..<1000: value == value.rounded() ? String(Int(value)) : figures(value)
        case ..<1_000_000: figures(value / 1e3) + "k"
        case ..<1_000_000_000: figures(value / 1e6) + "M"
        default: figures(value / 1e9) + "G"
        }
    }

    package static func percent(_ share: Double) -> String {
        share.isFinite ? String(format: "%.1f%%", share * 100) : "-"
    }

    private static func figures(_ value: Double) -> String {
        let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2
        return String(format: "%.\(places)f", value)
    }
}

/// A span of time as an argument: `10s`, `500ms`, `2m`, `1.5`(seconds).
package struct TimeSpan: Equatable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package init?(_ text: String) {
        let units: [(suffix: String, nanoseconds: Double)] = [
            ("ms", 1e6), ("us", 1e3), ("µs", 1e3), ("min", 60e9), ("m", 60e9), ("h", 3600e9),
            ("s", 1e9),
        ]
        let unit = units.first { text.hasSuffix($0.suffix) }
        guard let value = Double(text.dropLast(unit?.suffix.count ?? 0)), value.isFinite,
            value >= 0, value * (unit?.nanoseconds ?? 1e9) < 9e18
        else { return nil }
        nanoseconds = Int64(value * (unit?.nanoseconds ?? 1e9))
    }
}
