import AscendCL
import CWire
import Daemon
import Device
import RingDoubles
import Testing
import Wire

/// Settings that AscendCL keeps for a process or a device, and two programs that want different ones.
@Suite struct SettingCallTests {
    private func function(_ name: String) throws -> UInt64 {
        UInt64(try #require(APITable.standard.function(named: name)).id.rawValue)
    }

    private func ask(
        _ name: String, _ arguments: [UInt64], of program: ProgramDouble, _ bench: CoreBench,
        text: [UInt8] = []
    ) throws -> RingProducer.Answer {
        let asked = program.ask(
            Int(FX_VERB_QUERY), [try function(name), 0] + arguments, bytes: text)
        bench.settle()
        return try #require(program.answer(to: asked))
    }

    private func queries(_ device: FakeExecutor) -> Int {
        device.asks { if case .query = $0 { true } else { false } }
    }

    @Test func `options of the system are each program's own, and its launches carry them`() throws
    {
        let bench = CoreBench()
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        #expect(try ask("aclrtSetSysParamOpt", [0, 1], of: one.program, bench).status == 0)
        #expect(try ask("aclrtCtxSetSysParamOpt", [2, 1], of: one.program, bench).status == 0)
        for (program, value) in [(one.program, UInt64(1)), (other.program, 0)] {
            for name in ["aclrtGetSysParamOpt", "aclrtCtxGetSysParamOpt"] {
                #expect(try ask(name, [0], of: program, bench).words[0] == value)
            }
        }
        for program in [one, other] {
            _ = program.program.plan(0, elements: 16, values: [program.address, 0])
            bench.settle()
            program.program.launch(0, [program.address, 0], stream: program.stream)
            bench.settle()
        }
        #expect(bench.device.launches.map(\.options) == [0b101, 0])
        #expect(queries(bench.device) == 0, "the device is not told")
    }

    @Test func `the context's option comes before the process's`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        _ = try ask("aclrtSetSysParamOpt", [0, 1], of: one.program, bench)
        _ = try ask("aclrtCtxSetSysParamOpt", [0, 0], of: one.program, bench)
        #expect(try ask("aclrtCtxGetSysParamOpt", [0], of: one.program, bench).words[0] == 0)
        #expect(try ask("aclrtGetSysParamOpt", [0], of: one.program, bench).words[0] == 1)
    }

    @Test(arguments: [[3, 0], [0, 2], [.max, .max], [0xffff_ffff, 1]] as [[UInt64]])
    func `an option that does not exist is refused`(_ arguments: [UInt64]) throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        let answer = try ask("aclrtSetSysParamOpt", arguments, of: one.program, bench)
        #expect(answer.status == 107_000)
    }

    @Test func `options of the compiler are each program's own`() throws {
        let bench = CoreBench()
        let (one, other) = (try bench.attachWithMemory(), try bench.attachWithMemory())
        let set = try ask(
            "aclSetCompileopt", [10, 6], of: one.program, bench, text: Array("enable".utf8))
        #expect(set.status == 0)
        #expect(try ask("aclGetCompileoptSize", [10], of: one.program, bench).words[0] == 7)
        #expect(try ask("aclGetCompileopt", [10, 7], of: one.program, bench).text == "enable")
        #expect(try ask("aclGetCompileopt", [10, 6], of: one.program, bench).status == 107_000)
        let before = queries(bench.device)
        _ = try ask("aclGetCompileoptSize", [10], of: other.program, bench)
        #expect(queries(bench.device) == before + 1, "of others the device library knows")
    }

    @Test func `another treatment of overflow than the device's own is refused`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        for (mode, status) in [(UInt64(1), Int32(0)), (0, 200_006)] {
            bench.device.answersAtOnce = false
            let asked = one.program.ask(
                Int(FX_VERB_QUERY), [try function("aclrtSetDeviceSatMode"), 0, mode])
            bench.settle()
            bench.device.answer(bench.device.openAsks[0], words: [1])
            bench.settle()
            #expect(one.program.answer(to: asked)?.status == status)
        }
    }

    @Test func `time limits are accepted and not the device's`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        for name in [
            "aclrtSetOpExecuteTimeOut", "aclrtSetOpExecuteTimeOutWithMs", "aclrtSetOpWaitTimeout",
        ] {
            #expect(try ask(name, [7], of: one.program, bench).status == 0)
        }
        let answer = try ask("aclrtSetOpExecuteTimeOutV2", [1_000_000], of: one.program, bench)
        #expect(answer.words[0] == 1_000_000)
        #expect(queries(bench.device) == 0)
    }
}
