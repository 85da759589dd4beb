import Testing

/// Who may import whom. A module that is not here, or an import that is not here, fails.
private let allowed: [String: Set<String>] = [
    "AscendCL": ["Wire"],
    "Wire": [],
    "Scheduling": ["Wire"],
    "CostModel": ["Wire"],
    "Trace": ["Wire", "AscendCL"],
    "Simulator": ["Wire", "Scheduling", "CostModel"],
    "LinuxIO": ["CLinux", "Glibc", "Synchronization"],
    "ObjectFile": ["CElf", "Glibc"],
    "SharedRing": ["CWire", "LinuxIO", "Synchronization"],
    "LuaPolicy": ["CLuaBridge", "Scheduling", "Wire", "Glibc"],
    "Device": [
        "CForeignCall", "CLinux", "LinuxIO", "AscendCL", "Wire", "Glibc", "Synchronization",
    ],
    "SoftwareDevice": [
        "CDeviceRefusals", "COpenBLAS", "CLinux", "CostModel", "Wire", "Glibc", "Synchronization",
    ],
    "SoftwareDeviceLibrary": ["SoftwareDevice"],
    "TraceFiles": ["Trace", "AscendCL", "LinuxIO"],
    "Daemon": [
        "AscendCL", "CWire", "Wire", "LinuxIO", "SharedRing", "Scheduling", "CostModel",
        "LuaPolicy", "Trace", "TraceFiles", "Device", "Logging", "Synchronization", "Glibc",
        "Foundation",
    ],
    "CommandLineTool": [
        "AscendCL", "Wire", "LinuxIO", "Scheduling", "CostModel", "LuaPolicy", "Trace",
        "TraceFiles", "Device", "Simulator", "Daemon", "ObjectFile", "SharedRing",
        "ArgumentParser", "Logging", "Foundation", "Glibc", "Synchronization",
    ],
]

/// Modules that read no clock, do no I/O and import no C: beyond `allowed`, not even these words.
private let pure = ["Wire", "Scheduling", "CostModel", "Trace", "AscendCL", "Simulator"]

@Suite struct LayeringTests {
    @Test func `every module imports only what its row allows`() throws {
        for (module, allowed) in allowed {
            for file in Repository.files(
                below: "Sources/\(module)", endings: [".swift"], generated: true)
            {
                for name in try imports(of: file) {
                    #expect(allowed.contains(name), "\(file) imports \(name)")
                }
            }
        }
    }

    @Test func `every folder of Swift sources has its row`() {
        let folders = Set(
            Repository.files(below: "Sources", endings: [".swift"], generated: true).map {
                String($0.split(separator: "/")[1])
            })
        #expect(folders.subtracting(allowed.keys).sorted() == [])
    }

    @Test func `pure modules read no clock`() throws {
        let words = [
            "ContinuousClock", "SuspendingClock", "Date()", "clock_gettime", "DispatchTime",
        ]
        for module in pure {
            for file in Repository.files(below: "Sources/\(module)", endings: [".swift"]) {
                let text = try Repository.text(file)
                for word in words { #expect(!text.contains(word), "\(file) uses \(word)") }
            }
        }
    }

    private func imports(of file: String) throws -> [String] {
        let modifiers: Set<Substring> = ["public", "package", "internal", "private", "@_exported"]
        return try Repository.lines(file).compactMap { line in
            var words = line.split(separator: " ")
            while let first = words.first, modifiers.contains(first) { words.removeFirst() }
            guard words.count >= 2, words[0] == "import" else { return nil }
            return String(words[1])
        }
    }
}
