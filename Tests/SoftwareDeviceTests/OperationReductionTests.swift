import SoftwareDevice
import Testing

@Suite struct OperationReductionTests {
    let shape = [3, 4, 5]
    let values = numbers(60)

    /// Sums of `values` over the dimensions in `reduced`, by definition.
    func expected(_ reduced: Set<Int>) -> [Double] {
        var sums: [[Int]: Double] = [:]
        for index in 0..<60 {
            let place = [index / 20, index / 5 % 4, index % 5]
            sums[(0..<3).filter { !reduced.contains($0) }.map { place[$0] }, default: 0] +=
                values[index]
        }
        return sums.keys.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { sums[$0] }
    }

    func sum(_ tensor: Argument, _ dimensions: Argument, into out: HostTensor) -> Bool {
        let type = Argument.integer(Int64(out.type.rawValue))
        return perform(
            "aclnnReduceSum", [tensor, dimensions, .integer(0), type, out.argument])
    }

    @Test(arguments: [[0], [1], [2], [0, 1], [0, 2], [1, 2], [-1, 0], [0, 1, 2]])
    func sumsOverAnyDimensions(dimensions: [Int]) {
        let reduced = Set(dimensions.map { $0 < 0 ? $0 + 3 : $0 })
        let kept = (0..<3).filter { !reduced.contains($0) }.map { shape[$0] }
        let out = HostTensor(.float32, kept)
        let list = Argument.integers(dimensions.map(Int64.init))
        let plain = HostTensor(values, .float32, shape)
        #expect(sum(plain.argument, list, into: out))
        #expect(close(out.values, expected(reduced)))

        // The same numbers stored in the opposite order of dimensions.
        let turned = HostTensor(.float32, [5, 4, 3])
        let view = turned.view(shape, [1, 3, 12])
        #expect(perform("aclnnInplaceCopy", [.tensor(view), plain.argument]))
        #expect(sum(.tensor(view), list, into: out))
        #expect(close(out.values, expected(reduced)))
    }

    @Test func longSumsKeepTheirSmallTerms() {
        let count = 1_000_000
        let tensor = HostTensor(.float32, [count], filledWith: 0.1)
        let out = HostTensor(.float32, [])
        #expect(sum(tensor.argument, .integers([]), into: out))
        #expect(abs(out.values[0] - 100_000) < 0.1)
    }

    @Test func emptySumsAreZeroAndCountsAreWhole() {
        let empty = HostTensor(.float32, [0, 4])
        let out = HostTensor(.float32, [4], filledWith: 7)
        let first = Argument.integers([0])
        #expect(sum(empty.argument, first, into: out))
        #expect(out.values == [0, 0, 0, 0])
        let truths = HostTensor([1, 0, 1, 1], .bool)
        let count = HostTensor(.int64, [])
        #expect(sum(truths.argument, first, into: count))
        #expect(count.values == [3])
    }

    @Test func extremesKnowWhereTheyAre() {
        let tensor = HostTensor([1, 5, 5, -2, 0, -2], .float32, [2, 3])
        let (best, place) = (HostTensor(.float32, [2]), HostTensor(.int64, [2]))
        let arguments = [
            tensor.argument, .integer(1), .integer(0), best.argument, place.argument,
        ]
        #expect(perform("aclnnMaxDim", arguments))
        #expect(best.values == [5, 0])
        #expect(place.values == [1, 1])
        #expect(perform("aclnnMinDim", arguments))
        #expect(place.values == [0, 0])
    }

    @Test func softmaxOfALineSumsToOneAlongAnyDimension() {
        let tensor = HostTensor(values, .float32, shape)
        let out = HostTensor(.float32, shape)
        for (dimension, extent) in shape.enumerated() {
            let along = Argument.integer(Int64(dimension))
            #expect(perform("aclnnSoftmax", [tensor.argument, along, out.argument]))
            let total = out.values.reduce(0, +)
            #expect(abs(total - Double(60 / extent)) < 1e-4)
        }
    }

    @Test func layerNormHasMeanZeroAndDeviationOne() {
        let tensor = HostTensor(values, .float32, [6, 10])
        let out = HostTensor(.float32, [6, 10])
        let (mean, inverse) = (HostTensor(.float32, [6]), HostTensor(.float32, [6]))
        let arguments: [Argument] = [
            tensor.argument, .integers([10]), .tensor(nil), .tensor(nil), .real(0), out.argument,
            mean.argument, inverse.argument,
        ]
        #expect(perform("aclnnLayerNorm", arguments))
        for row in 0..<6 {
            let line = out.values[row * 10..<row * 10 + 10]
            #expect(abs(line.reduce(0, +)) < 1e-4)
            #expect(abs(line.map { $0 * $0 }.reduce(0, +) - 10) < 1e-3)
        }
    }

    @Test func runningSumsAndOrder() {
        let tensor = HostTensor([3, 1, 2, 2], .int32)
        let sums = HostTensor(.int64, [4])
        #expect(
            perform("aclnnCumsum", [tensor.argument, .integer(0), .integer(9), sums.argument]))
        #expect(sums.values == [3, 4, 6, 8])
        let (ordered, places) = (HostTensor(.int32, [4]), HostTensor(.int64, [4]))
        let arguments: [Argument] = [
            tensor.argument, .integer(1), .integer(-1), .integer(1), ordered.argument,
            places.argument,
        ]
        #expect(perform("aclnnSort", arguments))
        #expect(ordered.values == [3, 2, 2, 1])
        #expect(places.values == [0, 2, 3, 1])
    }
}
