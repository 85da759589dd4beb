/// Activation functions and their gradients, in single precision.
enum ActivationOperations {
    static let all: [Operation] = smooth + gelu + linear + gradients

    private static let smooth: [Operation] = [
        unary("Sigmoid", { vectorSigmoid($0) }), inPlace("Sigmoid", { vectorSigmoid($0) }),
        unary("Tanh", { vectorTanh($0) }), inPlace("Tanh", { vectorTanh($0) }),
        unary("Silu", { $0 * vectorSigmoid($0) }),
        unary("Mish", { $0 * vectorTanh(softplus($0)) }),
        unary("LogSigmoid", { -softplus(-$0) }),
        unary("Hardswish", { $0 * clamped($0 + 3, 0, 6) / 6 }),
        unary("Hardsigmoid", { clamped($0 + 3, 0, 6) / 6 }),
    ]

    private static let gelu: [Operation] = [
        unary("Gelu", { vectorGelu($0) }),
        choosing(
            "aclnnGeluV2", "TiT", "x:f approximate y:f",
            exact: { l in l.vector { vectorGelu($0) } },
            tanh: { l in l.vector { vectorGeluTanh($0) } }),
        binary(
            "aclnnGeluBackward", "gradOutput:f self:f gradInput:f", { $0 * vectorGeluSlope($1) }),
        choosing(
            "aclnnGeluBackwardV2", "TTsT", "gradOutput:f self:f approximate? gradInput:f",
            exact: { l in
                l.vector { (g: Single8, x: Single8) in g * vectorGeluSlope(x) }
            },
            tanh: { l in
                l.vector { (g: Single8, x: Single8) in g * vectorGeluTanhSlope(x) }
            }),
    ]

    private static let linear: [Operation] = [
        .elementwise("aclnnRelu", "TT", "self out", .all, relu),
        .elementwise("aclnnInplaceRelu", "T", "selfRef", .all, relu),
        .elementwise("aclnnLeakyRelu", "TST", "self:fd negativeSlope out:fd", .all, leakyRelu),
        .elementwise("aclnnThreshold", "TSST", "self threshold value out", .all, threshold),
        .elementwise("aclnnElu", "TSSST", "self:f alpha scale inputScale out:f", .all, elu),
        .elementwise("aclnnSoftplus", "TSST", "self:f beta threshold out:f", .all, softplusScaled),
    ]

    private static let gradients: [Operation] = [
        binary("aclnnSiluBackward", "gradOutput:f self:f gradInput:f", { $0 * siluSlope($1) }),
        binary(
            "aclnnSigmoidBackward", "gradOutput:f output:f gradInput:f", { $0 * $1 * (1 - $1) }),
        binary("aclnnTanhBackward", "gradOutput:f output:f gradInput:f", { $0 * (1 - $1 * $1) }),
        .elementwise(
            "aclnnLeakyReluBackward", "TTSbT",
            "gradOutput:f self:f negativeSlope selfIsResult out:f", .all, leakyReluGradient),
        eluGradient,
        binary("aclnnHardswishBackward", "gradOutput:f self:f out:f", { $0 * hardswishSlope($1) }),
        .elementwise(
            "aclnnThresholdBackward", "TTST", "gradOutput self threshold out", .all,
            thresholdGradient),
        .elementwise(
            "aclnnHardtanhBackward", "TTSST", "gradOutput self min max out", .all,
            hardtanhGradient),
        .elementwise(
            "aclnnSoftplusBackward", "TTSST", "gradOutput:f self:f beta threshold gradInput:f",
            .all, softplusGradient),
    ]

    private static func unary(
        _ name: String, _ f: @escaping @Sendable (Single8) -> Single8
    ) -> Operation {
        .elementwise(
            "aclnn\(name)", "TT", "self:f out:f", .floating,
            Kernels(single: { l in l.vector { f($0) } }))
    }

    private static func inPlace(
        _ name: String, _ f: @escaping @Sendable (Single8) -> Single8
    ) -> Operation {
        .elementwise(
            "aclnnInplace\(name)", "T", "selfRef:f", .floating,
            Kernels(single: { l in l.vector { f($0) } }))
    }

    private static func binary(
        _ name: String, _ parameters: String,
        _ f: @escaping @Sendable (Single8, Single8) -> Single8
    ) -> Operation {
        .elementwise(
            name, "TTT", parameters, .floating,
            Kernels(single: { l in l.vector { (a: Single8, b: Single8) in f(a, b) } }))
    }

    /// Of the input, or of the result where the program kept that.
    private static let eluGradient = Operation.define(
        "aclnnEluBackward", "TSSSbTT",
        "gradOutput:f alpha scale inputScale isResult selfOrResult:f gradInput:f",
        check: { (arguments) throws(OperationRefusal) in
            for input in [0, 5] { try arguments.requireSameShape(input, as: 6) }
        },
        run: { arguments in
            var walk = Walk(result: arguments.tensor(6))
            walk.append(arguments.tensor(0))
            walk.append(arguments.tensor(5))
            walk.collapse()
            let values = (1...3).map { Float(arguments.scalar($0).double) }
            let isResult = arguments.flag(4)
            evaluate(walk, scalars: [values[0], values[1], values[2]]) { (l: Lanes<Float>) in
                l.each { g, x in
                    if x > 0 { return g * l.t }
                    if isResult { return g * l.u * (x + l.s * l.t) }
                    return g * l.u * l.s * l.t * singleExp(x * l.u)
                }
            }
        })

    /// GELU's second forms: by argument `approximate`, exact (0, "none") or by tanh (1, "tanh").
    private static func choosing(
        _ name: String, _ classes: String, _ parameters: String, exact: @escaping Kernel<Float>,
        tanh: @escaping Kernel<Float>
    ) -> Operation {
        let result = classes.utf8.count - 1
        let choice = result - 1
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                for input in 0..<choice { try arguments.requireSameShape(input, as: result) }
                if let text = arguments.string(choice), !["", "none", "tanh"].contains(text) {
                    throw arguments.invalid(choice, "\"\(text)\", expected none or tanh")
                }
            },
            run: { arguments in
                var walk = Walk(result: arguments.tensor(result))
                for input in 0..<choice { walk.append(arguments.tensor(input)) }
                walk.collapse()
                let byTanh =
                    arguments.string(choice).map { $0 == "tanh" }
                    ?? (arguments.integer(choice) == 1)
                evaluate(walk, kernel: byTanh ? tanh : exact)
            })
    }
}

private func clamped(_ x: Single8, _ low: Float, _ high: Float) -> Single8 {
    x.clamped(lowerBound: Single8(repeating: low), upperBound: Single8(repeating: high))
}

/// log(1 + exp(x)), without overflow: max(x, 0) + log1p(exp(−|x|)).
@inline(__always)
private func softplus(_ x: Single8) -> Single8 {
    var result = Single8(repeating: 0)
    for i in 0..<8 { result[i] = singleSoftplus(x[i]) }
    return result
}

@inline(__always)
private func siluSlope(_ x: Single8) -> Single8 {
    let y = vectorSigmoid(x)
    return y * (1 + x * (1 - y))
}

let relu = Kernels(
    single: { l in l.each { $0 < 0 ? 0 : $0 } }, double: { l in l.each { $0 < 0 ? 0 : $0 } },
    integer: { l in l.each { $0 < 0 ? 0 : $0 } })

private let leakyRelu = Kernels(
    single: { l in l.each { $0 > 0 ? $0 : $0 * l.s } },
    double: { l in l.each { $0 > 0 ? $0 : $0 * l.s } })

private let leakyReluGradient = Kernels(single: { l in l.each { $1 > 0 ? $0 : $0 * l.s } })

/// 0 below −3, 1 above 3, x/3 + 1/2 between.
private func hardswishSlope(_ x: Single8) -> Single8 {
    let middle = x * Single8(repeating: 1 / 3) + Single8(repeating: 0.5)
    let raised = middle.replacing(
        with: Single8(repeating: 1), where: x .> Single8(repeating: 3))
    return raised.replacing(with: Single8(repeating: 0), where: x .< Single8(repeating: -3))
}

private let threshold = Kernels(
    single: { l in l.each { $0 <= l.s ? l.t : $0 } },
    double: { l in l.each { $0 <= l.s ? l.t : $0 } },
    integer: { l in l.each { $0 <= l.s ? l.t : $0 } })

private let thresholdGradient = Kernels(
    single: { l in l.each { $1 <= l.s ? 0 : $0 } },
    double: { l in l.each { $1 <= l.s ? 0 : $0 } },
    integer: { l in l.each { $1 <= l.s ? 0 : $0 } })

private let hardtanhGradient = Kernels(
    single: { l in l.each { $1 <= l.s || $1 >= l.t ? 0 : $0 } },
    double: { l in l.each { $1 <= l.s || $1 >= l.t ? 0 : $0 } })

private let elu = Kernels(single: { l in
    l.each { $0 > 0 ? $0 * l.t : singleExpMinusOne($0 * l.u) * l.s * l.t }
})

private let softplusScaled = Kernels(single: { l in
    l.each { $0 * l.s > l.t ? $0 : singleSoftplus($0 * l.s) / l.s }
})

private let softplusGradient = Kernels(single: { l in
    l.each { $1 * l.s > l.t ? $0 : $0 / (1 + singleExp(-$1 * l.s)) }
})
