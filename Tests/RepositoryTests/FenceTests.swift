import Testing

/// Raw memory and C stay behind a fence: the compiler wants `unsafe` at every place that uses them,
/// and these tests want such places in few modules.
@Suite struct FenceTests {
    private static let fenced: Set<Substring> = [
        "LinuxIO", "ObjectFile", "SharedRing", "LuaPolicy", "Device", "SoftwareDevice",
    ]
    /// Elsewhere: one load of a word, which is most of the work of reading a trace.
    private static let excepted: Set<String> = ["Sources/Trace/Reading/StreamReader+Records.swift"]

    @Test func `only fenced modules have unsafe code`() throws {
        let files = Repository.files(below: "Sources", endings: [".swift"], generated: true)
        var fencedLines = 0
        for file in files where !Self.isTable(file) {
            let isFenced = Self.fenced.contains(file.split(separator: "/")[1])
            for (index, line) in try Repository.lines(file).enumerated() where Self.isUnsafe(line) {
                fencedLines += isFenced ? 1 : 0
                #expect(
                    isFenced || Self.excepted.contains(file),
                    "\(file):\(index + 1) is unsafe, outside the fence: \(line)")
            }
        }
        #expect(fencedLines > 500, "the rule finds nothing where there is much")
    }

    @Test func `what is called safe says why`() throws {
        for file in Repository.files(below: "Sources", endings: [".swift"]) {
            let lines = try Repository.lines(file)
            for (index, line) in lines.enumerated() where Self.claimsSafety(line) {
                let before = index > 0 ? lines[index - 1].trimmingPrefix(while: \.isWhitespace) : ""
                #expect(
                    before.hasPrefix("// "), "\(file):\(index + 1): @safe, and no reason before it")
            }
        }
    }

    /// The text of the API table, where the words are CANN's.
    private static func isTable(_ file: String) -> Bool {
        file.hasPrefix("Sources/AscendCL/Generated/")
    }

    private static func isUnsafe(_ line: Substring) -> Bool {
        let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
        return code.contains(/\bunsafe\b|\bUnsafe\w*Pointer\b|\bwithUnsafe|\bUnmanaged\b/)
    }

    private static func claimsSafety(_ line: Substring) -> Bool {
        line.contains("@safe") && line.contains(/\b(struct|class|enum|var|let)\b/)
    }
}
