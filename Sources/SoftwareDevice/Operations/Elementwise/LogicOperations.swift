/// Bitwise and logical operations, masks.
enum LogicOperations {
    static let all: [Operation] = bitwise + logical + masks

    private static let bitwise: [Operation] = [
        .elementwise("aclnnBitwiseAndTensor", "TTT", "self:ib other:ib out:ib", .all, and),
        .elementwise("aclnnInplaceBitwiseAndTensor", "TT", "selfRef:ib other:ib", .all, and),
        .elementwise("aclnnBitwiseOrTensor", "TTT", "self:ib other:ib out:ib", .all, or),
        .elementwise("aclnnInplaceBitwiseOrTensor", "TT", "selfRef:ib other:ib", .all, or),
        .elementwise("aclnnBitwiseXorTensor", "TTT", "self:ib other:ib out:ib", .all, xor),
        .elementwise("aclnnInplaceBitwiseXorTensor", "TT", "selfRef:ib other:ib", .all, xor),
        .elementwise("aclnnBitwiseAndScalar", "TST", "self:ib other out:ib", .all, andScalar),
        .elementwise("aclnnInplaceBitwiseAndScalar", "TS", "selfRef:ib other", .all, andScalar),
        .elementwise("aclnnBitwiseOrScalar", "TST", "self:ib other out:ib", .all, orScalar),
        .elementwise("aclnnInplaceBitwiseOrScalar", "TS", "selfRef:ib other", .all, orScalar),
        .elementwise("aclnnBitwiseXorScalar", "TST", "self:ib other out:ib", .all, xorScalar),
        .elementwise("aclnnInplaceBitwiseXorScalar", "TS", "selfRef:ib other", .all, xorScalar),
        .bitwiseNot,
    ]

    private static let logical: [Operation] = [
        .elementwise("aclnnLogicalAnd", "TTT", "self other out", .inputs, logicalAnd),
        .elementwise("aclnnInplaceLogicalAnd", "TT", "selfRef other", .inputs, logicalAnd),
        .elementwise("aclnnLogicalOr", "TTT", "self other out", .inputs, logicalOr),
        .elementwise("aclnnInplaceLogicalOr", "TT", "selfRef other", .inputs, logicalOr),
        .elementwise("aclnnLogicalXor", "TTT", "self other out", .inputs, logicalXor),
        .elementwise("aclnnLogicalNot", "TT", "self out", .inputs, logicalNot),
        .elementwise("aclnnInplaceLogicalNot", "T", "selfRef", .inputs, logicalNot),
        .elementwise("aclnnIsFinite", "TT", "self out", .inputs, isFinite),
        .elementwise("aclnnIsInf", "TT", "x out", .inputs, isInfinite),
        .elementwise("aclnnIsPosInf", "TT", "self out", .inputs, isPositiveInfinity),
        .elementwise("aclnnIsNegInf", "TT", "self out", .inputs, isNegativeInfinity),
    ]

    private static let masks: [Operation] = [
        .elementwise(
            "aclnnInplaceMaskedFillScalar", "TTS", "selfRef mask:ib value", .all, fillWhere),
        .elementwise(
            "aclnnInplaceMaskedFillTensor", "TTT", "selfRef mask:ib value", .all, fillWhereTensor),
    ]
}

private let and = Kernels(integer: { l in l.each { $0 & $1 } })
private let or = Kernels(integer: { l in l.each { $0 | $1 } })
private let xor = Kernels(integer: { l in l.each { $0 ^ $1 } })
private let andScalar = Kernels(integer: { l in l.each { $0 & l.s } })
private let orScalar = Kernels(integer: { l in l.each { $0 | l.s } })
private let xorScalar = Kernels(integer: { l in l.each { $0 ^ l.s } })
private let complement = Kernels(integer: { l in l.each { ~$0 } })

private let logicalAnd = Kernels(
    single: { l in l.each { $0 != 0 && $1 != 0 ? 1 : 0 } },
    double: { l in l.each { $0 != 0 && $1 != 0 ? 1 : 0 } },
    integer: { l in l.each { $0 != 0 && $1 != 0 ? 1 : 0 } })

private let logicalOr = Kernels(
    single: { l in l.each { $0 != 0 || $1 != 0 ? 1 : 0 } },
    double: { l in l.each { $0 != 0 || $1 != 0 ? 1 : 0 } },
    integer: { l in l.each { $0 != 0 || $1 != 0 ? 1 : 0 } })

private let logicalXor = Kernels(
    single: { l in l.each { ($0 != 0) != ($1 != 0) ? 1 : 0 } },
    double: { l in l.each { ($0 != 0) != ($1 != 0) ? 1 : 0 } },
    integer: { l in l.each { ($0 != 0) != ($1 != 0) ? 1 : 0 } })

private let logicalNot = Kernels(
    single: { l in l.each { $0 == 0 ? 1 : 0 } },
    double: { l in l.each { $0 == 0 ? 1 : 0 } },
    integer: { l in l.each { $0 == 0 ? 1 : 0 } })

private let isFinite = Kernels(
    single: { l in l.each { $0.isFinite ? 1 : 0 } },
    double: { l in l.each { $0.isFinite ? 1 : 0 } },
    integer: { l in l.each { _ in 1 } })

private let isInfinite = Kernels(
    single: { l in l.each { $0.isInfinite ? 1 : 0 } },
    double: { l in l.each { $0.isInfinite ? 1 : 0 } },
    integer: { l in l.each { _ in 0 } })

private let isPositiveInfinity = Kernels(
    single: { l in l.each { $0 == .infinity ? 1 : 0 } },
    double: { l in l.each { $0 == .infinity ? 1 : 0 } },
    integer: { l in l.each { _ in 0 } })

private let isNegativeInfinity = Kernels(
    single: { l in l.each { $0 == -.infinity ? 1 : 0 } },
    double: { l in l.each { $0 == -.infinity ? 1 : 0 } },
    integer: { l in l.each { _ in 0 } })

private let fillWhere = Kernels(
    single: { l in l.each { $1 != 0 ? l.s : $0 } },
    double: { l in l.each { $1 != 0 ? l.s : $0 } },
    integer: { l in l.each { $1 != 0 ? l.s : $0 } })

private let fillWhereTensor = Kernels(
    single: { l in l.each { $1 != 0 ? $2 : $0 } },
    double: { l in l.each { $1 != 0 ? $2 : $0 } },
    integer: { l in l.each { $1 != 0 ? $2 : $0 } })

extension Operation {
    /// Of truth values the opposite, of integers the complement.
    fileprivate static let bitwiseNot = define(
        "aclnnBitwiseNot", "TT", "self:ib out:ib",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireSameShape(0, as: 1)
        },
        run: { arguments in
            let (input, result) = (arguments.tensor(0), arguments.tensor(1))
            var walk = Walk(result: result)
            walk.append(input)
            walk.collapse()
            let kernels = input.type == .bool ? logicalNot : complement
            kernels.run(walk, .integer, InlineArray(repeating: .zero))
        })
}
