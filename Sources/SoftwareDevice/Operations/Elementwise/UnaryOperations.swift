import Glibc

/// Functions of one number.
enum UnaryOperations {
    static let all: [Operation] =
        pair("Exp", exponential) + pair("Log", scalar(Glibc.log, Glibc.log))
        + pair("Log2", scalar(Glibc.log2, Glibc.log2))
        + pair("Log10", scalar(Glibc.log10, Glibc.log10))
        + pair("Log1p", scalar(Glibc.log1p, Glibc.log1p))
        + pair("Expm1", scalar(Glibc.expm1, Glibc.expm1))
        + pair("Exp2", scalar(Glibc.exp2, Glibc.exp2))
        + pair("Sin", scalar(Glibc.sin, Glibc.sin)) + pair("Cos", scalar(Glibc.cos, Glibc.cos))
        + pair("Tan", scalar(Glibc.tan, Glibc.tan)) + pair("Asin", scalar(Glibc.asin, Glibc.asin))
        + pair("Acos", scalar(Glibc.acos, Glibc.acos))
        + pair("Atan", scalar(Glibc.atan, Glibc.atan))
        + pair("Sinh", scalar(Glibc.sinh, Glibc.sinh))
        + pair("Cosh", scalar(Glibc.cosh, Glibc.cosh)) + pair("Erf", errorFunction)
        + pair("Erfc", scalar(Glibc.erfc, Glibc.erfc)) + pair("Sqrt", squareRoot)
        + pair("Rsqrt", inverseSquareRoot) + pair("Reciprocal", reciprocal)
        + anyType + rounding

    /// The operation and its in-place form; integers become floating-point numbers.
    private static func pair(_ name: String, _ kernels: Kernels) -> [Operation] {
        [
            .elementwise("aclnn\(name)", "TT", "self out:fd", .floating, kernels),
            .elementwise("aclnnInplace\(name)", "T", "selfRef:fd", .floating, kernels),
        ]
    }

    private static let anyType: [Operation] = [
        .elementwise("aclnnAbs", "TT", "self out", .all, absolute),
        .elementwise("aclnnSign", "TT", "self result", .all, sign),
        .elementwise("aclnnSquare", "TT", "self out", .all, square),
        .elementwise(
            "aclnnNanToNum", "TfffT", "self nan posinf neginf out", .inputs, nanToNumber),
    ]

    private static let rounding: [Operation] = [
        .elementwise("aclnnFloor", "TT", "self out", .all, rounded(.down)),
        .elementwise("aclnnInplaceFloor", "T", "selfRef", .all, rounded(.down)),
        .elementwise("aclnnCeil", "TT", "self out", .all, rounded(.up)),
        .elementwise("aclnnInplaceCeil", "T", "selfRef", .all, rounded(.up)),
        .elementwise("aclnnRound", "TT", "self out", .all, rounded(.toNearestOrEven)),
        .elementwise("aclnnInplaceRound", "T", "selfRef", .all, rounded(.toNearestOrEven)),
        .elementwise("aclnnTrunc", "TT", "self out", .all, rounded(.towardZero)),
        .elementwise("aclnnInplaceTrunc", "T", "selfRef", .all, rounded(.towardZero)),
        .elementwise("aclnnFrac", "TT", "self:fd out:fd", .all, fraction),
    ]
}

/// A function of the C library.
private func scalar(
    _ single: @escaping @Sendable (Float) -> Float,
    _ double: @escaping @Sendable (Double) -> Double
) -> Kernels {
    Kernels(single: { l in l.each { single($0) } }, double: { l in l.each { double($0) } })
}

private func rounded(_ rule: FloatingPointRoundingRule) -> Kernels {
    Kernels(
        single: { l in l.each { $0.rounded(rule) } }, double: { l in l.each { $0.rounded(rule) } },
        integer: { l in l.each { $0 } })
}

let exponential = Kernels(
    single: { l in l.vector { vectorExp($0) } }, double: { l in l.each { Glibc.exp($0) } })

let logarithm = scalar(Glibc.log, Glibc.log)

private let errorFunction = Kernels(
    single: { l in l.vector { vectorErf($0) } }, double: { l in l.each { Glibc.erf($0) } })

let squareRoot = Kernels(
    single: { l in l.each { $0.squareRoot() } }, double: { l in l.each { $0.squareRoot() } })

private let inverseSquareRoot = Kernels(
    single: { l in l.each { 1 / $0.squareRoot() } },
    double: { l in l.each { 1 / $0.squareRoot() } })

let reciprocal = Kernels(
    single: { l in
        let one = Single8(repeating: 1)
        l.vector { one / $0 }
    },
    double: { l in l.each { 1 / $0 } })

let absolute = Kernels(
    single: { l in l.each { abs($0) } }, double: { l in l.each { abs($0) } },
    integer: { l in l.each { $0 < 0 ? 0 &- $0 : $0 } })

let sign = Kernels(
    single: { l in l.each { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 } },
    double: { l in l.each { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 } },
    integer: { l in l.each { $0.signum() } })

private let square = Kernels(
    single: { l in l.vector { $0 * $0 } }, double: { l in l.each { $0 * $0 } },
    integer: { l in l.each { $0 &* $0 } })

private let fraction = Kernels(
    single: { l in l.each { $0 - $0.rounded(.towardZero) } },
    double: { l in l.each { $0 - $0.rounded(.towardZero) } })

private let nanToNumber = Kernels(
    single: { l in
        l.each { $0 != $0 ? l.s : $0 == .infinity ? l.t : $0 == -.infinity ? l.u : $0 }
    },
    double: { l in
        l.each { $0 != $0 ? l.s : $0 == .infinity ? l.t : $0 == -.infinity ? l.u : $0 }
    },
    integer: { l in l.each { $0 } })
