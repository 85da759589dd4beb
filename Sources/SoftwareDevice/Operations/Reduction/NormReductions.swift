/// Norms of vectors: the orders that need no power function.
enum NormOrder {
    static func isSupported(_ order: Double) -> Bool {
        order == 0 || order == 1 || order == 2 || order == .infinity || order == -.infinity
    }

    static func reduce(
        _ input: TensorView, _ dimensions: DimensionSet, into output: TensorView, order: Double
    ) {
        switch order {
        case 0:
            SoftwareDevice.reduce(CountSingle.self, input, dimensions, into: output) { $0 }
        case 1:
            SoftwareDevice.reduce(MagnitudeSum.self, input, dimensions, into: output) { Float($0) }
        case .infinity:
            SoftwareDevice.reduce(LargestMagnitude.self, input, dimensions, into: output) { $0 }
        case -.infinity:
            SoftwareDevice.reduce(SmallestMagnitude.self, input, dimensions, into: output) { $0 }
        default:
            SoftwareDevice.reduce(MomentsSingle.self, input, dimensions, into: output) {
                Float($0.y.squareRoot())
            }
        }
    }
}

private enum CountSingle: StepReducer {
    static var initial: Float { 0 }
    @inline(__always) static func step(_ total: Float, _ x: Float) -> Float {
        x != 0 ? total + 1 : total
    }
}

private enum LargestMagnitude: StepReducer {
    static var initial: Float { 0 }
    @inline(__always) static func step(_ total: Float, _ x: Float) -> Float {
        abs(x) > total || x != x ? abs(x) : total
    }
}

private enum SmallestMagnitude: StepReducer {
    static var initial: Float { .infinity }
    @inline(__always) static func step(_ total: Float, _ x: Float) -> Float {
        abs(x) < total || x != x ? abs(x) : total
    }
}

private enum MagnitudeSum: Reducer {
    static var initial: Double { 0 }

    static func fold(_ total: inout Double, _ elements: UnsafePointer<Float>, _ count: Int) {
        for i in 0..<count { unsafe total += Double(abs(elements[i])) }
    }

    static func accumulate(
        _ totals: UnsafeMutablePointer<Double>, _ elements: UnsafePointer<Float>, _ count: Int
    ) {
        for i in 0..<count { unsafe totals[i] += Double(abs(elements[i])) }
    }
}

/// Norms, variances and standard deviations.
enum MomentOperations {
    static let all: [Operation] = [
        norm("aclnnNorm", "TSIbT", "self:f pScalar? dim keepdim out:f"),
        norm("aclnnLinalgVectorNorm", "TSIbwT", "self:f ord dims? keepDims dtype out:f"),
        spread("aclnnVar", "TIbbT", "self:f dim? unbiased keepdim out:f", isDeviation: false),
        spread("aclnnStd", "TIibT", "self:f dim? correction keepdim out:f", isDeviation: true),
        spread(
            "aclnnVarCorrection", "TIibT", "self:f dim? correction keepdim out:f",
            isDeviation: false),
        spread(
            "aclnnVarMean", "TIibTT", "self:f dim? correction keepdim varOut:f meanOut:f",
            isDeviation: false),
        spread(
            "aclnnStdMeanCorrection", "TIibTT", "self:f dim? correction keepdim stdOut:f meanOut:f",
            isDeviation: true),
    ]

    private static func requireReduced(
        _ arguments: Arguments, dimensions: Int, keeps: Int, _ result: Int
    ) throws(OperationRefusal) {
        let input = arguments.tensor(0)
        guard let set = DimensionSet(arguments.integers(dimensions), of: input) else {
            throw arguments.invalid(
                dimensions, "\(arguments.integers(dimensions)) for shape \(input.extents)")
        }
        let shape = input.reducedShape(set, keepsDimensions: arguments.flag(keeps))
        try arguments.requireShape(result, shape)
    }

    private static func norm(_ name: String, _ classes: String, _ parameters: String) -> Operation {
        let result = classes.utf8.count - 1
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try requireReduced(arguments, dimensions: 2, keeps: 3, result)
                let order = arguments.optionalScalar(1)?.double ?? 2
                if !NormOrder.isSupported(order) {
                    throw arguments.invalid(1, "order \(order) is not supported")
                }
            },
            run: { arguments in
                let input = arguments.tensor(0)
                guard let set = DimensionSet(arguments.integers(2), of: input) else { return }
                let order = arguments.optionalScalar(1)?.double ?? 2
                NormOrder.reduce(input, set, into: arguments.tensor(result), order: order)
            })
    }

    private static func spread(
        _ name: String, _ classes: String, _ parameters: String, isDeviation: Bool
    ) -> Operation {
        .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                for result in 4..<classes.utf8.count {
                    try requireReduced(arguments, dimensions: 1, keeps: 3, result)
                }
            },
            run: { arguments in
                let input = arguments.tensor(0)
                guard let set = DimensionSet(arguments.integers(1), of: input) else { return }
                let output = arguments.tensor(4)
                let count = Double(input.count) / Double(max(1, output.count))
                let divisor = max(0, count - arguments.number(2).double)
                reduce(MomentsSingle.self, input, set, into: output) { moments in
                    let mean = moments.x / count
                    let variance = max(0, moments.y - mean * moments.x) / divisor
                    return Float(isDeviation ? variance.squareRoot() : variance)
                }
                guard arguments.values.count > 5 else { return }
                reduce(SumSingle.self, input, set, into: arguments.tensor(5)) { Float($0 / count) }
            })
    }
}
