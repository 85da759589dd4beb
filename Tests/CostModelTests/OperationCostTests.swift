import CostModel
import Testing
import Wire

@Suite struct OperationCostTests {
    @Test func `cube figures follow from cores and clock`() {
        let clocks: [(Chip, Double)] = [
            (.ascend910B2, 1.8e9), (.ascend910B3, 1.8e9), (.ascend910B4, 1.5e9),
            (.ascend910CDie, 1.8e9),
        ]
        for (chip, clock) in clocks {
            let computed = Double(chip.cubeCores) * 8192 * clock
            #expect(abs(computed / chip.cubeFlops - 1) < 0.001, "\(chip.name)")
        }
    }

    @Test func `names of chips`() {
        #expect(Chip.named("Ascend910B2") == .ascend910B2)
        #expect(Chip.named("Ascend910_9391") == .ascend910CDie)
        #expect(Chip.named("Ascend310P3") == nil)
    }

    /// The anchors of hardware.md are at 100 % of the peaks; the model is at 70 and 60 % of them.
    @Test func `a 2048-token prefill of a 7B model is what the anchor says`() {
        let chips: [(Chip, Double)] = [
            (.ascend910B2, 77.9), (.ascend910B3, 93.5), (.ascend910B4, 112.2),
        ]
        for (chip, milliseconds) in chips {
            // The anchor holds attention and the last layer too: 13.05 GFLOP a token without them.
            let flops = UInt64(2048 * 13.05e9)
            let predicted = OperationCost.predict(
                .matrix, flops: flops, bytes: 14_140_000_000, on: chip)
            let atPeak = Double(predicted - 5_000) * OperationCost.computeEfficiency / 1e6
            #expect(abs(atPeak / milliseconds - 1) < 0.04, "\(chip.name): \(atPeak) ms")
        }
    }

    @Test func `a decode step is bound by memory`() {
        let predicted = OperationCost.predict(
            function: "aclnnMm", flops: 14_140_000_000, bytes: 14_140_000_000, on: .ascend910B2)
        let atPeak = Double(predicted - 5_000) * OperationCost.memoryEfficiency / 1e6
        #expect(abs(atPeak - 8.84) < 0.01)
    }

    @Test func `nothing costs less than its overhead`() {
        #expect(OperationCost.predict(.vector, flops: 0, bytes: 0, on: .ascend910B3) == 2_000)
        #expect(OperationCost.predict(.matrix, flops: 0, bytes: 0, on: .ascend910B3) == 5_000)
    }

    @Test func `half the cores take one and a half times as long`() {
        #expect(OperationCost.scaled(100_000, cores: 24, of: 24) == 100_000)
        #expect(OperationCost.scaled(100_000, cores: 12, of: 24) == 150_000)
        #expect(OperationCost.scaled(100_000, cores: 6, of: 24) == 225_000)
        let times = (1...24).map { OperationCost.scaled(100_000, cores: $0, of: 24) }
        #expect(times == times.sorted(by: >))
    }
}

@Suite struct CostBookTests {
    @Test func `an observed signature predicts what was observed`() {
        var book = CostBook()
        let index = book.add(.vector, predictedNanoseconds: 2_000)
        #expect(book.nanoseconds(index) == 2_000)
        book.observe(index, tookNanoseconds: 50_000)
        #expect(book.nanoseconds(index) == 50_000)
        for _ in 0..<100 { book.observe(index, tookNanoseconds: 80_000) }
        #expect(abs(book.nanoseconds(index) - 80_000) < 100)
        #expect(book.samples(index) == 101)
    }

    @Test func `one outlier moves a prediction little`() {
        var book = CostBook()
        let index = book.add(.vector, predictedNanoseconds: 2_000)
        for _ in 0..<10 { book.observe(index, tookNanoseconds: 10_000) }
        book.observe(index, tookNanoseconds: 50_000_000)
        #expect(book.nanoseconds(index) < 20_000)
    }

    @Test func `unseen signatures are scaled by how far the model is off for their kind`() {
        var book = CostBook()
        let seen = book.add(.matrix, predictedNanoseconds: 10_000)
        let unseen = book.add(.matrix, predictedNanoseconds: 30_000)
        let other = book.add(.vector, predictedNanoseconds: 4_000)
        book.observe(seen, tookNanoseconds: 1_000_000)
        #expect(book.nanoseconds(unseen) == 3_000_000)
        #expect(book.nanoseconds(other) == 4_000)
    }

    @Test func `an index is used again, without its past`() {
        var book = CostBook()
        let first = book.add(.vector, predictedNanoseconds: 2_000)
        book.observe(first, tookNanoseconds: 2_000)
        book.remove(first)
        #expect(book.add(.matrix, predictedNanoseconds: 7_000) == first)
        #expect(book.nanoseconds(first) == 7_000)
    }
}
