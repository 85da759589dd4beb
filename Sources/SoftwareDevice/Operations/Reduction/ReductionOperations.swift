/// Sums, means, extremes and the like over some or all dimensions.
enum ReductionOperations {
    static let all: [Operation] = [
        define("aclnnReduceSum", "TIbwT", "self dims keepDims dtype out", sum),
        define("aclnnMean", "TIbwT", "self dim keepDim dtype out:fd", mean),
        define("aclnnAmax", "TIbT", "self:fib dim keepDim out:fib", maximum),
        define("aclnnAmin", "TIbT", "self:fib dim keepDim out:fib", minimum),
        define("aclnnAll", "TIbT", "self:fib dim keepdim out", allTrue),
        define("aclnnAny", "TIbT", "self:fib dim keepdim out", anyTrue),
        whole("aclnnMax", "TT", "self:fib out:fib", maximum),
        whole("aclnnMin", "TT", "self:fib out:fib", minimum),
        whole("aclnnProd", "TwT", "self:fib dtype out:fi", product),
        prodDim,
    ]

    typealias Reduction =
        @Sendable (_ input: TensorView, _ dimensions: DimensionSet, _ output: TensorView) -> Void

    /// Arguments: tensor, dimensions, whether they are kept, …, result.
    private static func define(
        _ name: String, _ classes: String, _ parameters: String, _ run: @escaping Reduction
    ) -> Operation {
        let result = classes.utf8.count - 1
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                let input = arguments.tensor(0)
                guard let dimensions = DimensionSet(arguments.integers(1), of: input) else {
                    throw arguments.invalid(
                        1, "\(arguments.integers(1)) for a tensor of shape \(input.extents)")
                }
                let shape = input.reducedShape(dimensions, keepsDimensions: arguments.flag(2))
                try arguments.requireShape(result, shape)
            },
            run: { arguments in
                let input = arguments.tensor(0)
                guard let dimensions = DimensionSet(arguments.integers(1), of: input) else {
                    return
                }
                run(input, dimensions, arguments.tensor(result))
            })
    }

    /// Over everything; the result has one element.
    private static func whole(
        _ name: String, _ classes: String, _ parameters: String, _ run: @escaping Reduction
    ) -> Operation {
        let result = classes.utf8.count - 1
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in try arguments.requireCount(result, 1)
            },
            run: { arguments in
                var output = arguments.tensor(result)
                output.rank = 0
                let input = arguments.tensor(0)
                run(input, DimensionSet(rank: input.rank), output)
            })
    }

    private static let prodDim = Operation.define(
        "aclnnProdDim", "TibwT", "self:fib dim keepDim dtype out:fi",
        check: { (arguments) throws(OperationRefusal) in
            let input = arguments.tensor(0)
            let dimension = try arguments.requireDimension(1, of: 0)
            if let set = DimensionSet([dimension], of: input) {
                let shape = input.reducedShape(set, keepsDimensions: arguments.flag(2))
                try arguments.requireShape(4, shape)
            }
        },
        run: { arguments in
            let input = arguments.tensor(0)
            guard let set = DimensionSet([arguments.integer(1)], of: input) else { return }
            product(input, set, arguments.tensor(4))
        })
}

@Sendable
private func sum(_ input: TensorView, _ dimensions: DimensionSet, _ output: TensorView) {
    switch max(input.type.arithmetic, output.type.arithmetic) {
    case .single: reduce(SumSingle.self, input, dimensions, into: output) { Float($0) }
    case .double: reduce(SumDouble.self, input, dimensions, into: output) { $0 }
    case .integer: reduce(SumInteger.self, input, dimensions, into: output) { $0 }
    }
}

@Sendable
private func mean(_ input: TensorView, _ dimensions: DimensionSet, _ output: TensorView) {
    let count = Double(input.count) / Double(max(1, output.count))
    if max(input.type.arithmetic, output.type.arithmetic) == .double {
        reduce(SumDouble.self, input, dimensions, into: output) { $0 / count }
    } else {
        reduce(SumSingle.self, input, dimensions, into: output) { Float($0 / count) }
    }
}

@Sendable
private func product(_ input: TensorView, _ dimensions: DimensionSet, _ output: TensorView) {
    if max(input.type.arithmetic, output.type.arithmetic) == .integer {
        reduce(ProductInteger.self, input, dimensions, into: output) { $0 }
    } else {
        reduce(ProductSingle.self, input, dimensions, into: output) { $0 }
    }
}

@Sendable
private func maximum(_ input: TensorView, _ dimensions: DimensionSet, _ output: TensorView) {
    if input.type.arithmetic == .integer {
        reduce(MaximumInteger.self, input, dimensions, into: output) { $0 }
    } else {
        reduce(MaximumSingle.self, input, dimensions, into: output) { $0 }
    }
}

@Sendable
private func minimum(_ input: TensorView, _ dimensions: DimensionSet, _ output: TensorView) {
    if input.type.arithmetic == .integer {
        reduce(MinimumInteger.self, input, dimensions, into: output) { $0 }
    } else {
        reduce(MinimumSingle.self, input, dimensions, into: output) { $0 }
    }
}

@Sendable
private func allTrue(_ input: TensorView, _ dimensions: DimensionSet, _ output: TensorView) {
    if input.type.arithmetic == .integer {
        reduce(AllInteger.self, input, dimensions, into: output) { $0 }
    } else {
        reduce(AllSingle.self, input, dimensions, into: output) { $0 }
    }
}

@Sendable
private func anyTrue(_ input: TensorView, _ dimensions: DimensionSet, _ output: TensorView) {
    if input.type.arithmetic == .integer {
        reduce(AnyInteger.self, input, dimensions, into: output) { $0 }
    } else {
        reduce(AnySingle.self, input, dimensions, into: output) { $0 }
    }
}
