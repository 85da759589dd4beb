import Foundation

/// A folder that goes with its test.
final class TestFolder {
    let path = NSTemporaryDirectory() + "flexnpu-\(UUID().uuidString.prefix(8))"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
