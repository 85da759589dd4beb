import Foundation
import Testing

/// The layers of libflexnpu.so: a file includes what lies below it or beside it, never above, and no
/// two files include each other, by whatever way round.
@Suite struct CLayeringTests {
    private static let root = "Sources/CInterposer"
    /// Folders from the bottom. Objects and Observe stand side by side.
    private static let layers: [String: Int] = [
        "Transport": 1, "Objects": 2, "Observe": 2, "Route": 3, "Entry": 4, "include": 0,
    ]
    /// Where generated files belong; the entry points, which stand above all, need no row.
    private static let generated: [String: Int] = [
        "codes": 0, "names": 0, "route": 0, "senders": 1, "letters": 2, "queries": 3,
    ]

    @Test func `an include goes down`() throws {
        for (file, included) in try Self.includes() {
            let (from, to) = (Self.layer(of: file), Self.layer(of: included))
            let beside = from == to && Self.folder(of: file) != Self.folder(of: included)
            let isGenerated = (file + included).contains("/Generated/")
            #expect(to <= from, "\(file) includes \(included), which stands above it")
            #expect(!beside || isGenerated, "\(file) includes \(included), which stands beside it")
        }
    }

    @Test func `no file includes itself through others`() throws {
        var edges: [String: Set<String>] = [:]
        for (file, included) in try Self.includes() {
            let (from, to) = (Self.unit(of: file), Self.unit(of: included))
            if from != to { edges[from, default: []].insert(to) }
        }
        var finished: Set<String> = []
        func visit(_ unit: String, _ path: [String]) {
            if let start = path.firstIndex(of: unit) {
                Issue.record("a circle: \(path[start...].joined(separator: " → ")) → \(unit)")
                return
            }
            guard !finished.contains(unit) else { return }
            for next in (edges[unit] ?? []).sorted() { visit(next, path + [unit]) }
            finished.insert(unit)
        }
        for unit in edges.keys.sorted() { visit(unit, []) }
    }

    @Test func `every folder has its layer`() {
        let files = Repository.files(below: Self.root, endings: [".c", ".h"])
        let folders = Set(files.map { Self.folder(of: $0) })
        #expect(folders.subtracting(Self.layers.keys).sorted() == [])
        #expect(files.count > 40, "the sources were not found")
    }

    /// All includes of the module's own files, as paths from the root of the repository.
    private static func includes() throws -> [(file: String, included: String)] {
        let files = Repository.files(below: root, endings: [".c", ".h"], generated: true)
        return try files.flatMap { file in
            try Repository.lines(file).compactMap { line in
                guard line.hasPrefix("#include \"../") || line.hasPrefix("#include \"") else {
                    return nil
                }
                let name = line.split(separator: "\"")[1]
                guard !name.hasPrefix("flexnpu_") else { return nil }
                let folder = URL(filePath: file).deletingLastPathComponent().relativePath
                return (file, resolve(folder, String(name)))
            }
        }
    }

    private static func resolve(_ folder: String, _ name: String) -> String {
        var parts = folder.split(separator: "/").map(String.init)
        for part in name.split(separator: "/") {
            if part == ".." { parts.removeLast() } else { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }

    private static func folder(of file: String) -> String {
        String(file.split(separator: "/")[2])
    }

    /// A header and its source are one.
    private static func unit(of file: String) -> String {
        String(file.dropFirst(root.count + 1).prefix { $0 != "." })
    }

    private static func layer(of file: String) -> Int {
        guard folder(of: file) == "Generated" else { return layers[folder(of: file)] ?? 9 }
        return generated[String(unit(of: file).dropFirst("Generated/".count))] ?? 5
    }
}
