/// How a software device was set up, from the lines of `name value` that it gives.
package struct DeviceSetup: Encodable, Equatable {
    package struct Setting: Encodable, Equatable {
        package var name: String
        package var value: String
    }

    /// In the device's order.
    package var settings: [Setting]
    /// Variables that were not understood.
    package var ignored: [String]
    package private(set) var timingOnlyOperations: [String]

    private enum CodingKeys: String, CodingKey {
        case settings, ignored
    }

    package init(_ text: String) {
        var (settings, ignored, operations): ([Setting], [String], [String]) = ([], [], [])
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "ignored": ignored.append(String(parts[1]))
            case "timing-only-operation": operations.append(String(parts[1]))
            default: settings.append(Setting(name: String(parts[0]), value: String(parts[1])))
            }
        }
        (self.settings, self.ignored, timingOnlyOperations) = (settings, ignored, operations)
    }

    package var offersTimingOnly: Bool { value("timing-only") == "offered" }

    func value(_ name: String) -> String? { settings.first { $0.name == name }?.value }

    /// What is not said elsewhere, one a line.
    var lines: [String] {
        guard let clock = value("clock") else { return [] }
        var rows = [("clock", clock)]
        if clock == "paced", let scale = value("scale") {
            rows[0].1 += ", chip time x \(scale)"
        }
        if let cost = value("host-cost-us") {
            rows.append(("host cost", "\(cost) µs (phase one, phase two, the rest)"))
        }
        if let compute = value("compute") { rows.append(("computes", compute)) }
        let model = settings.filter { !Self.said.contains($0.name) }
        if !model.isEmpty {
            rows.append(("model", model.map { "\($0.name) \($0.value)" }.joined(separator: ", ")))
        }
        rows += ignored.map { ("ignored", $0) }
        return rows.map { name, value in
            name + String(repeating: " ", count: 12 - name.count) + value
        }
    }

    private static let said: Set<String> = [
        "clock", "chip", "cube-cores", "vector-cores", "scale", "host-cost-us", "compute",
        "timing-only",
    ]
}
