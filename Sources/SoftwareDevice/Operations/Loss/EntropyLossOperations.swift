/// Binary cross entropy, of probabilities and of logits, and Kullback-Leibler divergence.
enum EntropyLossOperations {
    static let all: [Operation] = [
        loss("aclnnBinaryCrossEntropy", "TTTiT", "self:f target:f weight?:f reduction out:f") { _ in
            entropy
        },
        slope(
            "aclnnBinaryCrossEntropyBackward", "TTTTiT",
            "gradOutput:f self:f target:f weightOptional?:f reduction out:f"
        ) { _ in entropySlope },
        loss(
            "aclnnBinaryCrossEntropyWithLogits", "TTTTiT",
            "self:f target:f weightOptional?:f posWeightOptional?:f reduction out:f"
        ) { _ in logitEntropy },
        slope(
            "aclnnBinaryCrossEntropyWithLogitsBackward", "TTTTTiT",
            "gradOutput:f self:f target:f weightOptional?:f posWeightOptional?:f reduction out:f"
        ) { _ in logitEntropySlope },
        loss("aclnnKlDiv", "TTibT", "self:f target:f reduction logTarget out:f") {
            $0.flag(3) ? divergenceOfLogarithms : divergence
        },
        slope(
            "aclnnKlDivBackward", "TTTibT", "gradOutput:f self:f target:f reduction logTarget out:f"
        ) { $0.flag(4) ? divergenceOfLogarithmsSlope : divergenceSlope },
    ]

    typealias KernelChoice = @Sendable (Arguments) -> Kernel<Float>

    /// Where a loss's parameters are, by its classes: tensors, of which optional ones are weights,
    /// then the reduction.
    private struct Places {
        let reduction: Int
        let weights: Range<Int>
        let result: Int

        init(_ classes: String, firstWeight: Int) {
            let letters = Array(classes.utf8)
            reduction = letters.firstIndex(of: UInt8(ascii: "i")) ?? 0
            weights = firstWeight..<max(firstWeight, reduction)
            result = letters.count - 1
        }

        func check(_ arguments: Arguments, like tensor: Int) throws(OperationRefusal) {
            if !(0...2).contains(arguments.integer(reduction)) {
                throw arguments.invalid(
                    reduction, "\(arguments.integer(reduction)), expected 0, 1 or 2")
            }
            for weight in weights where arguments.optionalTensor(weight) != nil {
                try arguments.requireBroadcast(weight, to: tensor)
                let isOfPositives = weight == weights.lowerBound + 1
                if isOfPositives {
                    throw arguments.invalid(weight, "weights of positives are not supported")
                }
            }
        }

        /// Multiplies a tensor of floats by the weights that are there.
        func apply(_ arguments: Arguments, to values: TensorView) {
            for weight in weights {
                guard let view = arguments.optionalTensor(weight) else { continue }
                var walk = Walk(result: values)
                walk.append(values)
                walk.append(view)
                walk.collapse()
                multiply.run(walk, .single, [.zero, .zero, .zero])
            }
        }
    }

    private static func loss(
        _ name: String, _ classes: String, _ parameters: String, _ kernel: @escaping KernelChoice
    ) -> Operation {
        let places = Places(classes, firstWeight: 2)
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireBroadcast(1, to: 0)
                try places.check(arguments, like: 0)
                if arguments.integer(places.reduction) == 0 {
                    try arguments.requireSameShape(places.result, as: 0)
                } else {
                    try arguments.requireCount(places.result, 1)
                }
            },
            run: { arguments in
                let (input, out) = (arguments.tensor(0), arguments.tensor(places.result))
                let reduction = arguments.integer(places.reduction)
                unsafe withScratch(Float.self, count: input.count) { buffer in
                    let values = unsafe TensorView(
                        base: UnsafeMutableRawPointer(buffer), type: .float32, shape: input.extents)
                    var walk = Walk(result: values)
                    walk.append(input)
                    walk.append(arguments.tensor(1))
                    walk.collapse()
                    evaluate(walk, kernel: kernel(arguments))
                    places.apply(arguments, to: values)
                    if reduction == 0 { return copyElements(values, to: out) }
                    let divisor = reduction == 1 ? Float(input.count) : 1
                    unsafe storeElement(
                        out.type, rowSum(buffer, input.count) / divisor, into: out.base)
                }
            })
    }

    private static func slope(
        _ name: String, _ classes: String, _ parameters: String, _ kernel: @escaping KernelChoice
    ) -> Operation {
        let places = Places(classes, firstWeight: 3)
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireBroadcast(2, to: 1)
                try arguments.requireBroadcast(0, to: 1)
                try places.check(arguments, like: 1)
                try arguments.requireSameShape(places.result, as: 1)
            },
            run: { arguments in
                let (input, out) = (arguments.tensor(1), arguments.tensor(places.result))
                let isMean = arguments.integer(places.reduction) == 1
                unsafe withScratch(Float.self, count: input.count) { buffer in
                    let values = unsafe TensorView(
                        base: UnsafeMutableRawPointer(buffer), type: .float32, shape: input.extents)
                    var walk = Walk(result: values)
                    walk.append(input)
                    walk.append(arguments.tensor(2))
                    walk.append(arguments.tensor(0))
                    walk.collapse()
                    let factor = isMean ? 1 / Float(input.count) : 1
                    evaluate(walk, scalars: [factor, 0, 0], kernel: kernel(arguments))
                    places.apply(arguments, to: values)
                    copyElements(values, to: out)
                }
            })
    }
}

/// Logarithms are at least −100, as in PyTorch, so that certainty in the wrong costs no infinity.
@inline(__always)
private func boundedLog(_ x: Float) -> Float { max(singleLog(x), -100) }

private let entropy: Kernel<Float> = { l in
    l.each { x, y in -(y * boundedLog(x) + (1 - y) * boundedLog(1 - x)) }
}

private let entropySlope: Kernel<Float> = { l in
    l.each { x, y, g in g * l.s * (x - y) / max((1 - x) * x, 1e-12) }
}

private let logitEntropy: Kernel<Float> = { l in l.each { x, y in (1 - y) * x + singleSoftplus(-x) }
}

private let logitEntropySlope: Kernel<Float> = { l in
    let factor = Single8(repeating: l.s)
    l.vector { (x: Single8, y: Single8, g: Single8) in factor * g * (vectorSigmoid(x) - y) }
}

private let divergence: Kernel<Float> = { l in
    l.each { x, y in y > 0 ? y * (singleLog(y) - x) : 0 }
}

private let divergenceOfLogarithms: Kernel<Float> = { l in l.each { x, y in singleExp(y) * (y - x) }
}

private let divergenceSlope: Kernel<Float> = { l in
    l.each { _, y, g in y > 0 ? -y * g * l.s : 0 }
}

private let divergenceOfLogarithmsSlope: Kernel<Float> = { l in
    l.each { _, y, g in -singleExp(y) * g * l.s }
}
