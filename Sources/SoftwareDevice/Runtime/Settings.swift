import Glibc

/// What the environment says about the devices, read once.
struct Settings {
    var deviceCount = 2
    var memoryBytes = 8 << 30

    static let deviceCountMax = 64

    /// FLEXNPU_DEVICE_COUNT and FLEXNPU_DEVICE_MEMORY; a value that cannot be meant leaves the
    /// default.
    init() {
        if let count = Self.number("FLEXNPU_DEVICE_COUNT"),
            (1...Self.deviceCountMax).contains(count)
        {
            deviceCount = count
        }
        if let bytes = Self.number("FLEXNPU_DEVICE_MEMORY"), (1 << 20...1 << 40).contains(bytes) {
            memoryBytes = bytes
        }
    }

    private static func number(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }
}
