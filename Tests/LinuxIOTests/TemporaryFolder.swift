import Foundation
import Glibc

/// A folder that goes with its test.
final class TemporaryFolder {
    let path: String
    init() {
        var template = Array("/tmp/flexnpu-test-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    deinit {
        guard path.hasPrefix("/tmp/flexnpu-test-") else { return }
        try? FileManager.default.removeItem(atPath: path)
    }
}
