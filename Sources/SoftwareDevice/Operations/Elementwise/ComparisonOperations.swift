/// Comparisons: their results are 0 and 1, stored as whatever the result tensor holds.
enum ComparisonOperations {
    static let all: [Operation] = [
        .elementwise("aclnnEqTensor", "TTT", "self other out", .inputs, equal),
        .elementwise("aclnnNeTensor", "TTT", "self other out", .inputs, unequal),
        .elementwise("aclnnLtTensor", "TTT", "self other out", .inputs, less),
        .elementwise("aclnnLeTensor", "TTT", "self other out", .inputs, lessOrEqual),
        .elementwise("aclnnGtTensor", "TTT", "self other out", .inputs, greater),
        .elementwise("aclnnGeTensor", "TTT", "self other out", .inputs, greaterOrEqual),
        .elementwise("aclnnEqScalar", "TST", "self other out", .inputs, equalScalar),
        .elementwise("aclnnNeScalar", "TST", "self other out", .inputs, unequalScalar),
        .elementwise("aclnnLtScalar", "TST", "self other out", .inputs, lessScalar),
        .elementwise("aclnnLeScalar", "TST", "self other out", .inputs, lessOrEqualScalar),
        .elementwise("aclnnGtScalar", "TST", "self other out", .inputs, greaterScalar),
        .elementwise("aclnnGeScalar", "TST", "self other out", .inputs, greaterOrEqualScalar),
        .elementwise("aclnnInplaceEqTensor", "TT", "selfRef other", .inputs, equal),
        .elementwise("aclnnInplaceNeTensor", "TT", "selfRef other", .inputs, unequal),
        .elementwise("aclnnInplaceLtTensor", "TT", "selfRef other", .inputs, less),
        .elementwise("aclnnInplaceLeTensor", "TT", "selfRef other", .inputs, lessOrEqual),
        .elementwise("aclnnInplaceGtTensor", "TT", "selfRef other", .inputs, greater),
        .elementwise("aclnnInplaceGeTensor", "TT", "selfRef other", .inputs, greaterOrEqual),
        .elementwise("aclnnInplaceEqScalar", "TS", "selfRef other", .inputs, equalScalar),
        .elementwise("aclnnInplaceNeScalar", "TS", "selfRef other", .inputs, unequalScalar),
        .elementwise("aclnnInplaceLtScalar", "TS", "selfRef other", .inputs, lessScalar),
        .elementwise("aclnnInplaceLeScalar", "TS", "selfRef other", .inputs, lessOrEqualScalar),
        .elementwise("aclnnInplaceGtScalar", "TS", "selfRef other", .inputs, greaterScalar),
        .elementwise("aclnnInplaceGeScalar", "TS", "selfRef other", .inputs, greaterOrEqualScalar),
        .elementwise("aclnnMaximum", "TTT", "self other out", .all, maximum),
        .elementwise("aclnnMinimum", "TTT", "self other out", .all, minimum),
        .elementwise("aclnnSWhere", "TTTT", "condition self other out", .all, select),
    ]
}

/// A comparison in all three arithmetics; the compiler makes loops of the closures, which are
/// inlined.
@inline(__always)
private func comparison(
    _ single: @escaping @Sendable (Float, Float) -> Bool,
    _ double: @escaping @Sendable (Double, Double) -> Bool,
    _ integer: @escaping @Sendable (Int64, Int64) -> Bool
) -> Kernels {
    Kernels(
        single: { l in l.each { single($0, $1) ? 1 : 0 } },
        double: { l in l.each { double($0, $1) ? 1 : 0 } },
        integer: { l in l.each { integer($0, $1) ? 1 : 0 } })
}

@inline(__always)
private func comparisonScalar(
    _ single: @escaping @Sendable (Float, Float) -> Bool,
    _ double: @escaping @Sendable (Double, Double) -> Bool,
    _ integer: @escaping @Sendable (Int64, Int64) -> Bool
) -> Kernels {
    Kernels(
        single: { l in l.each { single($0, l.s) ? 1 : 0 } },
        double: { l in l.each { double($0, l.s) ? 1 : 0 } },
        integer: { l in l.each { integer($0, l.s) ? 1 : 0 } })
}

private let equal = comparison({ $0 == $1 }, { $0 == $1 }, { $0 == $1 })
private let unequal = comparison({ $0 != $1 }, { $0 != $1 }, { $0 != $1 })
private let less = comparison({ $0 < $1 }, { $0 < $1 }, { $0 < $1 })
private let lessOrEqual = comparison({ $0 <= $1 }, { $0 <= $1 }, { $0 <= $1 })
private let greater = comparison({ $0 > $1 }, { $0 > $1 }, { $0 > $1 })
private let greaterOrEqual = comparison({ $0 >= $1 }, { $0 >= $1 }, { $0 >= $1 })
private let equalScalar = comparisonScalar({ $0 == $1 }, { $0 == $1 }, { $0 == $1 })
private let unequalScalar = comparisonScalar({ $0 != $1 }, { $0 != $1 }, { $0 != $1 })
private let lessScalar = comparisonScalar({ $0 < $1 }, { $0 < $1 }, { $0 < $1 })
private let lessOrEqualScalar = comparisonScalar({ $0 <= $1 }, { $0 <= $1 }, { $0 <= $1 })
private let greaterScalar = comparisonScalar({ $0 > $1 }, { $0 > $1 }, { $0 > $1 })
private let greaterOrEqualScalar = comparisonScalar({ $0 >= $1 }, { $0 >= $1 }, { $0 >= $1 })

/// Not-a-number wins, as in PyTorch.
let maximum = Kernels(
    single: { l in l.each { $0 > $1 || $0 != $0 ? $0 : $1 } },
    double: { l in l.each { $0 > $1 || $0 != $0 ? $0 : $1 } },
    integer: { l in l.each { $0 > $1 ? $0 : $1 } })

let minimum = Kernels(
    single: { l in l.each { $0 < $1 || $0 != $0 ? $0 : $1 } },
    double: { l in l.each { $0 < $1 || $0 != $0 ? $0 : $1 } },
    integer: { l in l.each { $0 < $1 ? $0 : $1 } })

private let select = Kernels(
    single: { l in l.each { $0 != 0 ? $1 : $2 } },
    double: { l in l.each { $0 != 0 ? $1 : $2 } },
    integer: { l in l.each { $0 != 0 ? $1 : $2 } })
