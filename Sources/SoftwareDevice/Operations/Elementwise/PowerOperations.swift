import Glibc

/// Powers, clamping, and functions of two numbers.
enum PowerOperations {
    static let all: [Operation] = powers + clamps + ofTwo

    private static let ofTwo: [Operation] = [
        .elementwise("aclnnAtan2", "TTT", "self other out:fd", .floating, angle),
        .elementwise("aclnnXLogYTensor", "TTT", "self other out:fd", .floating, timesLogarithm),
        .elementwise("aclnnLeftShift", "TTT", "self:i shiftBits:i out:i", .all, leftShift),
        .elementwise("aclnnRightShift", "TTT", "input:i shiftBits:i out:i", .all, rightShift),
    ]

    private static let powers: [Operation] = [
        .elementwise("aclnnPowTensorScalar", "TST", "self exponent out", .all, powerScalar),
        .elementwise("aclnnInplacePowTensorScalar", "TS", "self exponent", .all, powerScalar),
        .elementwise("aclnnPowTensorTensor", "TTT", "self exponent out", .all, power),
        .elementwise("aclnnInplacePowTensorTensor", "TT", "self exponent", .all, power),
        .elementwise("aclnnPowScalarTensor", "STT", "self exponent out", .all, scalarPower),
    ]

    private static let clamps: [Operation] = [
        clamp("aclnnClamp", "TSST", "self clipValueMin? clipValueMax? out", low: 1, high: 2),
        clamp("aclnnHardtanh", "TSST", "self clipValueMin clipValueMax out", low: 1, high: 2),
        clamp(
            "aclnnInplaceHardtanh", "TSS", "selfRef clipValueMin clipValueMax", low: 1, high: 2),
        clamp("aclnnClampMin", "TST", "self clipValueMin out", low: 1, high: nil),
        clamp("aclnnClampMax", "TST", "self clipValueMax out", low: nil, high: 1),
        clamp("aclnnInplaceClampMax", "TS", "selfRef clipValueMax", low: nil, high: 1),
        .elementwise("aclnnClampTensor", "TTTT", "self min max out", .all, clampTensor),
        .elementwise("aclnnClampMinTensor", "TTT", "self clipValueMin out", .all, maximum),
        .elementwise("aclnnInplaceClampMinTensor", "TT", "selfRef clipValueMin", .all, maximum),
        .elementwise("aclnnClampMaxTensor", "TTT", "self max out", .all, minimum),
        .elementwise("aclnnInplaceClampMaxTensor", "TT", "selfRef max", .all, minimum),
    ]

    /// Clamping between scalars, each of which may be missing.
    private static func clamp(
        _ name: String, _ classes: String, _ parameters: String, low: Int?, high: Int?
    ) -> Operation {
        let result = name.hasPrefix("aclnnInplace") ? 0 : classes.utf8.count - 1
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireSameShape(0, as: result)
            },
            run: { arguments in
                let input = arguments.tensor(0)
                let output = arguments.tensor(result)
                var walk = Walk(result: output)
                walk.append(input)
                walk.collapse()
                let low = low.flatMap { arguments.optionalScalar($0) }
                let high = high.flatMap { arguments.optionalScalar($0) }
                var arithmetic = max(input.type.arithmetic, output.type.arithmetic)
                let exact = (low?.isIntegral ?? true) && (high?.isIntegral ?? true)
                if arithmetic == .integer && !exact { arithmetic = .single }
                let infinity = ScalarValue(
                    double: .infinity, integer: .max, isFloating: arithmetic != .integer)
                let negative = ScalarValue(
                    double: -.infinity, integer: .min, isFloating: arithmetic != .integer)
                clampScalars.run(walk, arithmetic, [low ?? negative, high ?? infinity, .zero])
            })
    }
}

@inline(__always)
private func clamped<C: Computable>(_ x: C, _ low: C, _ high: C) -> C {
    let raised = x < low ? low : x
    return raised > high ? high : raised
}

private let clampScalars = Kernels(
    single: { l in l.each { clamped($0, l.s, l.t) } },
    double: { l in l.each { clamped($0, l.s, l.t) } },
    integer: { l in l.each { clamped($0, l.s, l.t) } })

private let clampTensor = Kernels(
    single: { l in l.each { clamped($0, $1, $2) } },
    double: { l in l.each { clamped($0, $1, $2) } },
    integer: { l in l.each { clamped($0, $1, $2) } })

/// Wraps on overflow; a negative exponent gives what the truncated quotient would be.
private func integerPower(_ base: Int64, _ exponent: Int64) -> Int64 {
    if exponent < 0 { return base == 1 ? 1 : base == -1 ? (exponent & 1 == 0 ? 1 : -1) : 0 }
    var (result, factor, rest) = (Int64(1), base, exponent)
    while rest > 0 {
        if rest & 1 == 1 { result = result &* factor }
        factor = factor &* factor
        rest >>= 1
    }
    return result
}

/// Powers that programs use most need no logarithm.
let powerScalar = Kernels(
    single: { l in
        switch l.s {
        case 2: l.vector { $0 * $0 }
        case 3: l.vector { $0 * $0 * $0 }
        case 1: l.vector { $0 }
        case 0.5: l.each { $0.squareRoot() }
        case -1: l.vector { Single8(repeating: 1) / $0 }
        case -0.5: l.each { 1 / $0.squareRoot() }
        default: l.each { Glibc.pow($0, l.s) }
        }
    },
    double: { l in l.each { Glibc.pow($0, l.s) } },
    integer: { l in l.each { integerPower($0, l.s) } })

private let power = Kernels(
    single: { l in l.each { Glibc.pow($0, $1) } }, double: { l in l.each { Glibc.pow($0, $1) } },
    integer: { l in l.each { integerPower($0, $1) } })

private let scalarPower = Kernels(
    single: { l in l.each { Glibc.pow(l.s, $0) } }, double: { l in l.each { Glibc.pow(l.s, $0) } },
    integer: { l in l.each { integerPower(l.s, $0) } })

private let angle = Kernels(
    single: { l in l.each { Glibc.atan2($0, $1) } }, double: { l in l.each { Glibc.atan2($0, $1) } }
)

/// x · log(y), and 0 where x is 0.
private let timesLogarithm = Kernels(
    single: { l in l.each { $1 != $1 ? $1 : $0 == 0 ? 0 : $0 * Glibc.log($1) } },
    double: { l in l.each { $1 != $1 ? $1 : $0 == 0 ? 0 : $0 * Glibc.log($1) } })

private let leftShift = Kernels(integer: { l in l.each { $1 < 0 || $1 > 63 ? 0 : $0 << $1 } })

private let rightShift = Kernels(integer: { l in
    l.each { $1 < 0 || $1 > 63 ? ($0 < 0 ? -1 : 0) : $0 >> $1 }
})
