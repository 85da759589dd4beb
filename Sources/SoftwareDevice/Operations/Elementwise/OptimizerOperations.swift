/// Optimizer steps in one operation.
enum OptimizerOperations {
    static let all: [Operation] = [adamW]

    /// Weights, both moments and the optional maximum change in place; the step's number is a
    /// tensor.
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
        let number = loadElement(step.type, step.base, as: Double.self)
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
        var (result, factor, rest) = (1.0, base, Int(max(0, exponent)))
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
