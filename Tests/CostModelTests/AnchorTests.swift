import CostModel
import Testing
import Wire

/// The chip-level figures of facts/hardware.md against the model; README.md of CostModel lists them
/// with their errors.
@Suite struct AnchorTests {
    /// Peaks in full, as the computed anchors have them, and no fixed cost.
    private func milliseconds(
        _ chip: Chip, flops: Double, bytes: Double, cores: Int? = nil
    ) -> Double {
        var settings = ChipSettings()
        settings.computeEfficiency = 1
        settings.memoryEfficiency = 1
        var timeline = ChipTimeline(chip: chip, settings: settings)
        let stream = timeline.addStream(priority: 0)
        timeline.submit(
            ChipWork(resource: .cube, coresMax: cores, flops: flops, hbmBytes: bytes), to: stream,
            tag: 1, at: 0)
        let life = finishAll(&timeline).lives[1]
        return Double(life?.finishedAt ?? -1) / 1e6
    }

    @Test func `the decode floor of a 7B model is its weights' time`() {
        let found = milliseconds(.ascend910B2, flops: 14.14e9, bytes: 14.14e9)
        #expect(abs(found / 8.84 - 1) < 0.001, "\(found) ms")
    }

    /// 13.05 GFLOP a token in the layers' products, 4 × 3584 × 28 a query-key pair in the attention
    /// (half of the pairs), the head for one token.
    @Test(
        arguments: [
            (Chip.ascend910B2, 77.9), (.ascend910B3, 93.5), (.ascend910B4, 112.2),
        ])
    func `a 2048-token prefill of a 7B model`(chip: Chip, anchor: Double) {
        let tokens = 2048.0
        let products = tokens * 13.05e9
        let attention = 4 * 3584 * 28 * tokens * tokens / 2
        let flops = products + attention + 2 * 545e6
        let found = milliseconds(chip, flops: flops, bytes: 14.14e9)
        #expect(abs(found / anchor - 1) < 0.01, "\(chip.name): \(found) ms")
    }

    /// Measured: 100 µs on 24 cores, 150 µs on 12, two of them beside each other in 150 µs. The
    /// source does not say what the operation is, so any reading is one of several.
    @Test func `an operation on half of the cores`() {
        let rates = ChipRates(chip: .ascend910B2)
        let perMicrosecond = 1_000 * rates.speed(.cube, cores: 24).flopsPerNanosecond
        // A part that more cores do not shorten, or tiles that fill one wave and a half.
        let serial = ChipWork(
            resource: .cube, flops: 50 * perMicrosecond, fixedNanoseconds: 50_000)
        #expect(times(of: serial) == [100, 150, 150])
        // Bound by memory on all cores, by computing on half. It explains the first two figures, and
        // not the third: two move twice the bytes through one memory.
        let roofline = ChipWork(
            resource: .cube, flops: 75 * perMicrosecond,
            hbmBytes: 100_000 * rates.hbmBytesPerNanosecond)
        #expect(times(of: roofline) == [100, 150, 200])
    }

    /// Whole microseconds on 24 cores, on 12, and of two on 12 each.
    private func times(of work: ChipWork) -> [Nanoseconds] {
        [(24, 1), (12, 1), (12, 2)].map { cores, count in
            var timeline = ChipTimeline(chip: .ascend910B2)
            for tag in 0..<count {
                var part = work
                part.coresMax = cores
                let stream = timeline.addStream(priority: 0)
                timeline.submit(part, to: stream, tag: UInt64(tag), at: 0)
            }
            _ = finishAll(&timeline)
            return (timeline.now + 500) / 1_000
        }
    }

    /// Measured, batch 1: 34.6, 37.6 and 47.1 tokens a second, so 21.2 to 28.9 ms a step. The chip's
    /// own part must be shorter; the rest is the host's.
    @Test func `a decode step of a 7B model is shorter than the measured ones`() {
        let rates = ChipRates(chip: .ascend910CDie)
        let layer = ChipWork(.matrix, flops: 2 * 233.06e6, hbmBytes: 2 * 233.06e6)
        let head = ChipWork(.matrix, flops: 2 * 545e6, hbmBytes: 1.09e9)
        let step = 28 * rates.aloneNanoseconds(layer) + rates.aloneNanoseconds(head)
        let milliseconds = Double(step) / 1e6
        #expect(milliseconds > 14.7 && milliseconds < 21.2, "\(milliseconds) ms")
    }
}
