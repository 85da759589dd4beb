// Quotients that are rounded and their remainders. Integer division by zero, which is undefined in
// AscendCL, gives 0.

@inline(__always)
private func truncatedQuotient(_ a: Int64, _ b: Int64) -> Int64 {
    b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
}

@inline(__always)
private func floorQuotient(_ a: Int64, _ b: Int64) -> Int64 {
    let quotient = truncatedQuotient(a, b)
    return quotient &* b != a && (a < 0) != (b < 0) && b != 0 ? quotient &- 1 : quotient
}

@inline(__always)
private func truncatedRemainder(_ a: Int64, _ b: Int64) -> Int64 {
    b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
}

@inline(__always)
private func floorRemainder(_ a: Int64, _ b: Int64) -> Int64 {
    let rest = truncatedRemainder(a, b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest &+ b : rest
}

/// As Python's: from the exact remainder, so that no rounding of the quotient shows.
@inline(__always)
private func floorQuotient<F: BinaryFloatingPoint>(_ a: F, _ b: F) -> F {
    if b == 0 { return a / b }
    let rest = a.truncatingRemainder(dividingBy: b)
    var quotient = (a - rest) / b
    if rest != 0 && (b < 0) != (rest < 0) { quotient -= 1 }
    if quotient == 0 { return 0 * a / b }
    let floor = quotient.rounded(.down)
    return quotient - floor > 0.5 ? floor + 1 : floor
}

@inline(__always)
private func floorRemainder<F: BinaryFloatingPoint>(_ a: F, _ b: F) -> F {
    let rest = a.truncatingRemainder(dividingBy: b)
    return rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest
}

/// Rounding as DivMod's mode says: 1 towards zero, 2 down, otherwise none.
@inline(__always)
private func quotient<F: BinaryFloatingPoint>(_ a: F, _ b: F, _ mode: F) -> F {
    if mode == 1 { return (a / b).rounded(.towardZero) }
    return mode == 2 ? floorQuotient(a, b) : a / b
}

@inline(__always)
private func quotient(_ a: Int64, _ b: Int64, _ mode: Int64) -> Int64 {
    mode == 2 ? floorQuotient(a, b) : truncatedQuotient(a, b)
}

let divideRounded = Kernels(
    single: { l in l.each { quotient($0, $1, l.s) } },
    double: { l in l.each { quotient($0, $1, l.s) } },
    integer: { l in l.each { quotient($0, $1, l.s) } })

let divideScalarRounded = Kernels(
    single: { l in l.each { quotient($0, l.s, l.t) } },
    double: { l in l.each { quotient($0, l.s, l.t) } },
    integer: { l in l.each { quotient($0, l.s, l.t) } })

let floorDivide = Kernels(
    single: { l in l.each { floorQuotient($0, $1) } },
    double: { l in l.each { floorQuotient($0, $1) } },
    integer: { l in l.each { floorQuotient($0, $1) } })

let floorDivideScalar = Kernels(
    single: { l in l.each { floorQuotient($0, l.s) } },
    double: { l in l.each { floorQuotient($0, l.s) } },
    integer: { l in l.each { floorQuotient($0, l.s) } })

let remainder = Kernels(
    single: { l in l.each { floorRemainder($0, $1) } },
    double: { l in l.each { floorRemainder($0, $1) } },
    integer: { l in l.each { floorRemainder($0, $1) } })

let remainderScalar = Kernels(
    single: { l in l.each { floorRemainder($0, l.s) } },
    double: { l in l.each { floorRemainder($0, l.s) } },
    integer: { l in l.each { floorRemainder($0, l.s) } })

let fmod = Kernels(
    single: { l in l.each { $0.truncatingRemainder(dividingBy: $1) } },
    double: { l in l.each { $0.truncatingRemainder(dividingBy: $1) } },
    integer: { l in l.each { truncatedRemainder($0, $1) } })

let fmodScalar = Kernels(
    single: { l in l.each { $0.truncatingRemainder(dividingBy: l.s) } },
    double: { l in l.each { $0.truncatingRemainder(dividingBy: l.s) } },
    integer: { l in l.each { truncatedRemainder($0, l.s) } })
