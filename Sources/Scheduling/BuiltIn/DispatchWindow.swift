import Wire

/// How much the built-in policies keep in flight on a device. A launched operation cannot be taken
/// back, so this is what a newcomer may have to wait for; too little, and the device drains between
/// two decisions.
struct DispatchWindow {
    private var microseconds: Int
    private var operationsMax = Self.operationsStandard
    private let microsecondsStandard: Int

    private static let operationsStandard = 64

    init(microseconds: Int = 200) {
        self.microseconds = microseconds
        microsecondsStandard = microseconds
    }

    func isFull(_ load: DeviceLoad) -> Bool {
        guard load.operationsInFlight > 0 else { return false }
        return load.inFlightNanoseconds >= Nanoseconds(microseconds) * 1000
            || load.operationsInFlight >= operationsMax
    }

    var options: [PolicyOption] {
        [
            PolicyOption(
                key: "window_us", value: "\(microseconds)",
                standard: "\(microsecondsStandard)", minimum: 1, maximum: 1_000_000,
                doc: "predicted work in flight per device, in microseconds"),
            PolicyOption(
                key: "window_operations", value: "\(operationsMax)",
                standard: "\(Self.operationsStandard)", minimum: 1, maximum: 4096,
                doc: "operations in flight per device"),
        ]
    }

    mutating func set(_ key: String, to value: String) throws {
        guard let option = options.first(where: { $0.key == key }) else {
            let known = options.map(\.key).joined(separator: ", ")
            throw PolicyOptionError("there is no option \(key); there are \(known)")
        }
        let low = Int(option.minimum ?? 1)
        let high = Int(option.maximum ?? 1)
        guard let number = Int(value), number >= low, number <= high else {
            throw PolicyOptionError(
                "\(key) is \(value), but must be a whole number \(low) … \(high)")
        }
        if key == "window_us" { microseconds = number } else { operationsMax = number }
    }
}
