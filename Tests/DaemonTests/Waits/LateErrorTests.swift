import CWire
import Daemon
import Device
import RingDoubles
import Testing

/// Errors that a call cannot return itself: the next call does.
@Suite struct LateErrorTests {
    private static let timeout: Int32 = 507_046

    private func answerCopy(_ bench: CoreBench, status: Int32) {
        guard let first = bench.device.openAsks.first else { return #expect(Bool(false)) }
        bench.device.answer(first, status: status, message: status == 0 ? "" : "as the test says")
        bench.settle()
    }

    /// A part of a synchronous copy; the last one asks.
    private func copyPart(
        _ program: ProgramDouble, to address: UInt64, bytes: [UInt8], asks: Bool
    ) -> UInt32 {
        program.tell(
            Int(FX_VERB_COPY), [0, address, 3, 0, UInt64(bytes.count)], bytes: bytes,
            flags: asks ? UInt8(FX_FLAG_ASK) : UInt8(FX_FLAG_QUIET))
    }

    @Test func `an error in the middle of a long copy is the copy's`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        bench.device.answersAtOnce = false
        _ = copyPart(one.program, to: one.address, bytes: [1], asks: false)
        _ = copyPart(one.program, to: one.address + 1, bytes: [2], asks: false)
        let last = copyPart(one.program, to: one.address + 2, bytes: [3], asks: true)
        bench.settle()
        answerCopy(bench, status: 0)
        answerCopy(bench, status: 507_011)
        #expect(one.program.answer(to: last) == nil)
        answerCopy(bench, status: 0)
        #expect(one.program.answer(to: last)?.status == 507_011)
        // It was told once.
        let next = copyPart(one.program, to: one.address, bytes: [1], asks: true)
        bench.settle()
        answerCopy(bench, status: 0)
        #expect(one.program.answer(to: next)?.status == 0)
    }

    @Test func `a part of a copy that is refused fails the copy`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        _ = copyPart(one.program, to: 1, bytes: [1], asks: false)
        let last = copyPart(one.program, to: one.address, bytes: [3], asks: true)
        bench.settle()
        #expect(one.program.answer(to: last)?.status == 107_000)
    }

    @Test func `a part that nobody waits for is not answered`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        bench.device.answersAtOnce = false
        let part = copyPart(one.program, to: one.address, bytes: [1], asks: false)
        bench.settle()
        answerCopy(bench, status: 0)
        #expect(one.program.answer(to: part) == nil)
    }

    @Test func `a refusal behind a wait whose time is up is told by the next wait`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        one.program.fill(1, bytes: 1, stream: one.stream)
        let first = one.program.synchronize(one.stream, milliseconds: 5)
        bench.settle()
        bench.advance(by: 6_000_000)
        #expect(one.program.answer(to: first)?.status == Self.timeout)
        bench.device.finishAll(at: bench.now)
        let second = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: second)?.status == 107_000)
        let third = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: third)?.status == 0)
    }

    @Test func `a failure and a refusal are told by two waits`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        one.program.fill(1, bytes: 1, stream: one.stream)
        let first = one.program.synchronize(one.stream)
        bench.settle()
        bench.device.fail(stream: bench.device.running[0].stream, code: 507_011, at: bench.now)
        bench.settle()
        #expect(one.program.answer(to: first)?.status == 507_011)
        let second = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: second)?.status == 107_000)
    }

    @Test func `a failure behind a wait whose time is up is told by the next wait`() throws {
        let bench = CoreBench()
        let one = try bench.attachWithMemory()
        one.program.fill(one.address, bytes: 1, stream: one.stream)
        let first = one.program.synchronize(one.stream, milliseconds: 5)
        bench.settle()
        bench.advance(by: 6_000_000)
        #expect(one.program.answer(to: first)?.status == Self.timeout)
        bench.device.fail(stream: bench.device.running[0].stream, code: 507_011, at: bench.now)
        bench.settle()
        let second = one.program.synchronize(one.stream)
        bench.settle()
        #expect(one.program.answer(to: second)?.status == 507_011)
    }
}
