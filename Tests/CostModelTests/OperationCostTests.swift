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

    @Test func `nothing costs less than its overhead`() {
        #expect(OperationCost.predict(.vector, flops: 0, bytes: 0, on: .ascend910B3) == 2_000)
        #expect(OperationCost.predict(.matrix, flops: 0, bytes: 0, on: .ascend910B3) == 5_000)
    }

    @Test func `a copy is bound by what it crosses`() {
        let bytes: UInt64 = 960_000_000
        #expect(
            OperationCost.predictTransfer(bytes: bytes, crossings: 2, on: .ascend910B2)
                == 2_002_000)
        let host = OperationCost.predictHostCopy(bytes: 448_000_000, on: .ascend910B2)
        #expect(host == 10_002_000)
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

    @Test func `what neighbours cost does not count as the operation's own time`() {
        var book = CostBook()
        let index = book.add(.matrix, predictedNanoseconds: 10_000)
        for _ in 0..<100 { book.observe(index, tookNanoseconds: 30_000, slowdown: 2.5) }
        #expect(book.nanoseconds(index) == 12_000)
        // Nothing runs faster than alone.
        for _ in 0..<200 { book.observe(index, tookNanoseconds: 30_000, slowdown: 0.1) }
        #expect(abs(book.nanoseconds(index) - 30_000) < 10)
    }
}
