import AscendCL
import Daemon
import RingDoubles
import Wire

/// A daemon's core with fake devices, an honest program, and one whose bytes are the input's.
final class FuzzWorld {
    let bench = CoreBench(devices: 2)
    let hostile: CoreBench.Equipped
    let event: UInt64
    private let honest: CoreBench.Equipped
    /// What the honest program alone holds.
    private let held: Holdings

    init() throws {
        honest = try bench.attachWithMemory()
        held = bench.core.holdings
        hostile = try bench.attachWithMemory()
        event = hostile.program.makeEvent(index: 0)
        bench.settle()
    }

    /// Words that mean something to the daemon: the program's own things, others', and edges.
    var words: [UInt64] {
        [
            0, 1, 7, .max, 1 << 63, (1 << 63) - 1, 1 << 32, (1 << 46) - 1, 1 << 46, hostile.stream,
            event, ProgramDouble.context, hostile.address, hostile.address + 4096,
            ProgramDouble.handle(kind: 2, index: 0, generation: 2), honest.address,
            ProgramDouble.handle(kind: 2, index: 1), ProgramDouble.handle(kind: 3, index: 1),
            ProgramDouble.handle(kind: 1, index: 1), UInt64(PlanBytes.function.id.rawValue),
        ]
    }

    /// Devices finish what they were given.
    func finishWork() {
        for _ in 0..<4 {
            for device in bench.devices { device.finishAll(at: bench.now) }
            bench.settle()
        }
    }

    /// The hostile program goes, the honest one works. Returns what was broken.
    func close() -> String? {
        bench.core.take(ProgramEnded(client: hostile.program.session.id))
        bench.settle()
        finishWork()
        if bench.core.holdings != held {
            return "it left something behind: \(bench.core.holdings), not \(held)"
        }
        if let first = bench.violations.first { return "a device was told that \(first)" }
        honest.program.fill(honest.address, bytes: 64, stream: honest.stream)
        let asked = honest.program.synchronize(honest.stream)
        bench.settle()
        finishWork()
        return honest.program.answer(to: asked)?.status == 0
            ? nil : "the program beside it is served no longer"
    }
}
