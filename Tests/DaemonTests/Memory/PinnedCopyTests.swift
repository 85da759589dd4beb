import CWire
import Daemon
import Device
import LinuxIO
import Testing

/// A device reads pinned memory that it knows when a copy's turn comes; other host memory when the
/// copy is submitted, which must not be before its turn then.
@Suite struct PinnedCopyTests {
    private let bench: CoreBench
    private let one: CoreBench.Equipped
    private let block: UInt64

    /// Memory whose registration has no answer yet.
    init() throws {
        bench = CoreBench()
        one = try bench.attachWithMemory()
        bench.device.answersAtOnce = false
        let memory = try SharedMemory(name: "pinned", count: 4096)
        block = try #require(
            bench.core.take(PinMemory(client: one.program.session.id, memory: memory)))
    }

    private func copyBehindFill() {
        one.program.fill(one.address, bytes: 8, stream: one.stream)
        one.program.tell(
            Int(FX_VERB_COPY),
            [UInt64(FX_SPACE_DEVICE), one.address, UInt64(FX_SPACE_HOST), block << 40, 64],
            stream: one.stream)
        bench.settle()
    }

    private func answerRegistration(status: Int32) throws {
        let asked = try #require(bench.device.openAsks.first)
        guard case .registerHost(_, 4096) = asked.ask else {
            return #expect(Bool(false), "\(asked)")
        }
        bench.device.answer(asked, status: status, message: "as the test says")
        bench.settle()
    }

    @Test func `from memory that the device knows, it goes behind what runs`() throws {
        try answerRegistration(status: 0)
        copyBehindFill()
        #expect(bench.device.kinds == ["fill 8", "copy"])
    }

    @Test func `before the device has answered, it waits until its stream is idle`() throws {
        copyBehindFill()
        #expect(bench.device.kinds == ["fill 8"])
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.device.kinds == ["fill 8", "copy"])
    }

    @Test func `where the device refuses the memory, it waits until its stream is idle`() throws {
        try answerRegistration(status: 207_000)
        copyBehindFill()
        #expect(bench.device.kinds == ["fill 8"])
        bench.device.finishAll(at: bench.now)
        bench.settle()
        #expect(bench.device.kinds == ["fill 8", "copy"])
        #expect(bench.violations == [])
    }
}
