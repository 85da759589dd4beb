import CostModel
import Testing
import Wire

/// Random submissions. The seed is the test's argument: a failure can be run again.
@Suite struct ChipPropertyTests {
    /// A step of a random program.
    private enum Step {
        case submit(ChipWork, stream: Int, tag: UInt64)
        case record(UInt64, stream: Int)
        case wait(UInt64, stream: Int)
        case abort(stream: Int)
    }

    private struct Program {
        var priorities: [Int] = []
        var steps: [(time: Nanoseconds, step: Step)] = []
        var works: [UInt64: (work: ChipWork, stream: Int)] = [:]

        init(seed: UInt64, count: Int) {
            var random = SplitMix(state: seed)
            priorities = (0..<6).map { _ in random.below(3) }
            var time: Nanoseconds = 0
            for index in 0..<count {
                if random.below(3) > 0 { time += Nanoseconds(random.below(20_000)) }
                let stream = random.below(6)
                switch random.below(20) {
                case 0: steps.append((time, .abort(stream: stream)))
                case 1, 2: steps.append((time, .record(UInt64(random.below(5)), stream: stream)))
                case 3, 4: steps.append((time, .wait(UInt64(random.below(5)), stream: stream)))
                default:
                    let work = Self.work(&random)
                    steps.append((time, .submit(work, stream: stream, tag: UInt64(index))))
                    works[UInt64(index)] = (work, stream)
                }
            }
        }

        private static func work(_ random: inout SplitMix) -> ChipWork {
            let resources: [ChipWork.Resource] = [.cube, .cube, .cube, .vector, .link, .none]
            let resource = resources[random.below(6)]
            let bytes = Double(random.below(20_000_000))
            return ChipWork(
                resource: resource, tiles: random.below(5) == 0 ? 1 + random.below(8) : .max,
                coresMax: random.below(2) == 0 ? 1 + random.below(24) : nil,
                startsWhole: random.below(6) == 0,
                flops: random.below(3) == 0 ? 0 : Double(random.below(5_000_000_000)),
                hbmBytes: random.below(5) == 0 ? 0 : bytes,
                linkBytes: resource == .link ? bytes / 8 : 0,
                fixedNanoseconds: Double(random.below(8)) * 700.5)
        }
    }

    private struct SplitMix {
        var state: UInt64
        mutating func below(_ end: Int) -> Int {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            mixed ^= mixed >> 31
            return Int(mixed.multipliedFullWidth(by: UInt64(end)).high)
        }
    }

    /// Plays a program; `looks` is called after every event, and `stride` says how finely time is
    /// walked through besides (nil: from event to event).
    private func play(
        _ program: Program, stride: Nanoseconds? = nil,
        looks: (inout ChipTimeline, inout ChipLog) -> Void = { $1.takeOutcomes(of: &$0) }
    ) -> (chip: ChipTimeline, log: ChipLog, dropped: Set<UInt64>) {
        var chip = ChipTimeline(chip: .ascend910B2)
        let streams = program.priorities.map { chip.addStream(priority: $0) }
        var log = ChipLog()
        var dropped: Set<UInt64> = []
        for (time, step) in program.steps {
            while let next = chip.nextChange, next <= time {
                chip.advance(to: stride.map { min(next, chip.now + $0) } ?? next)
                looks(&chip, &log)
            }
            switch step {
            case .submit(let work, let stream, let tag):
                chip.submit(work, to: streams[stream], tag: tag, at: time)
            case .record(let mark, let stream): chip.record(mark, on: streams[stream], at: time)
            case .wait(let mark, let stream): chip.wait(for: mark, on: streams[stream], at: time)
            case .abort(let stream): dropped.formUnion(chip.abort(streams[stream], at: time))
            }
            looks(&chip, &log)
        }
        while let next = chip.nextChange {
            chip.advance(to: next)
            looks(&chip, &log)
        }
        return (chip, log, dropped)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `the same submissions give the same times, however often somebody looks`(seed: UInt64) {
        let program = Program(seed: seed, count: 200)
        let first = play(program).log.outcomes
        #expect(play(program).log.outcomes == first)
        #expect(play(program, stride: 317).log.outcomes == first)
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `everything that was not dropped ends, never faster than alone`(seed: UInt64) {
        let program = Program(seed: seed, count: 300)
        let run = play(program)
        let rates = ChipRates(chip: .ascend910B2)
        for (tag, (work, _)) in program.works {
            guard let life = run.log.lives[tag] else {
                #expect(run.dropped.contains(tag), "operation \(tag) is lost")
                continue
            }
            #expect(!run.dropped.contains(tag))
            let took = life.finishedAt - life.startedAt
            #expect(life.aloneNanoseconds == Double(rates.aloneNanoseconds(work)))
            #expect(took >= rates.aloneNanoseconds(work), "operation \(tag)")
            let cores = rates.coresAsked(by: work)
            #expect(life.coreNanoseconds <= Double(Nanoseconds(cores) * took))
            #expect(life.coreNanoseconds >= Double(cores > 0 ? took : 0))
        }
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `core time and bytes add up`(seed: UInt64) {
        let program = Program(seed: seed, count: 300)
        let run = play(program)
        var sum = ChipBusy()
        for (tag, life) in run.log.lives {
            guard let work = program.works[tag]?.work else { continue }
            if work.resource == .cube { sum.cubeCoreNanoseconds += life.coreNanoseconds }
            if work.resource == .vector { sum.vectorCoreNanoseconds += life.coreNanoseconds }
            sum.hbmBytes += work.hbmBytes
            sum.linkBytes += work.linkBytes
        }
        #expect(run.chip.busy.cubeCoreNanoseconds == sum.cubeCoreNanoseconds)
        #expect(run.chip.busy.vectorCoreNanoseconds == sum.vectorCoreNanoseconds)
        #expect(abs(run.chip.busy.hbmBytes - sum.hbmBytes) < 1)
        #expect(abs(run.chip.busy.linkBytes - sum.linkBytes) < 1)
        #expect(run.chip.freeCores(.cube) == 24)
        #expect(run.chip.freeCores(.vector) == 48)
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `streams are in order`(seed: UInt64) {
        let program = Program(seed: seed, count: 300)
        let run = play(program)
        var endOfStream: [Int: Nanoseconds] = [:]
        for tag in program.works.keys.sorted() {
            guard let life = run.log.lives[tag], let stream = program.works[tag]?.stream else {
                continue
            }
            #expect(life.startedAt >= endOfStream[stream, default: 0], "operation \(tag)")
            endOfStream[stream] = life.finishedAt
        }
        let times = run.log.outcomes.map { outcome in
            switch outcome {
            case .started(_, let time, _): time
            case .finished(_, _, let time, _, _): time
            case .reached(_, let time): time
            }
        }
        #expect(times == times.sorted())
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `neither cores nor bandwidth are given twice, and no core idles that somebody wants`(
        seed: UInt64
    ) {
        let program = Program(seed: seed, count: 300)
        let bandwidth = ChipRates(chip: .ascend910B2).hbmBytesPerNanosecond
        var bytesBefore = 0.0
        var timeBefore: Nanoseconds = 0
        _ = play(program, stride: 1_009) { chip, log in
            log.takeOutcomes(of: &chip)
            #expect((0...24).contains(chip.freeCores(.cube)))
            #expect((0...48).contains(chip.freeCores(.vector)))
            #expect(chip.drawnBytesPerNanosecond <= bandwidth * (1 + 1e-9))
            let bytes = chip.busy.hbmBytes
            #expect(bytes >= bytesBefore - 1e-3)
            // A stage that ends between two nanoseconds ends at the later one.
            let elapsed = Double(chip.now - timeBefore)
            #expect(bytes - bytesBefore <= bandwidth * (elapsed + 1))
            (bytesBefore, timeBefore) = (bytes, chip.now)
            for resource in [ChipWork.Resource.cube, .vector] where chip.freeCores(resource) > 0 {
                // The first in line may want all of its cores at once; nobody else wants any.
                if let first = chip.firstClaim(on: resource) {
                    #expect(first.startsWhole && first.cores > chip.freeCores(resource))
                }
            }
        }
    }
}
