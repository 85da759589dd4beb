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
            unsafe withScratch(Float.self, count: rows.width) { weights in
                for row in wanted(rows.count) {
                    let values = unsafe rows.read(row, weights)
                    if unsafe values != weights {
                        unsafe weights.update(from: values, count: rows.width)
                    }
                    let line = out.rank == 1 ? out : out.selecting(0, at: row)
                    for sample in wanted(samples) {
                        let number = source.number(row * samples + sample)
                        let chosen = unsafe draw(weights, rows.width, Philox.unit(number))
                        if !arguments.flag(2) { unsafe weights[chosen] = 0 }
                        let place = unsafe line.base + sample * out.byteStride(last)
                        unsafe storeElement(out.type, Int64(chosen), into: place)
                    }
                }
            }
        })

    /// The first index at which the running sum exceeds the share of the whole.
    private static func draw(_ weights: UnsafePointer<Float>, _ count: Int, _ share: Float) -> Int {
        var total = 0.0
        for index in 0..<count { unsafe total += Double(weights[index]) }
        let goal = total * Double(share)
        var running = 0.0
        var last = 0
        for index in 0..<count where unsafe weights[index] > 0 {
            unsafe running += Double(weights[index])
            last = index
            if running > goal { return index }
        }
        return last
    }

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
