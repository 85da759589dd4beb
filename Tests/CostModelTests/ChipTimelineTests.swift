import CostModel
import Testing
import Wire

@Suite struct ChipTimelineTests {
    @Test func `alone, an operation takes its fixed part and the longer of computing and moving`() {
        let cases: [(ChipWork, Nanoseconds)] = [
            (cubeWork(flops: 1e6), 1_000), (cubeWork(bytes: 1e6), 1_000),
            (cubeWork(flops: 1e6, bytes: 3e6, fixed: 50), 3_050),
            (cubeWork(flops: 1e6, cores: 5), 2_000), (cubeWork(bytes: 1e6, cores: 5), 1_000),
            (cubeWork(bytes: 1e6, cores: 1), 5_000), (cubeWork(fixed: 7.2), 8), (cubeWork(), 0),
            (ChipWork(resource: .vector, flops: 1e6), 2_000),
            (ChipWork(resource: .none, hbmBytes: 5e5), 500),
            (ChipWork(resource: .link, hbmBytes: 1e4, linkBytes: 1e4, fixedNanoseconds: 1), 101),
        ]
        for (work, nanoseconds) in cases {
            var chip = roundTimeline()
            let stream = chip.addStream(priority: 0)
            chip.submit(work, to: stream, tag: 1, at: 10)
            let life = finishAll(&chip).lives[1]
            #expect(life?.startedAt == 10)
            #expect(life?.finishedAt == 10 + nanoseconds, "\(work)")
            #expect(life?.aloneNanoseconds == Double(nanoseconds))
        }
    }

    @Test func `a stream does its work in order, streams side by side`() {
        var chip = roundTimeline()
        let streams = [chip.addStream(priority: 0), chip.addStream(priority: 0)]
        for tag in 0..<4 as Range<UInt64> {
            chip.submit(cubeWork(flops: 1e5, cores: 5), to: streams[Int(tag % 2)], tag: tag, at: 0)
        }
        let log = finishAll(&chip)
        #expect((0..<4).map { log.lives[$0]?.finishedAt } == [200, 200, 400, 400])
        #expect(log.lives.values.allSatisfy { $0.coreNanoseconds == 1_000 })
        #expect(chip.busy.cubeCoreNanoseconds == 4_000)
        #expect(chip.now == 400)
    }

    @Test func `two halves are never faster than one whole chip`() {
        for bytes in [0, 1e5, 5e5, 1e6, 4e6] {
            var whole = roundTimeline()
            let one = whole.addStream(priority: 0)
            for tag in [1, 2] as [UInt64] {
                whole.submit(cubeWork(flops: 1e6, bytes: bytes), to: one, tag: tag, at: 0)
            }
            _ = finishAll(&whole)
            var halves = roundTimeline()
            for tag in [1, 2] as [UInt64] {
                let stream = halves.addStream(priority: 0)
                halves.submit(
                    cubeWork(flops: 1e6, bytes: bytes, cores: 5), to: stream, tag: tag, at: 0)
            }
            _ = finishAll(&halves)
            #expect(halves.now >= whole.now, "\(bytes)")
        }
    }

    @Test func `complements overlap`() {
        // One draws 400 bytes/ns and computes on half of the cores; the other moves the rest.
        var chip = roundTimeline()
        let streams = [chip.addStream(priority: 0), chip.addStream(priority: 0)]
        chip.submit(cubeWork(flops: 5e5, bytes: 4e5, cores: 5), to: streams[0], tag: 1, at: 0)
        chip.submit(cubeWork(bytes: 6e5, cores: 5), to: streams[1], tag: 2, at: 0)
        let log = finishAll(&chip)
        #expect(log.lives[1]?.finishedAt == 1_000)
        #expect(log.lives[2]?.finishedAt == 1_000)
        #expect(log.lives[2]?.aloneNanoseconds == 600)
    }

    @Test func `speeds change when a neighbour ends`() {
        // Two movers share 500 to 500; the shorter ends at 400, then the longer has all.
        var chip = roundTimeline()
        let streams = [chip.addStream(priority: 0), chip.addStream(priority: 0)]
        chip.submit(cubeWork(bytes: 2e5, cores: 5), to: streams[0], tag: 1, at: 0)
        chip.submit(cubeWork(bytes: 1e6, cores: 5), to: streams[1], tag: 2, at: 0)
        #expect(chip.projectedFinish(of: 2) == 2_000)
        #expect(chip.drawnBytesPerNanosecond == 1_000)
        chip.advance(to: 300)
        #expect(chip.busy.hbmBytes == 300_000)
        let log = finishAll(&chip)
        #expect(log.lives[1]?.finishedAt == 400)
        #expect(log.lives[2]?.finishedAt == 1_200)
        #expect(chip.busy.hbmBytes == 1_200_000)
    }

    @Test func `a fixed part draws nothing`() {
        var chip = roundTimeline()
        let streams = [chip.addStream(priority: 0), chip.addStream(priority: 0)]
        chip.submit(cubeWork(bytes: 1e6, fixed: 500, cores: 5), to: streams[0], tag: 1, at: 0)
        chip.submit(cubeWork(bytes: 5e5, cores: 5), to: streams[1], tag: 2, at: 0)
        #expect(chip.projectedFinish(of: 1) == 1_500)
        let log = finishAll(&chip)
        #expect(log.lives[2]?.finishedAt == 500)
        #expect(log.lives[1]?.finishedAt == 1_500)
    }

    @Test func `copies share the link and draw memory`() {
        var chip = roundTimeline()
        let streams = [chip.addStream(priority: 0), chip.addStream(priority: 0)]
        for (index, stream) in streams.enumerated() {
            chip.submit(
                ChipWork(resource: .link, hbmBytes: 1e5, linkBytes: 1e5), to: stream,
                tag: UInt64(index), at: 0)
        }
        #expect(chip.drawnBytesPerNanosecond == 100)
        let log = finishAll(&chip)
        #expect(log.lives[0]?.finishedAt == 2_000)
        #expect(log.lives[1]?.finishedAt == 2_000)
        #expect(chip.busy.linkBytes == 200_000)
        #expect(chip.busy.cubeCoreNanoseconds == 0)
    }

    @Test func `fewer cores compute slower by the exponent`() {
        let speeds: [(Double, Nanoseconds)] = [(1, 4_000), (0.5, 2_000), (0, 1_000)]
        for (exponent, nanoseconds) in speeds {
            let settings = roundSettings { $0.computeExponent = exponent }
            var chip = roundChip
            chip.cubeCores = 8
            let work = cubeWork(flops: 1e6, cores: 2)
            #expect(
                ChipRates(chip: chip, settings: settings).aloneNanoseconds(work) == nanoseconds)
        }
        let half = ChipRates(
            chip: roundChip, settings: roundSettings { $0.computeExponent = 0.585 })
        let ratio = half.speed(.cube, cores: 5).flopsPerNanosecond / 1_000
        #expect(abs(1 / ratio - 1.5) < 0.001)
    }

    @Test func `hostile amounts end some day`() {
        for amount in [Double.infinity, .nan, -1, .greatestFiniteMagnitude] {
            var chip = ChipTimeline(chip: .ascend910B2)
            let stream = chip.addStream(priority: 99)
            for resource in [ChipWork.Resource.cube, .vector, .link, .none] {
                chip.submit(
                    ChipWork(
                        resource: resource, tiles: -5, coresMax: -1, flops: amount,
                        hbmBytes: amount,
                        linkBytes: amount, fixedNanoseconds: amount),
                    to: stream, tag: 1, at: 0)
            }
            let log = finishAll(&chip)
            #expect(log.outcomes.count == 8)
            #expect(chip.now >= 0 && chip.now <= 8 * 86_400_000_000_001)
        }
    }
}
