import CWire
import Daemon
import LinuxIO
import RingDoubles
import Testing
import Wire

/// What one program may hold. Another one beside it never notices.
@Suite struct SessionLimitsTests {
    private func limits(_ settings: String...) throws -> DaemonLimits {
        var limits = DaemonLimits()
        for text in settings { limits.apply(try LimitSetting(text)) }
        return limits
    }

    /// Everything that can be done without time going on.
    private func finishAll(_ bench: CoreBench) {
        var sent = -1
        while bench.device.sent.count != sent {
            sent = bench.device.sent.count
            bench.device.finishAll(at: bench.now)
            bench.settle()
        }
    }

    private func use(_ bench: CoreBench, _ program: ProgramDouble, _ name: String) -> UInt64? {
        let client = bench.core.clientStatuses().first { $0.id == program.session.id }
        return client?.limits.first { $0.name == name }?.used
    }

    @Test func `device memory past the limit is a named error, and comes back`() throws {
        let bench = CoreBench(limits: try limits("memory=3M"))
        let one = try bench.attachWithMemory(2 << 20)
        let two = try bench.attachWithMemory(2 << 20)
        let refused = one.program.malloc((1 << 20) + 1)
        bench.settle()
        let answer = try #require(one.program.answer(to: refused))
        #expect(answer.status == 207_001)
        #expect(answer.text.contains("its limit (memory) is 3145728"))
        #expect(use(bench, one.program, "memory") == 2 << 20)
        let other = two.program.malloc(1 << 20)
        one.program.tell(Int(FX_VERB_FREE), [one.address])
        bench.settle()
        let again = one.program.malloc(3 << 20)
        bench.settle()
        #expect(two.program.answer(to: other)?.status == 0)
        #expect(one.program.answer(to: again)?.status == 0)
        #expect(use(bench, one.program, "memory") == 3 << 20)
        #expect(bench.violations == [])
    }

    @Test func `memory that a device has not answered yet counts`() throws {
        let bench = CoreBench(limits: try limits("memory=3M"))
        let one = try bench.attachWithMemory(1 << 20)
        try one.program.addRing()
        bench.device.answersAtOnce = false
        let first = one.program.malloc(2 << 20)
        bench.settle()
        let second = one.program.ask(Int(FX_VERB_MALLOC), [0, 1 << 20, 0], ring: 1)
        bench.settle()
        #expect(one.program.answer(to: first) == nil)
        #expect(one.program.answer(to: second, ring: 1)?.status == 207_001)
        bench.device.answerAll()
        bench.settle()
        #expect(one.program.answer(to: first)?.status == 0)
        #expect(use(bench, one.program, "memory") == 3 << 20)
    }

    @Test func `plans past their bytes are a named error to that program alone`() throws {
        let bench = CoreBench(limits: try limits("plan_memory=10K"))
        let one = try bench.attachWithMemory()
        let two = try bench.attachWithMemory()
        var statuses: [Int32] = []
        for slot in 0..<12 {
            let asked = one.program.plan(
                UInt64(slot), elements: slot + 1, values: [one.address, 0])
            bench.settle()
            statuses.append(try #require(one.program.answer(to: asked)).status)
        }
        let taken = statuses.count { $0 == 0 }
        #expect(taken > 1 && taken < 12)
        #expect(statuses.drop { $0 == 0 }.allSatisfy { $0 == 207_018 })
        let held = try #require(use(bench, one.program, "plan_memory"))
        #expect(held > 1024 && held <= 10_240)
        #expect(bench.core.holdings.plans == taken)
        // A slot that is filled again costs what is new in it.
        let again = one.program.plan(0, elements: 99, values: [one.address, 0])
        let other = two.program.plan(0, elements: 1, values: [two.address, 0])
        bench.settle()
        #expect(one.program.answer(to: again)?.status == 0)
        #expect(two.program.answer(to: other)?.status == 0)
        bench.core.take(ProgramEnded(client: one.program.session.id))
        bench.core.take(ProgramEnded(client: two.program.session.id))
        bench.settle()
        #expect(bench.core.holdings.plans == 0)
    }

    @Test func `contexts and streams past their limits are named errors`() throws {
        let bench = CoreBench(limits: try limits("contexts=1", "streams=1001"))
        let (program, _) = try bench.attachWithStream()
        let context = program.ask(
            Int(FX_VERB_CONTEXT_CREATE),
            [
                ProgramDouble.handle(kind: 1, index: 1), 0,
                ProgramDouble.handle(kind: 2, index: 7),
            ])
        bench.settle()
        let answer = try #require(program.answer(to: context))
        #expect(answer.status == 207_018 && answer.text.contains("contexts; the limit is 1"))
        let stream = program.ask(
            Int(FX_VERB_STREAM_CREATE),
            [ProgramDouble.handle(kind: 2, index: 1001), ProgramDouble.context, 0, 0])
        bench.settle()
        #expect(program.answer(to: stream)?.status == 207_018)
    }

    @Test func `pinned memory past the limit is refused`() throws {
        let bench = CoreBench(limits: try limits("host_memory=8192"))
        let (program, _) = try bench.attachWithStream()
        let id = program.session.id
        let memory = try SharedMemory(name: "pinned", count: 4096)
        #expect(bench.core.take(PinMemory(client: id, memory: memory)) != nil)
        let more = try SharedMemory(name: "pinned", count: 8192)
        #expect(bench.core.take(PinMemory(client: id, memory: more)) == nil)
        #expect(use(bench, program, "host_memory") == 4096)
    }

    @Test func `a rate holds a program back in its ring, and nobody else`() throws {
        let bench = CoreBench(limits: try limits("operations_per_second=1000"))
        let slow = try bench.attachWithMemory()
        let free = try bench.attachWithMemory()
        let lifted = try LimitSetting("operations_per_second=none")
        _ = bench.core.take(SetLimit(client: free.program.session.id, setting: lifted))
        // One pass takes up to 256 of each.
        for _ in 0..<400 {
            slow.program.fill(slow.address, bytes: 64, stream: slow.stream)
            free.program.fill(free.address, bytes: 64, stream: free.stream)
        }
        let synchronised = slow.program.synchronize(slow.stream)
        finishAll(bench)
        #expect(free.program.session.queuedOperations == 0)
        #expect(slow.program.answer(to: synchronised) == nil)
        let next = try #require(bench.core.nextDeadline)
        #expect(next > bench.now && next < bench.now + 300_000_000)
        // 256 were taken at once, of which 100 were saved up and 156 are owed.
        bench.advance(by: 100_000_000)
        finishAll(bench)
        #expect(slow.program.answer(to: synchronised) == nil)
        bench.advance(by: 200_000_000)
        finishAll(bench)
        #expect(slow.program.answer(to: synchronised)?.status == 0)
        #expect(bench.violations == [])
    }

    @Test func `a limit is changed while the program runs`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory(1 << 20)
        let id = one.program.session.id
        func set(_ text: String, _ client: ClientID) throws -> Result<String, CommandError> {
            bench.core.take(SetLimit(client: client, setting: try LimitSetting(text)))
        }
        #expect(try set("memory=1M", id).get().contains("memory is 1048576"))
        let refused = one.program.malloc(1)
        bench.settle()
        #expect(one.program.answer(to: refused)?.status == 207_001)
        _ = try set("memory=none", id).get()
        let taken = one.program.malloc(1)
        bench.settle()
        #expect(one.program.answer(to: taken)?.status == 0)
        #expect(throws: CommandError.self) { try set("memory=1M", ClientID(rawValue: 99)).get() }
        #expect(throws: CommandError.self) { try set("programs=1", id).get() }
    }
}
