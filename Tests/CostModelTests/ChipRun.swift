import CostModel
import Testing
import Wire

/// A chip in round numbers: 10 cube and 20 vector cores, 1000 flops/ns on the cube cores, 500 on the
/// vector cores, 1000 bytes/ns of memory, of which 5 of 10 cores can draw all, 100 bytes/ns of link.
let roundChip = Chip(
    name: "round", cubeCores: 10, vectorCores: 20, cubeFlops: 1e12, vectorFlops: 5e11,
    memoryBytes: 1 << 30, memoryBandwidth: 1e12, linkBandwidth: 1e11)

/// Everything reached in full; records and waits for nothing.
func roundSettings(_ change: (inout ChipSettings) -> Void = { _ in }) -> ChipSettings {
    var settings = ChipSettings()
    settings.computeEfficiency = 1
    settings.memoryEfficiency = 1
    settings.linkEfficiency = 1
    settings.recordNanoseconds = 0
    settings.waitNanoseconds = 0
    change(&settings)
    return settings
}

func roundTimeline(_ change: (inout ChipSettings) -> Void = { _ in }) -> ChipTimeline {
    ChipTimeline(chip: roundChip, settings: roundSettings(change))
}

/// Cube work in the round chip's units.
func cubeWork(
    flops: Double = 0, bytes: Double = 0, fixed: Double = 0, cores: Int? = nil, whole: Bool = false
) -> ChipWork {
    ChipWork(
        resource: .cube, coresMax: cores, startsWhole: whole, flops: flops, hbmBytes: bytes,
        fixedNanoseconds: fixed)
}

/// What one operation's life was.
struct ChipLife: Equatable {
    var startedAt: Nanoseconds
    var finishedAt: Nanoseconds
    var firstCores: Int
    var coreNanoseconds: Double
    var aloneNanoseconds: Double
}

/// The outcomes of a run, by tag.
struct ChipLog {
    var outcomes: [ChipOutcome] = []
    var lives: [UInt64: ChipLife] = [:]
    var marks: [UInt64: Nanoseconds] = [:]
    private var started: [UInt64: Int] = [:]

    mutating func takeOutcomes(of chip: inout ChipTimeline) {
        while let outcome = chip.nextOutcome() {
            outcomes.append(outcome)
            switch outcome {
            case .started(let tag, _, let cores): started[tag] = cores
            case .finished(let tag, let start, let end, let coreTime, let alone):
                lives[tag] = ChipLife(
                    startedAt: start, finishedAt: end, firstCores: started[tag] ?? -1,
                    coreNanoseconds: coreTime, aloneNanoseconds: alone)
            case .reached(let mark, let time): marks[mark] = time
            }
        }
    }
}

/// Lets the chip run until nothing is under way.
func finishAll(_ chip: inout ChipTimeline) -> ChipLog {
    var log = ChipLog()
    while let next = chip.nextChange { chip.advance(to: next) }
    log.takeOutcomes(of: &chip)
    return log
}
