import Foundation

/// The checkout that these tests were built from.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().standardized

    /// The files below `folder` with one of these endings, generated ones left out, as paths from the root.
    static func files(below folder: String, endings: [String], generated: Bool = false) -> [String]
    {
        let start = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
        else { return [] }
        return walk.compactMap { ($0 as? URL)?.standardized.path }
            .filter { path in endings.contains { path.hasSuffix($0) } }
            .filter { generated || !$0.contains("/Generated/") }
            .filter { !$0.contains("/.build/") }
            .map { String($0.dropFirst(root.path.count + 1)) }
            .sorted()
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func lines(_ path: String) throws -> [Substring] {
        try text(path).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Runs a program and returns what it printed.
    static func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = root
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    /// The folder that the products were built into: where this test bundle lies.
    static var products: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }
}
