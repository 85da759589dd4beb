/// Reductions with more than one step: equality, logarithm of a sum of exponentials, both extremes,
/// the trace.
enum ComparisonReductions {
    static let all: [Operation] = [equal, isClose, logSumExp, extremes, allExtremes, trace]

    /// One truth value: whether shapes and all elements are the same.
    private static let equal = Operation.define(
        "aclnnEqual", "TTT", "self other out",
        check: { (arguments) throws(OperationRefusal) in try arguments.requireCount(2, 1) },
        run: { arguments in
            let (a, b, out) = (arguments.tensor(0), arguments.tensor(1), arguments.tensor(2))
            var same = a.hasShape(of: b)
            if same && a.count > 0 {
                unsafe withScratch(UInt8.self, count: a.count) { buffer in
                    let truths = unsafe TensorView(
                        base: UnsafeMutableRawPointer(buffer), type: .bool, shape: a.extents)
                    var walk = Walk(result: truths)
                    walk.append(a)
                    walk.append(b)
                    walk.collapse()
                    let arithmetic = max(a.type.arithmetic, b.type.arithmetic)
                    equalElements.run(walk, arithmetic, [.zero, .zero, .zero])
                    for index in 0..<a.count where unsafe buffer[index] == 0 { same = false }
                }
            }
            unsafe storeElement(out.type, Int64(same ? 1 : 0), into: out.base)
        })

    private static let isClose = Operation.elementwise(
        "aclnnIsClose", "TTddbT", "self other rtol atol equal_nan out", .inputs, closeElements)

    private static func requireReduced(
        _ arguments: Arguments, results: [Int]
    ) throws(OperationRefusal) {
        let input = arguments.tensor(0)
        guard let set = DimensionSet(arguments.integers(1), of: input) else {
            throw arguments.invalid(1, "\(arguments.integers(1)) for shape \(input.extents)")
        }
        let shape = input.reducedShape(set, keepsDimensions: arguments.flag(2))
        for result in results { try arguments.requireShape(result, shape) }
    }

    private static let logSumExp = Operation.define(
        "aclnnLogSumExp", "TIbT", "self:f dim keepDim out:f",
        check: { (arguments) throws(OperationRefusal) in
            try requireReduced(arguments, results: [3])
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(3))
            guard let set = DimensionSet(arguments.integers(1), of: input) else { return }
            unsafe withScratch(Float.self, count: input.count + 2 * out.count) { buffer in
                let kept = input.reducedShape(set, keepsDimensions: true)
                let space = UnsafeMutableRawPointer(buffer)
                let values = unsafe TensorView(base: space, type: .float32, shape: input.extents)
                let maxima = unsafe TensorView(
                    base: space + 4 * input.count, type: .float32, shape: kept)
                let sums = unsafe TensorView(
                    base: maxima.base + 4 * out.count, type: .float32, shape: kept)
                // An infinite maximum is not subtracted: infinity minus itself is no number.
                reduce(MaximumSingle.self, input, set, into: maxima) {
                    abs($0) == .infinity ? 0 : $0
                }
                var walk = Walk(result: values)
                walk.append(input)
                walk.append(maxima)
                walk.collapse()
                evaluate(walk) { (l: Lanes<Float>) in
                    l.vector { (x: Single8, m: Single8) in vectorExp(x - m) }
                }
                reduce(SumSingle.self, values, set, into: sums) { Float($0) }
                var result = out
                result.rank = kept.count
                if out.rank != kept.count { result = out.restoring(set, rank: kept.count) }
                var last = Walk(result: result)
                last.append(sums)
                last.append(maxima)
                last.collapse()
                evaluate(last) { (l: Lanes<Float>) in l.each { singleLog($0) + $1 } }
            }
        })

    private static let extremes = Operation.define(
        "aclnnAminmax", "TIbTT", "self:fib dim keepDim minOut:fib maxOut:fib",
        check: { (arguments) throws(OperationRefusal) in
            try requireReduced(arguments, results: [3, 4])
        },
        run: { arguments in
            let input = arguments.tensor(0)
            guard let set = DimensionSet(arguments.integers(1), of: input) else { return }
            both(input, set, arguments.tensor(3), arguments.tensor(4))
        })

    private static let allExtremes = Operation.define(
        "aclnnAminmaxAll", "TTT", "self:fib minOut:fib maxOut:fib",
        check: { (arguments) throws(OperationRefusal) in
            for result in [1, 2] { try arguments.requireCount(result, 1) }
        },
        run: { arguments in
            let input = arguments.tensor(0)
            var (low, high) = (arguments.tensor(1), arguments.tensor(2))
            (low.rank, high.rank) = (0, 0)
            both(input, DimensionSet(rank: input.rank), low, high)
        })

    private static func both(
        _ input: TensorView, _ set: DimensionSet, _ low: TensorView, _ high: TensorView
    ) {
        if input.type.arithmetic == .integer {
            reduce(MinimumInteger.self, input, set, into: low) { $0 }
            reduce(MaximumInteger.self, input, set, into: high) { $0 }
        } else {
            reduce(MinimumSingle.self, input, set, into: low) { $0 }
            reduce(MaximumSingle.self, input, set, into: high) { $0 }
        }
    }

    private static let trace = Operation.define(
        "aclnnTrace", "TT", "self:fi out:fi",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireRank(0, 2...2)
            try arguments.requireCount(1, 1)
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(1))
            let step = input.byteStride(0) + input.byteStride(1)
            var (sum, whole) = (0.0, Int64(0))
            for index in wanted(min(input.shape[0], input.shape[1])) {
                let place = unsafe input.base + index * step
                unsafe sum += loadElement(input.type, place, as: Double.self)
                unsafe whole &+= loadElement(input.type, place, as: Int64.self)
            }
            if input.type.isFloating {
                unsafe storeElement(out.type, sum, into: out.base)
            } else {
                unsafe storeElement(out.type, whole, into: out.base)
            }
        })
}

extension TensorView {
    /// A reduced result with its reduced dimensions put back, as ones.
    func restoring(_ set: DimensionSet, rank: Int) -> TensorView {
        var result = self
        for d in 0..<rank where set.contains(d) { result = result.inserting(at: d) }
        return result
    }
}

private let equalElements = Kernels(
    single: { l in l.each { $0 == $1 ? 1 : 0 } }, double: { l in l.each { $0 == $1 ? 1 : 0 } },
    integer: { l in l.each { $0 == $1 ? 1 : 0 } })

/// |a − b| ≤ atol + rtol · |b|; infinities are close to themselves.
private let closeElements = Kernels(
    single: { l in
        l.each { a, b in
            if a == b { return 1 }
            if a != a && b != b { return l.u != 0 ? 1 : 0 }
            let limit = l.t + l.s * abs(b)
            return limit < .infinity && abs(a - b) <= limit ? 1 : 0
        }
    },
    double: { l in
        l.each { a, b in
            if a == b { return 1 }
            if a != a && b != b { return l.u != 0 ? 1 : 0 }
            let limit = l.t + l.s * abs(b)
            return limit < .infinity && abs(a - b) <= limit ? 1 : 0
        }
    })
