import AscendCL
import Testing
import Trace
import Wire

@Suite("Dump")
struct DumpTests {
    private func program() -> [TraceEvent] {
        var program = SyntheticProgram(base: 0x1000)
        program.call("aclInit", [5], bytes: Array("a\n\"b\"".utf8))
        program.call("aclrtMalloc", [0x1000, 512, 0])
        program.call("aclCreateTensor", [8, 1, 0, 0x1000], bytes: Encoded.words([-3]))
        program.kernel(
            "aclnnAdd",
            Encoded.tensor([4, 8], offset: 2) + Encoded.tensor([8]) + Encoded.scalar(0.5)
                + Encoded.tensor([4, 8], type: 1), [0, 64, 0])
        program.call("aclrtSetDevice", [UInt64.max], duration: 1_250_000, result: 107_001)
        program.events.append(
            .policy(
                PolicyEvent(time: 2_000_000, what: .swapped, load: 2, name: "fair", detail: "v1")))
        return program.events
    }

    private func lines(
        _ filter: TraceDump.Filter = .init(), _ form: TraceDump.Form = .text
    ) throws -> [String] {
        var found: [String] = []
        var dump = TraceDump(
            try TraceReader(source: try written(program()), table: testTable), filter: filter,
            form: form)
        let damages = try dump.run {
            found.append($0)
            return true
        }
        #expect(damages.isEmpty)
        return found
    }

    @Test("One line an event")
    func text() throws {
        #expect(
            try lines() == [
                "0.000000000 train.py attached, pid 4242, route tenant=a",
                #"0.000000900 train.py/100 aclInit(configPath="a\n\"b\"") = 0  700 ns"#,
                "0.000001800 train.py/100 aclrtMalloc(devPtr=@a1, size=512, policy=0) = 0  700 ns",
                "0.000002700 train.py/100 aclCreateTensor(viewDims=[-3], viewDimsNum=1, "
                    + "dataType=0, tensorData=@a1) = 0  700 ns",
                "0.000003600 train.py/100 aclnnAdd(self=f32[4,8]+2 @a1, other=f32[8] @a2, "
                    + "alpha=0.5, out=f16[4,8] @a1) = 0 on 0x100000001  400 ns",
                "0.000004400 train.py ran aclnnAdd #1 of 0x100000001 on device 0: held 100 ns, "
                    + "waited 100 ns, launched 50 ns, ran 500 ns, phase decode, "
                    + "by policy load 1 line 42",
                "0.000004500 train.py/100 aclrtSetDevice(deviceId=-1) = 107001  1.25 ms",
                "0.001000000 policy fair swapped, load 2: v1",
            ])
    }

    @Test("Filters by client, function and time")
    func filters() throws {
        var filter = TraceDump.Filter()
        filter.function = "aclrt*"
        #expect(try lines(filter).count == 2)
        filter.function = "aclnn?dd"
        #expect(try lines(filter).count == 2)
        filter.operations = false
        #expect(try lines(filter).count == 1)
        filter = .init()
        filter.from = 1800
        filter.to = 2700
        #expect(try lines(filter).count == 2)
        filter = .init()
        filter.client = "serve*"
        #expect(try lines(filter).isEmpty)
        filter.client = "1"
        #expect(try lines(filter).count == 7)
    }

    @Test("JSON, an object a line")
    func json() throws {
        let lines = try lines(.init(), .jsonLines)
        #expect(lines.count == 8)
        #expect(
            lines[1]
                == #"{"time":0.000000900,"kind":"call","client":"train.py","thread":100,"#
                + #""sequence":1,"function":"aclInit","#
                + #""arguments":{"configPath":"\"a\\n\\\"b\\\"\""},"#
                + #""result":0,"durationNanoseconds":700}"#)
        #expect(lines[7].contains(#""kind":"policy","change":"swapped","load":2"#))
        #expect(lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    }

    @Test("Writing may stop early")
    func stop() throws {
        var count = 0
        var dump = TraceDump(try TraceReader(source: try written(program()), table: testTable))
        _ = try dump.run { _ in
            count += 1
            return count < 3
        }
        #expect(count == 3)
    }
}
