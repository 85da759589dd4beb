import CWire
import Daemon
import LinuxIO
import RingDoubles
import SharedRing
import Testing
import Wire

/// Records leave a program's rings in the order in which the program made its calls.
@Suite struct ProgramRingsTests {
    /// A program's rings with the ends that the program writes.
    private struct Bench {
        var rings = ProgramRings()
        var producers: [RingProducer] = []

        mutating func add(thread: UInt32, device: Int32 = 0) throws {
            let memory = try SharedMemory(
                name: "ring", count: Int(FX_RING_DATA_OFFSET) + 65_536)
            rings.add(
                try RingConsumer(memory: memory, thread: thread), thread: thread, device: device)
            producers.append(RingProducer(memory: memory))
        }

        mutating func publish(_ ring: Int, ticks: UInt64) {
            let call = RingProducer.Call(operands: [ticks], ticks: ticks)
            precondition(producers[ring].publish(call), "the test's ring is full")
        }

        /// The operands of all that one pass takes.
        mutating func takePass() throws -> [UInt64] {
            guard try rings.beginPass() else { return [] }
            return try takeRest()
        }

        func takeRest() throws -> [UInt64] {
            var taken: [UInt64] = []
            while let run = rings.nextRun() {
                repeat {
                    guard let record = try run.ring.consumer.next() else { break }
                    taken.append(record.operand(0))
                } while run.hasMore
            }
            return taken
        }
    }

    @Test func `records of all threads and devices come by their time stamps`() throws {
        var bench = Bench()
        try bench.add(thread: 1, device: 0)
        try bench.add(thread: 1, device: 1)
        try bench.add(thread: 2, device: 0)
        for (ring, ticks) in [(0, 10), (0, 40), (1, 20), (1, 60), (2, 30), (2, 50)] {
            bench.publish(ring, ticks: UInt64(ticks))
        }
        #expect(try bench.takePass() == [10, 20, 30, 40, 50, 60])
        #expect(try bench.takePass() == [])
    }

    @Test func `what is published after a pass began is taken by the next one`() throws {
        var bench = Bench()
        try bench.add(thread: 1)
        try bench.add(thread: 2)
        bench.publish(0, ticks: 20)
        #expect(try bench.rings.beginPass())
        bench.publish(1, ticks: 10)
        bench.publish(0, ticks: 30)
        #expect(try bench.takeRest() == [20])
        #expect(try bench.takePass() == [10, 30])
    }

    @Test func `a thread's rings share its marks, another thread's do not`() throws {
        var bench = Bench()
        try bench.add(thread: 1, device: 0)
        try bench.add(thread: 1, device: 1)
        try bench.add(thread: 2, device: 0)
        let all = bench.rings.all
        all[0].thread.markPoint(.decode)
        #expect(all[1].thread.phase == .decode)
        #expect(all[2].thread.phase == nil)
        #expect(all.map(\.device) == [0, 1, 0])
    }

    @Test func `the ring of a thread that has ended goes once it is empty`() throws {
        var bench = Bench()
        try bench.add(thread: 1)
        try bench.add(thread: 2)
        bench.publish(0, ticks: 10)
        bench.producers[0].finish()
        bench.rings.dropFinished()
        #expect(bench.rings.count == 2)
        #expect(try bench.takePass() == [10])
        bench.rings.dropFinished()
        #expect(bench.rings.all.map(\.thread.id) == [2])
    }

    @Test func `what a ring lost is counted on when the ring has gone`() throws {
        var bench = Bench()
        try bench.add(thread: 1)
        try bench.add(thread: 2)
        bench.producers[0].drop()
        bench.producers[0].drop()
        bench.publish(0, ticks: 10)
        bench.producers[1].drop()
        bench.publish(1, ticks: 20)
        #expect(try bench.takePass() == [10, 20])
        #expect(bench.rings.lost == 3)
        bench.producers[0].finish()
        bench.rings.dropFinished()
        #expect(bench.rings.count == 1)
        #expect(bench.rings.lost == 3)
    }

    @Test func `a piece of a record is an error, however many rings there are`() throws {
        for others in 0..<3 {
            var bench = Bench()
            for thread in 0...others { try bench.add(thread: UInt32(thread + 1)) }
            bench.producers[0].pretend(tail: 8)
            #expect(throws: RingError.self) { try bench.takePass() }
        }
    }

    @Test func `a tail beyond the ring is an error`() throws {
        var bench = Bench()
        try bench.add(thread: 1)
        try bench.add(thread: 2)
        bench.producers[1].pretend(tail: 1 << 40)
        #expect(throws: RingError.self) { try bench.rings.beginPass() }
    }

    @Test func `the innermost range that names a phase decides, then the last point`() throws {
        let thread = ProgramThread(id: 1)
        thread.markPoint(.other)
        thread.beginRange(1, .prefill)
        thread.beginRange(2, nil)
        #expect(thread.phase == .prefill)
        thread.beginRange(3, .decode)
        #expect(thread.phase == .decode)
        thread.endRange(1)
        #expect(thread.phase == .decode)
        thread.endRange(3)
        #expect(thread.phase == .other)
        thread.endRange(99)
        thread.markPoint(nil)
        #expect(thread.phase == .other)
    }

    @Test func `ranges that are opened for ever leave the newest`() throws {
        let thread = ProgramThread(id: 1)
        thread.beginRange(0, .prefill)
        for id in 1...1024 as ClosedRange<UInt64> { thread.beginRange(id, nil) }
        #expect(thread.phase == nil)
        thread.beginRange(2000, .decode)
        #expect(thread.phase == .decode)
    }
}
