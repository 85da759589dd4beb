import Testing

/// The house's shape: what lies where, and how long things may get.
@Suite struct ShapeTests {
    @Test func `the top level holds six entries and dot files`() throws {
        let tracked = try Repository.output(of: "/usr/bin/git", ["ls-files"])
        let top = Set(tracked.split(separator: "\n").map { $0.split(separator: "/")[0] })
        let extra = top.filter { !$0.hasPrefix(".") }.subtracting([
            "Package.swift", "README.md", "Sources", "Tests", "policies", "tools",
        ])
        #expect(extra.sorted() == [])
    }

    @Test func `every module has a README`() throws {
        let files = Repository.files(
            below: "Sources", endings: [".swift", ".c", ".h"], generated: true)
        // A system library's folder holds a module map and a line of C.
        let modules = Set(files.map { $0.split(separator: "/")[1] })
            .subtracting(["CElf", "CLua", "CForeignCall", "COpenBLAS"])
        for module in modules.sorted() {
            let readme = (try? Repository.text("Sources/\(module)/README.md")) ?? ""
            #expect(readme.count > 80, "Sources/\(module)/README.md says nothing")
        }
    }

    /// swift-format holds Swift to 100 columns; this is for C, with room for a comment's last word.
    @Test func `files stay under 400 lines and lines under 120 columns`() throws {
        for file in written {
            let lines = try Repository.lines(file)
            #expect(lines.count <= 401, "\(file) has \(lines.count) lines")
            let longest = lines.map(\.count).max() ?? 0
            #expect(longest <= 120, "\(file) has a line of \(longest) columns")
        }
    }

    @Test func `functions stay under 60 lines`() throws {
        for file in written where file.hasSuffix(".swift") {
            for (name, count) in try functions(of: file) {
                #expect(count <= 60, "\(file): \(name) has \(count) lines")
            }
        }
    }

    @Test func `unchecked concurrency comes with a reason`() throws {
        for file in written where file.hasSuffix(".swift") {
            let lines = try Repository.lines(file)
            for (index, line) in lines.enumerated()
            where unchecked.contains(where: line.contains) && !line.contains("\"") {
                let before = index > 0 ? lines[index - 1].trimmingPrefix(while: \.isWhitespace) : ""
                let explained = line.contains("//") || before.hasPrefix("//")
                #expect(explained, "\(file):\(index + 1) gives no reason")
            }
        }
    }

    @Test func `nothing is left to do, and nothing names a machine`() throws {
        let marks = ["TO" + "DO", "FIX" + "ME", " XX" + "X", "/wo" + "rk/", "/opt/" + "swift"]
        for file in written + Repository.files(below: "policies", endings: [".lua"]) {
            let text = try Repository.text(file)
            for mark in marks { #expect(!text.contains(mark), "\(file) contains \(mark)") }
        }
    }

    private let generatedHeaders = [
        "Sources/CWire/include/flexnpu_functions.h", "Sources/CWire/include/flexnpu_verbs.h",
    ]
    private let unchecked = ["@unchecked Sendable", "nonisolated(unsafe)"]

    private var written: [String] {
        (Repository.files(below: "Sources", endings: [".swift", ".c", ".h"])
            + Repository.files(below: "Tests", endings: [".swift", ".c", ".h"])
            + Repository.files(below: "tools", endings: [".swift", ".c", ".h"]))
            // Written by tools/generate, though they lie among headers written by hand.
            .filter { !generatedHeaders.contains($0) }
    }

    /// Function names with their number of lines, by counting braces from a line that holds `func`.
    private func functions(of file: String) throws -> [(String, Int)] {
        let lines = try Repository.lines(file)
        var found: [(String, Int)] = []
        var index = 0
        while index < lines.count {
            let words = lines[index].split(whereSeparator: { " (<".contains($0) })
            guard let at = words.firstIndex(of: "func"), at + 1 < words.count,
                !lines[index].contains("\"")
            else {
                index += 1
                continue
            }
            let count = length(of: lines[index...])
            found.append((String(words[at + 1]), count))
            index += 1
        }
        return found
    }

    private func length(of lines: ArraySlice<Substring>) -> Int {
        var depth = 0
        var opened = false
        for (offset, line) in lines.enumerated() {
            for character in line {
                if character == "{" {
                    depth += 1
                    opened = true
                }
                if character == "}" { depth -= 1 }
            }
            if opened && depth <= 0 { return offset + 1 }
            // A requirement of a protocol has no body.
            if !opened && offset > 12 { return 1 }
        }
        return lines.count
    }
}
