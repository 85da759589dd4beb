import Foundation
import FuzzTargets

/// The inputs that are kept, one folder a target.
enum Corpora {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Corpora")

    static func folder(of target: FuzzTarget) -> URL { folder.appending(path: target.rawValue) }

    /// In the order of their names.
    static func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        try FileManager.default.contentsOfDirectory(atPath: folder(of: target).path).sorted().map {
            ($0, Array(try Data(contentsOf: folder(of: target).appending(path: $0))))
        }
    }
}
