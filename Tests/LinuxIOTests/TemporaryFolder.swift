import Foundation

/// A folder that goes with its test.
final class TemporaryFolder {
    let path = NSTemporaryDirectory() + "flexnpu-\(UUID().uuidString.prefix(8))"

    init() {
        try? FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
