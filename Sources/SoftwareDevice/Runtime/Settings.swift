package import CostModel
import Glibc

/// What the environment says about the devices, read once.
///
/// A value that cannot be meant leaves the default, and is listed in `ignored`.
package struct Settings: Sendable {
    package var deviceCount = 2
    package var memoryBytes = 8 << 30
    package var isPaced = false
    package var chip = Chip.ascend910B2
    /// What aclrtGetSocName answers.
    package var socName = Chip.ascend910B2.name
    package var chipSettings = ChipSettings()
    /// Stretches chip time, copies and wake-ups; not host cost.
    package var scale = 1.0
    package var hostCost = HostCost()
    package var compute = ComputeSetting.all
    /// Whether operations without arithmetic are offered.
    package var offersTimingOnly = false
    /// What a wake-up costs on the host: the machine makes one itself, so `scale` adds `scale` − 1
    /// of them. 10 µs is inferred, from what waking a thread takes without virtual machines.
    package var wakeUpNanoseconds = 10_000.0
    /// Settings that were not understood, each with what would have been.
    package private(set) var ignored: [String] = []

    package static let deviceCountMax = 64
    private static let memoryRange: ClosedRange<Int> = 1 << 20...1 << 40

    /// The settings of this process.
    package init() {
        self.init { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
    }

    /// The settings where `value` gives each variable of the environment.
    package init(_ value: @escaping (String) -> String?) {
        var reader = SettingReader(value: value)
        reader.read("COUNT", "1…\(Self.deviceCountMax)") { text in
            guard let count = Int(text), (1...Self.deviceCountMax).contains(count) else {
                return false
            }
            deviceCount = count
            return true
        }
        reader.read("CLOCK", "free or paced") { text in
            isPaced = text == "paced"
            return isPaced || text == "free"
        }
        readChip(&reader)
        readSilicon(&reader)
        readCosts(&reader)
        reader.read("TIMING_ONLY", "0 or 1") { text in
            offersTimingOnly = text == "1"
            return text == "0" || text == "1"
        }
        if reader.value("FLEXNPU_DEVICE_TIMING_ONLY") == nil { offersTimingOnly = isPaced }
        ignored = reader.ignored
    }

    private mutating func readChip(_ reader: inout SettingReader) {
        var isChosen = isPaced
        let names = Chip.all.map(\.name)
        reader.read("CHIP", names.joined(separator: ", ")) { text in
            guard let found = Chip.named(text) else { return false }
            chip = found
            // "Ascend910C" is what people say; programs know it by its runtime's names.
            socName = text == Chip.ascend910CDie.name ? "Ascend910_9391" : text
            isChosen = true
            return true
        }
        if isChosen { memoryBytes = Int(clamping: chip.memoryBytes) }
        reader.read("MEMORY", "bytes, \(Self.memoryRange.lowerBound) or more") { text in
            guard let bytes = Int(text), Self.memoryRange.contains(bytes) else { return false }
            memoryBytes = bytes
            return true
        }
    }

    private mutating func readSilicon(_ reader: inout SettingReader) {
        reader.readNumber("SCALE", 0.001...100_000, into: &scale)
        reader.readNumber("SATURATING_SHARE", 0.01...1, into: &chipSettings.saturatingShare)
        reader.readNumber("COMPUTE_EXPONENT", 0.1...2, into: &chipSettings.computeExponent)
        reader.readNumber("COMPUTE_EFFICIENCY", 0.01...1, into: &chipSettings.computeEfficiency)
        reader.readNumber("MEMORY_EFFICIENCY", 0.01...1, into: &chipSettings.memoryEfficiency)
        reader.readNumber("LINK_EFFICIENCY", 0.01...1, into: &chipSettings.linkEfficiency)
        reader.readMicroseconds("RECORD_US", into: &chipSettings.recordNanoseconds)
        reader.readMicroseconds("WAIT_US", into: &chipSettings.waitNanoseconds)
        reader.readMicroseconds("WAKE_UP_US", into: &wakeUpNanoseconds)
    }

    private mutating func readCosts(_ reader: inout SettingReader) {
        reader.read("HOST_COST_US", "phase one,phase two[,records and waits]") { text in
            guard let cost = HostCost(microseconds: text) else { return false }
            hostCost = cost
            return true
        }
        reader.read("COMPUTE", "all, none or a number of flops") { text in
            guard let setting = ComputeSetting(text) else { return false }
            compute = setting
            return true
        }
    }
}

/// Reads variables FLEXNPU_DEVICE_… and notes what was not understood.
private struct SettingReader {
    let value: (String) -> String?
    var ignored: [String] = []

    mutating func read(_ name: String, _ meaning: String, _ take: (String) -> Bool) {
        let variable = "FLEXNPU_DEVICE_\(name)"
        guard let text = value(variable), !text.isEmpty else { return }
        if !take(text) { ignored.append("\(variable)=\(text) (\(meaning))") }
    }

    mutating func readNumber(
        _ name: String, _ range: ClosedRange<Double>, into target: inout Double
    ) {
        read(name, "\(range.lowerBound)…\(range.upperBound)") { text in
            guard let number = Double(text), range.contains(number) else { return false }
            target = number
            return true
        }
    }

    mutating func readMicroseconds(_ name: String, into nanoseconds: inout Double) {
        read(name, "microseconds, 0…1000000") { text in
            guard let number = Double(text), (0...1e6).contains(number) else { return false }
            nanoseconds = number * 1000
            return true
        }
    }
}
