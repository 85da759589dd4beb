/// Sums, products, quotients.
enum ArithmeticOperations {
    static let all: [Operation] = sums + differences + products + quotients + fused

    private static let sums: [Operation] = [
        .elementwise("aclnnAdd", "TTST", "self other alpha out", .all, add),
        .elementwise("aclnnInplaceAdd", "TTS", "selfRef other alpha", .all, add),
        .elementwise("aclnnAdds", "TSST", "self other alpha out", .all, addScalar),
        .elementwise("aclnnInplaceAdds", "TSS", "selfRef other alpha", .all, addScalar),
    ]

    private static let differences: [Operation] = [
        .elementwise("aclnnSub", "TTST", "self other alpha out", .all, subtract),
        .elementwise("aclnnInplaceSub", "TTS", "selfRef other alpha", .all, subtract),
        .elementwise("aclnnSubs", "TSST", "self other alpha out", .all, subtractScalar),
        .elementwise("aclnnInplaceSubs", "TSS", "selfRef other alpha", .all, subtractScalar),
        .elementwise("aclnnRsub", "TTST", "self other alpha out", .all, subtractFrom),
        .elementwise("aclnnRsubs", "TSST", "self other alpha out", .all, subtractFromScalar),
        .elementwise("aclnnNeg", "TT", "self:fdi out:fdi", .all, negate),
        .elementwise("aclnnInplaceNeg", "T", "selfRef:fdi", .all, negate),
    ]

    private static let products: [Operation] = [
        .elementwise("aclnnMul", "TTT", "self other out", .all, multiply),
        .elementwise("aclnnInplaceMul", "TT", "selfRef other", .all, multiply),
        .elementwise("aclnnMuls", "TST", "self other out", .all, multiplyScalar),
        .elementwise("aclnnInplaceMuls", "TS", "selfRef other", .all, multiplyScalar),
    ]

    private static let quotients: [Operation] = [
        .elementwise("aclnnDiv", "TTT", "self other out:fd", .floating, divide),
        .elementwise("aclnnInplaceDiv", "TT", "selfRef:fd other", .floating, divide),
        .elementwise("aclnnDivs", "TST", "self other out:fd", .floating, divideScalar),
        .elementwise("aclnnInplaceDivs", "TS", "selfRef:fd other", .floating, divideScalar),
        .elementwise("aclnnDivMod", "TTwT", "self other mode out", .all, divideRounded),
        .elementwise("aclnnInplaceDivMod", "TTw", "selfRef other mode", .all, divideRounded),
        .elementwise("aclnnDivMods", "TSwT", "self other mode out", .all, divideScalarRounded),
        .elementwise("aclnnInplaceDivMods", "TSw", "selfRef other mode", .all, divideScalarRounded),
        .elementwise("aclnnFloorDivide", "TTT", "self other out", .all, floorDivide),
        .elementwise("aclnnFloorDivides", "TST", "self other out", .all, floorDivideScalar),
        .elementwise("aclnnRemainderTensorTensor", "TTT", "self other out", .all, remainder),
        .elementwise("aclnnRemainderTensorScalar", "TST", "self other out", .all, remainderScalar),
        .elementwise("aclnnFmodTensor", "TTT", "self other out", .all, fmod),
        .elementwise("aclnnFmodScalar", "TST", "self other out", .all, fmodScalar),
    ]

    private static let fused: [Operation] = [
        .elementwise("aclnnAddcmul", "TTTST", "self tensor1 tensor2 value out", .all, addProduct),
        .elementwise(
            "aclnnInplaceAddcmul", "TTTS", "selfRef tensor1 tensor2 value", .all, addProduct),
        .elementwise(
            "aclnnAddcdiv", "TTTST", "self:fd tensor1:fd tensor2:fd value out:fd", .all,
            addQuotient),
        .elementwise(
            "aclnnInplaceAddcdiv", "TTTS", "selfRef:fd tensor1:fd tensor2:fd value", .all,
            addQuotient),
        .elementwise("aclnnLerp", "TTTT", "self:fd end:fd weight:fd out:fd", .all, lerp),
        .elementwise("aclnnInplaceLerp", "TTT", "selfRef:fd end:fd weight:fd", .all, lerp),
        .elementwise("aclnnLerps", "TTST", "self:fd end:fd weight out:fd", .all, lerpScalar),
        .elementwise("aclnnInplaceLerps", "TTS", "selfRef:fd end:fd weight", .all, lerpScalar),
    ]
}

// Kernels that the list operations use too.

let add = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        l.vector { (a: Single8, b: Single8) in a + b * s }
    },
    double: { l in l.each { $0 + $1 * l.s } },
    integer: { l in l.each { $0 &+ $1 &* l.s } })

/// With the list operations' single scalar.
let addOneScalar = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        l.vector { $0 + s }
    },
    double: { l in l.each { $0 + l.s } },
    integer: { l in l.each { $0 &+ l.s } })

private let addScalar = Kernels(
    single: { l in
        let s = Single8(repeating: l.s * l.t)
        l.vector { $0 + s }
    },
    double: { l in l.each { $0 + l.s * l.t } },
    integer: { l in l.each { $0 &+ l.s &* l.t } })

let subtract = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        l.vector { (a: Single8, b: Single8) in a - b * s }
    },
    double: { l in l.each { $0 - $1 * l.s } },
    integer: { l in l.each { $0 &- $1 &* l.s } })

let subtractOneScalar = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        l.vector { $0 - s }
    },
    double: { l in l.each { $0 - l.s } },
    integer: { l in l.each { $0 &- l.s } })

private let subtractScalar = Kernels(
    single: { l in
        let s = Single8(repeating: l.s * l.t)
        l.vector { $0 - s }
    },
    double: { l in l.each { $0 - l.s * l.t } },
    integer: { l in l.each { $0 &- l.s &* l.t } })

private let subtractFrom = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        l.vector { (a: Single8, b: Single8) in b - a * s }
    },
    double: { l in l.each { $1 - $0 * l.s } },
    integer: { l in l.each { $1 &- $0 &* l.s } })

private let subtractFromScalar = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        let t = Single8(repeating: l.t)
        l.vector { s - $0 * t }
    },
    double: { l in l.each { l.s - $0 * l.t } },
    integer: { l in l.each { l.s &- $0 &* l.t } })

let negate = Kernels(
    single: { l in l.vector { -$0 } },
    double: { l in l.each { -$0 } },
    integer: { l in l.each { 0 &- $0 } })

let multiply = Kernels(
    single: { l in l.vector { (a: Single8, b: Single8) in a * b } },
    double: { l in l.each { $0 * $1 } },
    integer: { l in l.each { $0 &* $1 } })

let multiplyScalar = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        l.vector { $0 * s }
    },
    double: { l in l.each { $0 * l.s } },
    integer: { l in l.each { $0 &* l.s } })

let divide = Kernels(
    single: { l in l.vector { (a: Single8, b: Single8) in a / b } },
    double: { l in l.each { $0 / $1 } })

let divideScalar = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        l.vector { $0 / s }
    },
    double: { l in l.each { $0 / l.s } })

let addProduct = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        l.vector { (a: Single8, b: Single8, c: Single8) in a + s * b * c }
    },
    double: { l in l.each { $0 + l.s * $1 * $2 } },
    integer: { l in l.each { $0 &+ l.s &* $1 &* $2 } })

let addQuotient = Kernels(
    single: { l in
        let s = Single8(repeating: l.s)
        l.vector { (a: Single8, b: Single8, c: Single8) in a + s * b / c }
    },
    double: { l in l.each { $0 + l.s * $1 / $2 } })

/// As PyTorch: from the nearer end, so that weight 1 gives the end exactly.
@inline(__always)
private func interpolate(_ a: Single8, _ b: Single8, _ w: Single8) -> Single8 {
    let one = Single8(repeating: 1)
    let distance = b - a
    let near = a + w * distance
    let far = b - distance * (one - w)
    let isNear = (w .< Single8(repeating: 0.5)) .& (w .> Single8(repeating: -0.5))
    return far.replacing(with: near, where: isNear)
}

@inline(__always)
private func interpolate(_ a: Double, _ b: Double, _ w: Double) -> Double {
    abs(w) < 0.5 ? a + w * (b - a) : b - (b - a) * (1 - w)
}

let lerp = Kernels(
    single: { l in
        l.vector { (a: Single8, b: Single8, w: Single8) in interpolate(a, b, w) }
    },
    double: { l in l.each { interpolate($0, $1, $2) } })

let lerpScalar = Kernels(
    single: { l in
        let w = Single8(repeating: l.s)
        l.vector { (a: Single8, b: Single8) in interpolate(a, b, w) }
    },
    double: { l in l.each { interpolate($0, $1, l.s) } })
