import CostModel
import Testing
import Wire

/// Who gets cores, and when.
@Suite struct ChipCoresTests {
    /// Submits one operation a stream, all at 0, and lets them end.
    private func run(
        _ works: [ChipWork], priorities: [Int] = [],
        _ change: (inout ChipSettings) -> Void = { _ in }
    ) -> [ChipLife?] {
        var chip = roundTimeline(change)
        for (index, work) in works.enumerated() {
            let priority = index < priorities.count ? priorities[index] : 0
            let stream = chip.addStream(priority: priority)
            chip.submit(work, to: stream, tag: UInt64(index), at: 0)
        }
        let log = finishAll(&chip)
        return works.indices.map { log.lives[UInt64($0)] }
    }

    @Test func `two streams limited to half the chip overlap fully`() {
        let lives = run([cubeWork(flops: 1e6, cores: 5), cubeWork(flops: 1e6, cores: 5)])
        #expect(lives.map { $0?.startedAt } == [0, 0])
        #expect(lives.map { $0?.finishedAt } == [2_000, 2_000])
    }

    @Test func `cube and vector cores are apart`() {
        let lives = run([cubeWork(flops: 1e6), ChipWork(resource: .vector, flops: 5e5)])
        #expect(lives.map { $0?.finishedAt } == [1_000, 1_000])
        #expect(lives.map { $0?.firstCores } == [10, 20])
    }

    @Test func `an operation starts on what is free and takes more when it can`() {
        // 7 cores are held until 700; the second starts on 3, has 3/10 × 700 done by then.
        let lives = run([cubeWork(flops: 4.9e5, cores: 7), cubeWork(flops: 1e6)])
        #expect(lives[1]?.startedAt == 0)
        #expect(lives[1]?.firstCores == 3)
        #expect(lives[1]?.finishedAt == 1_490)
        #expect(lives[1]?.coreNanoseconds == 10_000)
        #expect(lives[1]?.aloneNanoseconds == 1_000)
    }

    @Test func `who starts whole waits for all cores, and nobody passes`() {
        let lives = run([
            cubeWork(flops: 4.9e5, cores: 7), cubeWork(flops: 1e6, whole: true),
            cubeWork(flops: 1e4, cores: 1),
        ])
        #expect(lives[1]?.startedAt == 700)
        #expect(lives[1]?.finishedAt == 1_700)
        #expect(lives[2]?.startedAt == 1_700)
        let small = run([
            cubeWork(flops: 4.9e5, cores: 7), cubeWork(flops: 3e5, cores: 3, whole: true),
        ])
        #expect(small[1]?.startedAt == 0)
    }

    @Test func `cores go by priority, then in the order in which heads came`() {
        let one = cubeWork(fixed: 100, whole: true)
        let lives = run([one, one, one, one], priorities: [7, 5, 0, 5])
        // The first took the idle chip; it is not pre-empted.
        #expect(lives.map { $0?.startedAt } == [0, 200, 100, 300])
    }

    @Test func `a stream with a deep queue does not keep others out`() {
        var chip = roundTimeline()
        let deep = chip.addStream(priority: 0)
        let late = chip.addStream(priority: 0)
        for tag in 0..<10 as Range<UInt64> {
            chip.submit(.occupyingChip(nanoseconds: 100), to: deep, tag: tag, at: 0)
        }
        chip.submit(.occupyingChip(nanoseconds: 100), to: late, tag: 99, at: 50)
        #expect(finishAll(&chip).lives[99]?.startedAt == 100)
    }

    @Test func `freed cores go to who runs before who waits behind it`() {
        // 0 holds 8 until 100; 1 runs on 2 and wants 6; 2 wants 4.
        let lives = run([
            cubeWork(fixed: 100, cores: 8), cubeWork(fixed: 500, cores: 6),
            cubeWork(fixed: 50, cores: 4),
        ])
        #expect(lives[1]?.firstCores == 2)
        #expect(lives[1]?.coreNanoseconds == 2_600)
        #expect(lives[2]?.startedAt == 100)
        #expect(lives[2]?.firstCores == 4)
        // A stream of higher priority is not behind it.
        let urgent = run(
            [
                cubeWork(fixed: 100, cores: 8), cubeWork(fixed: 500, cores: 10),
                cubeWork(fixed: 50, cores: 8),
            ], priorities: [5, 5, 0])
        #expect(urgent[2]?.firstCores == 8)
        #expect(urgent[1]?.coreNanoseconds == 3_800)
    }

    @Test func `few tiles take few cores`() {
        let work = ChipWork(resource: .cube, tiles: 2, flops: 1e6)
        let lives = run([work])
        #expect(lives[0]?.firstCores == 2)
        #expect(lives[0]?.finishedAt == 5_000)
        #expect(lives[0]?.aloneNanoseconds == 5_000)
    }
}

@Suite struct MemorySharingTests {
    /// Levels worked out by hand.
    @Test(
        arguments: [
            ([], 10, .infinity), ([4, 6], 10, .infinity), ([10, 10], 10, 5), ([2, 20], 10, 8),
            ([1, 2, 30, 30], 10, 3.5), ([1, 4, 30, 30], 10, 3), ([20], 10, 10),
            ([3.4, 3.3, 50], 10, 3.3500000000000001), ([0.5, 0.5, 3, 3, 3], 10, .infinity),
            ([0.5, 0.5, 3, 3.5, 3.5], 10, 3),
        ] as [(ContiguousArray<Double>, Double, Double)])
    func `nobody gets more than the level`(
        demands: ContiguousArray<Double>, capacity: Double, level: Double
    ) {
        let found = MemorySharing.level(demands, capacity: capacity)
        #expect(found == level || abs(found - level) < 1e-12)
        let given = demands.map { min($0, found) }.reduce(0, +)
        #expect(given <= capacity * (1 + 1e-12))
    }

    @Test func `the smaller of two gets what it wants up to half, the other the rest`() {
        var chip = roundTimeline()
        for (tag, flops) in [(0, 2e6), (1, 0)] as [(UInt64, Double)] {
            let stream = chip.addStream(priority: 0)
            // The first wants 250 bytes/ns on its half, the second all.
            chip.submit(cubeWork(flops: flops, bytes: 1e6, cores: 5), to: stream, tag: tag, at: 0)
        }
        #expect(chip.projectedFinish(of: 0) == 4_000)
        #expect(chip.projectedFinish(of: 1) == 1_334)
    }
}
