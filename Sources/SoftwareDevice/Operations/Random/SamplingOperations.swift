/// Drawing by probabilities.
enum SamplingOperations {
    static let all: [Operation] = [multinomial, bernoulli]

    /// Indices of each row, drawn by its weights; without replacement none twice.
    private static let multinomial = Operation.define(
        "aclnnMultinomial", "TibiiT", "self:f numsamples replacement seed offset out:x",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireRank(0, 1...2)
            let input = arguments.tensor(0)
            let samples = arguments.integer(1)
            guard samples > 0, arguments.flag(2) || samples <= input.shape[input.rank - 1] else {
                throw arguments.invalid(1, "\(samples) of shape \(input.extents)")
            }
            try arguments.requireShape(5, Array(input.extents.dropLast()) + [samples])
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(5))
            let source = Philox(
                seed: Int64(arguments.integer(3)), offset: Int64(arguments.integer(4)))
            let samples = arguments.integer(1)
            let rows = NormRows(input, dimensions: 1)
            let last = out.rank - 1
            unsafe withScratch(Float.self, count: rows.width) { buffer in
                guard var weights = WeightSums(count: rows.width) else { return }
                for row in wanted(rows.count) {
                    unsafe weights.set(to: rows.read(row, buffer))
                    let line = out.rank == 1 ? out : out.selecting(0, at: row)
                    for sample in wanted(samples) {
                        let number = source.number(row &* samples &+ sample)
                        let chosen = weights.index(atShare: Philox.unit(number))
                        if !arguments.flag(2) { weights.remove(chosen) }
                        let place = unsafe line.base + sample * out.byteStride(last)
                        unsafe storeElement(out.type, Int64(chosen), into: place)
                    }
                }
            }
        })

    /// 1 with each element's own probability.
    private static let bernoulli = Operation.define(
        "aclnnInplaceBernoulliTensor", "TTii", "selfRef prob:f seed offset",
        check: { (arguments) throws(OperationRefusal) in try arguments.requireBroadcast(1, to: 0) },
        run: { arguments in
            let target = arguments.tensor(0)
            let source = Philox(
                seed: Int64(arguments.integer(2)), offset: Int64(arguments.integer(3)))
            unsafe withScratch(Float.self, count: target.count) { buffer in
                let values = unsafe TensorView(
                    base: UnsafeMutableRawPointer(buffer), type: .float32, shape: target.extents)
                copyElements(arguments.tensor(1), to: values)
                source.forEach(target.count) { index, number in
                    unsafe buffer[index] = Philox.unit(number) < buffer[index] ? 1 : 0
                }
                copyElements(values, to: target)
            }
        })
}

/// Weights of which some are taken away, and their running sums: a tree in which place `i` holds the sum of
/// as many weights up to `i` as its lowest bit says (Fenwick's), so that a draw takes few steps.
private struct WeightSums {
    private var weights: [Double]
    private var sums: [Double]
    private var total = 0.0
    /// Weights that are not 0.
    private var left = 0
    private let highestBit: Int

    /// Nil, and a fault, where there is no memory.
    init?(count: Int) {
        guard let weights = Scratch.array(repeating: 0.0, count: count),
            let sums = Scratch.array(repeating: 0.0, count: count + 1)
        else { return nil }
        self.weights = weights
        self.sums = sums
        highestBit = count == 0 ? 0 : 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
    }

    /// What is no number, or below 0, weighs nothing.
    mutating func set(to values: UnsafePointer<Float>) {
        (total, left) = (0, 0)
        for index in weights.indices {
            let weight = unsafe Double(values[index])
            weights[index] = weight > 0 ? weight : 0
            total += weights[index]
            if weights[index] > 0 { left += 1 }
            sums[index + 1] = weights[index]
        }
        for place in 1..<sums.count {
            let next = place + (place & -place)
            if next < sums.count { sums[next] += sums[place] }
        }
    }

    /// The first index at which the running sum exceeds the share of the whole; 0 where nothing is left.
    func index(atShare share: Float) -> Int {
        guard left > 0 else { return 0 }
        var (place, rest, step) = (0, total * Double(share), highestBit)
        while step > 0 {
            let next = place + step
            if next < sums.count, sums[next] <= rest {
                place = next
                rest -= sums[next]
            }
            step >>= 1
        }
        // Rounding may lead past the last weight, or to one that was taken away.
        let found = min(place, weights.count - 1)
        if weights[found] > 0 { return found }
        return weights[..<found].lastIndex { $0 > 0 } ?? weights.firstIndex { $0 > 0 } ?? 0
    }

    mutating func remove(_ index: Int) {
        let weight = weights[index]
        guard weight > 0 else { return }
        left -= 1
        weights[index] = 0
        total -= weight
        var place = index + 1
        while place < sums.count {
            sums[place] -= weight
            place += place & -place
        }
    }
}
