import CostModel

/// The settings as `flexnpu device` gets to know them: lines of `name value`.
package struct DeviceDescription {
    package let text: String

    /// Whole numbers without a point.
    private static func text(_ number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }

    package init(_ settings: Settings) {
        var lines = [
            "clock \(settings.isPaced ? "paced" : "free")",
            "chip \(settings.chip.name)",
            "cube-cores \(settings.chip.cubeCores)",
            "vector-cores \(settings.chip.vectorCores)",
            "scale \(Self.text(settings.isPaced ? settings.scale : 1))",
            "host-cost-us \(settings.hostCost.text)",
            "compute \(settings.compute.text)",
            "timing-only \(settings.offersTimingOnly ? "offered" : "refused")",
        ]
        if settings.isPaced {
            let silicon = settings.chipSettings
            lines += [
                "saturating-share \(Self.text(silicon.saturatingShare))",
                "compute-exponent \(Self.text(silicon.computeExponent))",
                "compute-efficiency \(Self.text(silicon.computeEfficiency))",
                "memory-efficiency \(Self.text(silicon.memoryEfficiency))",
                "link-efficiency \(Self.text(silicon.linkEfficiency))",
                "record-us \(Self.text(silicon.recordNanoseconds / 1000))",
                "wait-us \(Self.text(silicon.waitNanoseconds / 1000))",
                "wake-up-us \(Self.text(settings.wakeUpNanoseconds / 1000))",
            ]
        }
        lines += settings.ignored.map { "ignored \($0)" }
        lines += timingOnlyOperations.map { "timing-only-operation \($0.name)" }
        text = lines.joined(separator: "\n")
    }
}
