import AscendCL
import Testing
import Trace
import Wire

/// Compares two programs by their traces.
func diff(_ a: [TraceEvent], _ b: [TraceEvent]) throws -> TraceDiff.Report {
    try TraceDiff.compare(
        TraceReader(source: try written(a), table: testTable),
        TraceReader(source: try written(b), table: testTable))
}

@Suite("Comparing traces")
struct DiffTests {
    @Test("A trace does not differ from itself")
    func same() throws {
        let events = trainingProgram(steps: 20, layers: 3).events
        let report = try diff(events, events)
        #expect(report.differences == 0)
        #expect(report.groups.isEmpty)
        #expect(report.notes.isEmpty)
        #expect(report.callsBefore == 20 * 19 + 3)
    }

    @Test("Other addresses, handles, threads, process and times are no difference")
    func renamed() throws {
        let a = trainingProgram(steps: 50, layers: 3).events
        var b = trainingProgram(steps: 50, layers: 3, base: 0x7f00_1234_0000).events
        for index in b.indices {
            switch b[index] {
            case .call(var call):
                call.thread += 77
                call.time = call.time * 3
                call.durationNanoseconds += 12_345
                b[index] = .call(call)
            case .client(var client):
                client.pid = 1
                b[index] = .client(client)
            default: break
            }
        }
        #expect(try diff(a, b).differences == 0)
    }

    @Test(
        "One call left out of a loop of 20,000 is one difference", arguments: [0, 1, 9_999, 19_998])
    func oneDeletion(index: Int) throws {
        var program = SyntheticProgram()
        program.call("aclrtMalloc", [program.base, 1 << 20, 0])
        for _ in 0..<20_000 {
            program.call("aclrtMemcpyAsync", [program.base, 64, 0x5000, 64, 1, 9], stream: 9)
            program.call("aclrtSynchronizeStream", [9], stream: 9)
        }
        var events = program.events
        events.remove(at: 2 + 2 * index)
        let report = try diff(program.events, events)
        #expect(report.differences == 1)
        #expect(report.groups.map(\.title) == ["removed aclrtMemcpyAsync"])
        #expect(report.groups[0].occurrences == 1)
    }

    @Test("Which pass of a loop was left out is told by what it was about")
    func slide() throws {
        func program(leavingOut missing: Int?) -> [TraceEvent] {
            var program = SyntheticProgram()
            program.call("aclrtMalloc", [program.base, 1 << 20, 0])
            for index in 0..<1000 where index != missing {
                let at = program.base + UInt64(index) * 64
                program.call("aclrtMemcpyAsync", [at, 64, 0x5000, 64, 1, 9], stream: 9)
            }
            return program.events
        }
        let report = try diff(program(leavingOut: nil), program(leavingOut: 700))
        #expect(report.differences == 1)
        #expect(report.groups[0].places.map(\.callBefore) == [702])
        #expect(
            try diff(program(leavingOut: 3), program(leavingOut: nil)).groups[0].title
                == "added aclrtMemcpyAsync")
    }

    @Test("An activation replaced in every step and layer is one difference")
    func replaced() throws {
        let report = try diff(
            trainingProgram(steps: 100, layers: 4).events,
            trainingProgram(steps: 100, layers: 4, activation: "Silu").events)
        #expect(report.differences == 1)
        let group = try #require(report.groups.first)
        #expect(group.title == "aclnnGelu → aclnnSilu, aclnnGeluBackward → aclnnSiluBackward")
        #expect(group.occurrences == 800)
        #expect(group.parts.map(\.occurrences) == [400, 400])
        #expect(report.text.contains("- aclnnGelu(self=f32[32,128], out=f32[32,128])"))
        #expect(report.text.contains("+ aclnnSilu(self=f32[32,128], out=f32[32,128])"))
        #expect(report.text.hasSuffix("differences: 1\n"))
    }

    @Test("Another size everywhere is one difference that names the factor")
    func reshaped() throws {
        let report = try diff(
            trainingProgram(steps: 30, layers: 4).events,
            trainingProgram(steps: 30, layers: 4, width: 256).events)
        #expect(report.differences == 1)
        #expect(report.groups[0].title.hasPrefix("shapes × 2: 128 → 256 in aclnnMatmul"))
        #expect(report.groups[0].occurrences == 30 * 4 * 6)
    }

    @Test("The same change of an argument in several operations is one difference")
    func scalar() throws {
        let report = try diff(
            trainingProgram(steps: 30, layers: 4).events,
            trainingProgram(steps: 30, layers: 4, scalar: 0.5).events)
        #expect(report.differences == 1)
        #expect(report.groups[0].parts[0].changes == ["alpha: 1.0 → 0.5"])
    }

    @Test("An argument that differs anew at every pass is one difference")
    func drifting() throws {
        func program(_ rate: Float) -> [TraceEvent] {
            var program = SyntheticProgram()
            let tensor = Encoded.tensor([4])
            for step in 0..<100 {
                let scale = Encoded.scalar(rate / Float(step + 1))
                program.kernel("aclnnMul", tensor + tensor + scale + tensor, [0, 64, 0])
                program.kernel(
                    "aclnnRelu", tensor + tensor + Encoded.scalar(1) + tensor, [0, 64, 64])
            }
            return program.events
        }
        let report = try diff(program(0.1), program(0.17))
        #expect(report.differences == 1)
        #expect(report.groups[0].occurrences == 100)
        #expect(report.groups[0].title == "aclnnMul: alpha changed")
    }

    @Test("Fewer steps are one difference, written as the loop they are")
    func fewerSteps() throws {
        let report = try diff(
            trainingProgram(steps: 30, layers: 2).events,
            trainingProgram(steps: 27, layers: 2).events)
        #expect(report.differences == 1)
        #expect(report.groups[0].parts[0].before.first == "3 times:")
    }

    @Test("An operation takes its preparation with it")
    func helpers() throws {
        func program(_ skipped: Int?) -> [TraceEvent] {
            var program = SyntheticProgram()
            let tensor = Encoded.tensor([8, 8])
            for index in 0..<200 {
                let shape = Encoded.words([Int64(8 + index % 2)])
                for _ in 0..<3 where index != skipped {
                    program.call("aclCreateTensor", [8, 1, 0, 0x900], bytes: shape)
                }
                if index != skipped {
                    program.call(
                        index % 2 == 0 ? "aclnnAddGetWorkspaceSize" : "aclnnMulGetWorkspaceSize",
                        [1, 2, 3, 4, 0, 5])
                    program.kernel(index % 2 == 0 ? "aclnnAdd" : "aclnnMul", tensor, [0])
                }
            }
            return program.events
        }
        let report = try diff(program(nil), program(77))
        #expect(report.differences == 1)
        #expect(report.groups[0].title == "removed aclnnMul")
    }

    @Test("How often is asked whether something is done is no difference")
    func polls() throws {
        func program(_ polls: Int) -> [TraceEvent] {
            var program = SyntheticProgram()
            for _ in 0..<10 {
                program.call("aclrtRecordEvent", [3, 9], stream: 9)
                for _ in 0..<polls { program.call("aclrtQueryEvent", [3, 0]) }
                program.call("aclrtSetDevice", [0])
            }
            return program.events
        }
        #expect(try diff(program(1), program(50)).differences == 0)
    }
}
