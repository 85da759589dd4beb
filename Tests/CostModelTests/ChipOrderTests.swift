import CostModel
import Testing
import Wire

/// Records, waits, aborts, and streams that come and go.
@Suite struct ChipOrderTests {
    private let work = cubeWork(fixed: 100, cores: 5)

    @Test func `a wait holds its stream until the record is reached`() {
        var chip = roundTimeline()
        let a = chip.addStream(priority: 0)
        let b = chip.addStream(priority: 0)
        chip.submit(work, to: a, tag: 1, at: 0)
        chip.record(7, on: a, at: 0)
        chip.submit(work, to: a, tag: 2, at: 0)
        chip.wait(for: 7, on: b, at: 10)
        chip.submit(work, to: b, tag: 3, at: 10)
        let log = finishAll(&chip)
        #expect(log.marks[7] == 100)
        #expect(log.lives[3]?.startedAt == 100)
        #expect(log.lives[2]?.startedAt == 100)
    }

    @Test func `records and waits cost what they cost`() {
        var chip = roundTimeline {
            $0.recordNanoseconds = 30
            $0.waitNanoseconds = 20
        }
        let a = chip.addStream(priority: 0)
        let b = chip.addStream(priority: 0)
        chip.submit(work, to: a, tag: 1, at: 0)
        chip.record(7, on: a, at: 0)
        chip.submit(work, to: a, tag: 2, at: 0)
        chip.wait(for: 7, on: b, at: 0)
        chip.submit(work, to: b, tag: 3, at: 0)
        let log = finishAll(&chip)
        #expect(log.marks[7] == 130)
        #expect(log.lives[2]?.startedAt == 130)
        #expect(log.lives[3]?.startedAt == 150)
    }

    @Test func `a wait binds to the record before it`() {
        var chip = roundTimeline()
        let a = chip.addStream(priority: 0)
        let b = chip.addStream(priority: 0)
        // Nothing is recorded yet: it passes.
        chip.wait(for: 7, on: b, at: 0)
        chip.submit(work, to: b, tag: 1, at: 0)
        #expect(chip.depth(of: b) == 1)
        chip.submit(work, to: a, tag: 2, at: 0)
        chip.record(7, on: a, at: 0)
        chip.wait(for: 7, on: b, at: 0)
        chip.submit(work, to: b, tag: 3, at: 0)
        chip.submit(work, to: a, tag: 4, at: 0)
        chip.record(7, on: a, at: 0)
        chip.wait(for: 7, on: b, at: 0)
        chip.submit(work, to: b, tag: 5, at: 0)
        chip.advance(to: 1_000)
        // Reached: it passes again.
        chip.wait(for: 7, on: b, at: 1_000)
        chip.submit(work, to: b, tag: 6, at: 1_000)
        let log = finishAll(&chip)
        #expect([1, 3, 5, 6].map { log.lives[$0]?.startedAt } == [0, 100, 200, 1_000])
    }

    @Test func `an abort drops what has not started, and lets go who waited for it`() {
        var chip = roundTimeline()
        let a = chip.addStream(priority: 0)
        let b = chip.addStream(priority: 0)
        for tag in 1...3 as ClosedRange<UInt64> { chip.submit(work, to: a, tag: tag, at: 0) }
        chip.record(7, on: a, at: 0)
        chip.wait(for: 7, on: b, at: 0)
        chip.submit(work, to: b, tag: 4, at: 0)
        #expect(chip.abort(a, at: 50) == [2, 3])
        chip.submit(work, to: a, tag: 5, at: 60)
        let log = finishAll(&chip)
        #expect(log.lives[1]?.finishedAt == 100)
        #expect(log.lives[4]?.startedAt == 50)
        #expect(log.lives[5]?.startedAt == 100)
        #expect(log.lives[2] == nil)
        #expect(log.marks.isEmpty)
        #expect(chip.abort(a, at: 500).isEmpty)
    }

    @Test func `an abort takes back a claim for cores and a wait`() {
        var chip = roundTimeline()
        let streams = (0..<4).map { _ in chip.addStream(priority: 0) }
        chip.submit(cubeWork(fixed: 100), to: streams[0], tag: 0, at: 0)
        chip.record(7, on: streams[0], at: 0)
        chip.submit(cubeWork(fixed: 100, whole: true), to: streams[1], tag: 1, at: 0)
        chip.submit(work, to: streams[2], tag: 2, at: 0)
        chip.wait(for: 7, on: streams[3], at: 0)
        chip.submit(work, to: streams[3], tag: 3, at: 0)
        #expect(chip.abort(streams[1], at: 10) == [1])
        #expect(chip.abort(streams[3], at: 10) == [3])
        chip.submit(work, to: streams[3], tag: 4, at: 20)
        let log = finishAll(&chip)
        #expect(log.lives[2]?.startedAt == 100)
        #expect(log.lives[4]?.startedAt == 100)
        #expect(chip.freeCores(.cube) == 10)
        #expect(chip.freeCores(.link) == 0)
    }

    @Test func `a removed stream ends what runs, and its place is used again`() {
        var chip = roundTimeline()
        let a = chip.addStream(priority: 0)
        chip.submit(work, to: a, tag: 1, at: 0)
        chip.submit(work, to: a, tag: 2, at: 0)
        #expect(chip.removeStream(a) == [2])
        let b = chip.addStream(priority: 0)
        #expect(b != a)
        chip.submit(work, to: b, tag: 3, at: 0)
        let log = finishAll(&chip)
        #expect(log.lives[1]?.finishedAt == 100)
        #expect(log.lives[3]?.finishedAt == 100)
        #expect(log.lives.count == 2)
        let c = chip.addStream(priority: 0)
        chip.submit(work, to: c, tag: 4, at: 200)
        #expect(finishAll(&chip).lives[4]?.startedAt == 200)
    }

    @Test func `a removed stream is not taken for the one after it`() async {
        await #expect(processExitsWith: .failure) {
            var chip = ChipTimeline(chip: .ascend910B2)
            let stream = chip.addStream(priority: 0)
            chip.removeStream(stream)
            _ = chip.addStream(priority: 0)
            chip.submit(ChipWork(resource: .none), to: stream, tag: 0, at: 0)
        }
    }

    @Test func `time does not go backwards`() {
        var chip = roundTimeline()
        let stream = chip.addStream(priority: 0)
        chip.advance(to: 1_000)
        chip.submit(work, to: stream, tag: 1, at: 10)
        chip.advance(to: 20)
        #expect(chip.now == 1_000)
        #expect(finishAll(&chip).lives[1]?.startedAt == 1_000)
    }
}
