/// Optimizer steps in one operation.
enum OptimizerOperations {
    static let all: [Operation] = [adamW, unscale]

    /// Weights and both moments change in place; how many steps were done before is a tensor.
    private static let adamW = Operation.define(
        "aclnnApplyAdamWV2", "TTTTTTfffffbb",
        "varRef:f mRef:f vRef:f maxGradNormOptionalRef?:f grad:f step:fi lr beta1 beta2 weightDecay"
            + " eps amsgrad maximize",
        check: { (arguments) throws(OperationRefusal) in
            for index in [1, 2, 4] { try arguments.requireSameShape(index, as: 0) }
            try arguments.requireCount(5, 1)
            if arguments.flag(11) { throw arguments.invalid(11, "amsgrad is not supported") }
        }, run: runAdamW)

    @Sendable
    private static func runAdamW(_ arguments: Arguments) {
        let weights = arguments.tensor(0)
        let step = arguments.tensor(5)
        // The step that is being done is the one after those that are counted.
        let number = unsafe loadElement(step.type, step.base, as: Double.self) + 1
        let (rate, decay) = (arguments.real(6), arguments.real(9))
        let (beta1, beta2) = (arguments.real(7), arguments.real(8))
        let sign: Float = arguments.flag(12) ? -1 : 1
        mix(arguments.tensor(1), arguments.tensor(4), Float(beta1), sign) { $0 }
        mix(arguments.tensor(2), arguments.tensor(4), Float(beta2), sign) { $0 * $0 }
        var walk = Walk(result: weights)
        walk.append(weights)
        walk.append(arguments.tensor(1))
        walk.append(arguments.tensor(2))
        walk.collapse()
        let stepSize = Float(rate / (1 - raised(beta1, number)))
        let correction = Float((1 - raised(beta2, number)).squareRoot())
        let epsilon = Float(arguments.real(10))
        let kept = Float(1 - rate * decay)
        evaluate(walk, scalars: [kept, stepSize, epsilon]) { l in
            let correction = Single8(repeating: 1 / correction)
            let (kept, size) = (Single8(repeating: l.s), Single8(repeating: l.t))
            let epsilon = Single8(repeating: l.u)
            l.vector { (w: Single8, m: Single8, v: Single8) in
                w * kept - size * m / (v.squareRoot() * correction + epsilon)
            }
        }
    }

    /// Multiplies gradients by the inverse scale and notes in `foundInf` whether one is not finite.
    private static let unscale = Operation.define(
        "aclnnForeachNonFiniteCheckAndUnscale", "LTT", "scaledGrads foundInf:f invScale:f",
        check: { (arguments) throws(OperationRefusal) in
            for index in [1, 2] { try arguments.requireCount(index, 1) }
            for tensor in arguments.tensors(0) where tensor.type.arithmetic != .single {
                throw arguments.invalid(0, "data type \(tensor.type) is not supported")
            }
        },
        run: { arguments in
            let (found, inverse) = (arguments.tensor(1), arguments.tensor(2))
            let scale = unsafe loadElement(inverse.type, inverse.base, as: Double.self)
            for tensor in arguments.tensors(0) {
                var sum = Float(0)
                unsafe withUnsafeMutableBytes(of: &sum) { bytes in
                    guard let base = bytes.baseAddress else { return }
                    let total = unsafe TensorView(base: base, type: .float32, shape: [])
                    reduce(
                        NonFiniteSingle.self, tensor, DimensionSet(rank: tensor.rank), into: total
                    ) { $0 }
                }
                if sum != 0 { unsafe storeElement(found.type, Float(1), into: found.base) }
                var walk = Walk(result: tensor)
                walk.append(tensor)
                walk.collapse()
                multiplyScalar.run(walk, .single, [ScalarValue(real: scale), .zero, .zero])
            }
        })

    /// moment = β · moment + (1 − β) · f(gradient).
    private static func mix(
        _ moment: TensorView, _ gradient: TensorView, _ beta: Float, _ sign: Float,
        _ f: @escaping @Sendable (Single8) -> Single8
    ) {
        var walk = Walk(result: moment)
        walk.append(moment)
        walk.append(gradient)
        walk.collapse()
        evaluate(walk, scalars: [beta, 1 - beta, sign]) { l in
            let (beta, rest) = (Single8(repeating: l.s), Single8(repeating: l.t))
            let sign = Single8(repeating: l.u)
            l.vector { (m: Single8, g: Single8) in beta * m + rest * f(sign * g) }
        }
    }

    private static func raised(_ base: Double, _ exponent: Double) -> Double {
        var (result, factor, rest) = (1.0, base, max(0, exponent.integer))
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}

private enum NonFiniteSingle: StepReducer {
    static var initial: Float { 0 }
    @inline(__always) static func step(_ total: Float, _ x: Float) -> Float {
        x.isFinite ? total : 1
    }
}
