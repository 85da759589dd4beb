import Foundation
import Testing
import Trace
import Wire

/// babeltrace2 is the judge of whether a trace is CTF.
@Suite("babeltrace2")
struct BabeltraceTests {
    private func babeltrace(_ memory: MemoryTrace) throws -> (lines: [String], errors: String) {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "flexnpu-trace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for file in memory.files {
            try Data(file.bytes).write(to: folder.appending(path: file.name))
        }
        let output = folder.appending(path: ".out")
        let errors = folder.appending(path: ".err")
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["babeltrace2", "--clock-gmt", folder.path]
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let text = try String(contentsOf: output, encoding: .utf8)
        return (
            text.split(separator: "\n").map(String.init),
            try String(contentsOf: errors, encoding: .utf8)
        )
    }

    @Test("It reads every event, without a complaint")
    func everyEvent() throws {
        let program = trainingProgram(steps: 300, layers: 4)
        var events = program.events
        events.append(
            .policy(
                PolicyEvent(
                    time: 5_000_000, what: .swapped, load: 2, name: "fair", detail: "fair.lua")))
        let (lines, errors) = try babeltrace(try written(events))
        #expect(errors.isEmpty)
        let ours = lines.filter { line in
            !["thread: ", "stream: ", "addresses: "].contains { line.contains(") \($0)") }
        }
        #expect(ours.count == events.count)
        let calls = lines.filter { $0.contains(" aclnnGelu: ") }
        #expect(calls.count == 1200)
        #expect(
            lines.contains {
                $0.hasSuffix(
                    "aclrtMalloc: { client = 1, segment = 0 }, { thread = 0, sequence = 3, "
                        + "stream = 0, duration = 700, result = 0 }, "
                        + "{ devPtr = 0x1240000000, size = 1073741824, policy = 0 }")
            })
        #expect(lines.contains { $0.contains("policy: ") && $0.contains("swapped") })
    }

    @Test("Calls of every shape: strings, arrays, flags, failures, unknown functions, large values")
    func shapes() throws {
        var program = SyntheticProgram()
        program.call("aclInit", [5], bytes: Array("a.cfg".utf8))
        program.call("aclInit", [0], result: 100_002)
        program.call(
            "aclCreateTensor", [16, 2, .max, 1 << 60],
            bytes: Encoded.words([1 << 40, -1]), thread: 5, duration: 1 << 40)
        program.call("nobody knows", [1, 2, 3], bytes: [1, 2, 3])
        program.call("aclrtCreateEvent")
        program.call("aclrtSynchronizeStream", [7], stream: .max, duration: 70_000, result: -1)
        program.time += 10_000_000_000
        let one = Encoded.tensor([4])
        program.kernel("aclnnAdd", one + one + one + one, [0, .max, 1 << 47, 3])
        program.events.append(
            .lost(LostEvent(time: program.time, client: program.client, thread: 5, count: 3)))
        let (lines, errors) = try babeltrace(try written(program.events))
        #expect(!errors.contains("ERROR"), "\(errors)")
        #expect(lines.contains { $0.contains("{ configPath = \"a.cfg\" }") })
        #expect(lines.contains { $0.contains("[0] = 1099511627776, [1] = -1 ]") })
        #expect(lines.contains { $0.contains("result = 100002") })
        #expect(lines.contains { $0.contains("function-999: ") })
        #expect(lines.contains { $0.contains("aclrtCreateEvent: ") && $0.hasSuffix("{ }") })
        #expect(lines.contains { $0.contains("lost: ") && $0.contains("count = 3") })
    }

    @Test func `records of rings: names, arguments, strings, and decisions`() throws {
        var program = SyntheticProgram()
        program.call("aclInit", [5], bytes: Array("a.cfg".utf8))
        program.call("aclrtSetDevice", [UInt64(bitPattern: -3)], stream: 7)
        program.call("nobody knows", [1, 2, 3], bytes: [1, 2, 3])
        program.call("aclrtMalloc")
        let one = Encoded.tensor([4])
        program.kernel("aclnnAdd", one + one + one + one, [0, .max, 1 << 47, 3])
        program.events.append(
            .decision(
                DecisionEvent(
                    time: program.time, device: DeviceID(rawValue: 0), inFlight: 1,
                    inFlightNanoseconds: 5, ready: 2,
                    answer: .operation(client: program.client, stream: 3, sequence: 4),
                    note: "why", policyLoad: 1, policyLine: 2)))
        for routed in [true, false] {
            let memory = try RingRecords.trace(program.events, routed: routed)
            let (lines, errors) = try babeltrace(memory)
            #expect(errors.isEmpty, "\(errors)")
            #expect(lines.contains { $0.contains(" aclInit: ") && $0.contains("\"a.cfg\"") })
            #expect(lines.contains { $0.hasSuffix("{ deviceId = -3 }") })
            #expect(lines.contains { $0.contains(" function-999: ") && $0.contains("[2] = 0x3") })
            let bare = lines.first { $0.contains("aclrtMalloc") } ?? ""
            #expect(bare.contains("words = 0 }"), "\(bare)")
            // Of an observed call all operands are there, of a routed one the values.
            let kernel = lines.first { $0.contains(") aclnnAdd: ") } ?? "no line"
            let place = routed ? "[2]" : "[4]"
            #expect(kernel.contains("\(place) = 0x123FFFFFFF"), "\(kernel)")
            #expect(lines.contains { $0.contains(" decision: ") && $0.contains("note = \"why\"") })
        }
    }
}
