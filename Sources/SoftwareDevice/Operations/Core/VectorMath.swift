// Functions of eight floats at a time, accurate to about one unit in the last place, the same on
// every machine.

@inline(__always)
private func both(_ a: SIMDMask<SIMD8<Int32>>, _ yes: Single8, _ no: Single8) -> Single8 {
    no.replacing(with: yes, where: a)
}

@inline(__always)
private func bits(_ x: Single8) -> SIMD8<UInt32> { unsafe unsafeBitCast(x, to: SIMD8<UInt32>.self) }

@inline(__always)
private func floats(_ x: SIMD8<UInt32>) -> Single8 { unsafe unsafeBitCast(x, to: Single8.self) }

/// 2 to the power of integers in −127…127, given as floats.
@inline(__always)
private func powerOfTwo(_ n: Single8) -> Single8 {
    // Adding 2^23 + 127 leaves n + 127 in the low bits; shifted, it is the exponent.
    let biased = bits(n + Single8(repeating: 0x1p23 + 127))
    return floats(biased &<< SIMD8<UInt32>(repeating: 23))
}

@inline(__always)
private func roundedToEven(_ x: Single8) -> Single8 {
    let magic = Single8(repeating: 0x1.8p23)
    return (x + magic) - magic
}

@inline(__always)
func vectorExp(_ input: Single8) -> Single8 {
    var x = input
    let high = Single8(repeating: 89)
    let low = Single8(repeating: -104)
    x = both(x .> high, high, x)
    x = both(x .< low, low, x)
    let n = roundedToEven(x * Single8(repeating: 1.44269504))
    var r = x - n * Single8(repeating: 0.693359375)
    r = r - n * Single8(repeating: -2.12194440e-4)
    var p = r * Single8(repeating: 1.9875691500e-4) + Single8(repeating: 1.3981999507e-3)
    p = p * r + Single8(repeating: 8.3334519073e-3)
    p = p * r + Single8(repeating: 4.1665795894e-2)
    p = p * r + Single8(repeating: 1.6666665459e-1)
    p = p * r + Single8(repeating: 5.0000001201e-1)
    p = p * (r * r) + r + Single8(repeating: 1)
    // In two steps, so that results below the smallest normal number are right too.
    let half = roundedToEven(n * Single8(repeating: 0.5))
    return p * powerOfTwo(half) * powerOfTwo(n - half)
}

@inline(__always)
func vectorSigmoid(_ x: Single8) -> Single8 {
    let one = Single8(repeating: 1)
    return one / (one + vectorExp(-x))
}

@inline(__always)
func vectorTanh(_ x: Single8) -> Single8 {
    let magnitude = floats(bits(x) & SIMD8<UInt32>(repeating: 0x7FFF_FFFF))
    let one = Single8(repeating: 1)
    let large = one - Single8(repeating: 2) / (vectorExp(magnitude + magnitude) + one)
    let signed = floats(bits(large) | (bits(x) & SIMD8<UInt32>(repeating: 0x8000_0000)))
    let z = x * x
    var p = z * Single8(repeating: -5.70498872745e-3) + Single8(repeating: 2.06390887954e-2)
    p = p * z + Single8(repeating: -5.37397155531e-2)
    p = p * z + Single8(repeating: 1.33314422036e-1)
    p = p * z + Single8(repeating: -3.33332819422e-1)
    let small = p * z * x + x
    return both(magnitude .< Single8(repeating: 0.625), small, signed)
}

/// A polynomial in x², fitted for |x| < 1.
@inline(__always)
private func erfSmall(_ x: Single8, _ z: Single8) -> Single8 {
    var p = z * Single8(repeating: 7.88911958e-05) + Single8(repeating: -0.000802084129)
    p = p * z + Single8(repeating: 0.00518953534)
    p = p * z + Single8(repeating: -0.0268544446)
    p = p * z + Single8(repeating: 0.112836002)
    p = p * z + Single8(repeating: -0.376126271)
    p = p * z + Single8(repeating: 1.12837917)
    return p * x
}

/// The error function; beyond 1 by erfc(x) = exp(−x²) · q(1 / (1 + x/2)) with a fitted q.
@inline(__always)
func vectorErf(_ x: Single8) -> Single8 {
    let magnitude = floats(bits(x) & SIMD8<UInt32>(repeating: 0x7FFF_FFFF))
    let z = x * x
    let one = Single8(repeating: 1)
    let t = one / (one + magnitude * Single8(repeating: 0.5))
    var q = t * Single8(repeating: -0.230801658) + Single8(repeating: 0.636679986)
    q = q * t + Single8(repeating: -0.0644605832)
    q = q * t + Single8(repeating: 0.396802049)
    q = q * t + Single8(repeating: 0.259700621)
    q = q * t + Single8(repeating: 0.001822481)
    let large = one - q * vectorExp(-z)
    let signed = floats(bits(large) | (bits(x) & SIMD8<UInt32>(repeating: 0x8000_0000)))
    return both(magnitude .< one, erfSmall(x, z), signed)
}

/// The error function to 4·10⁻⁷ by one fraction of polynomials in x²: what GELU needs at half the
/// time.
@inline(__always)
private func quickErf(_ input: Single8) -> Single8 {
    let limit = Single8(repeating: 4)
    let x = both(input .> limit, limit, both(input .< -limit, -limit, input))
    let z = x * x
    var p = z * Single8(repeating: 1.98676339e-06) + Single8(repeating: 0.000284561994)
    p = p * z + Single8(repeating: 0.00388327384)
    p = p * z + Single8(repeating: 0.0531015263)
    p = p * z + Single8(repeating: 0.193543775)
    p = p * z + Single8(repeating: 1.12837914)
    var q = z * Single8(repeating: 3.74197699e-05) + Single8(repeating: 0.00118554966)
    q = q * z + Single8(repeating: 0.0152071141)
    q = q * z + Single8(repeating: 0.115349423)
    q = q * z + Single8(repeating: 0.504856261)
    q = q * z + Single8(repeating: 1)
    let value = x * p / q
    let one = Single8(repeating: 1)
    return both(value .> one, one, both(value .< -one, -one, value))
}

/// GELU: x · Φ(x).
@inline(__always)
func vectorGelu(_ x: Single8) -> Single8 {
    let half = Single8(repeating: 0.5)
    return half * x * (Single8(repeating: 1) + quickErf(x * Single8(repeating: 0.707106781)))
}

/// The derivative of GELU: Φ(x) + x · φ(x).
@inline(__always)
func vectorGeluSlope(_ x: Single8) -> Single8 {
    let half = Single8(repeating: 0.5)
    let one = Single8(repeating: 1)
    let cumulative = half * (one + quickErf(x * Single8(repeating: 0.707106781)))
    let density = vectorExp(x * x * Single8(repeating: -0.5)) * Single8(repeating: 0.398942280)
    return cumulative + x * density
}

/// The argument of tanh in GELU's approximation: √(2/π) · (x + 0.044715 x³).
@inline(__always)
private func geluInner(_ x: Single8) -> Single8 {
    let cube = x * x * x
    return (x + cube * Single8(repeating: 0.044715)) * Single8(repeating: 0.797884561)
}

@inline(__always)
func vectorGeluTanh(_ x: Single8) -> Single8 {
    let one = Single8(repeating: 1)
    return Single8(repeating: 0.5) * x * (one + vectorTanh(geluInner(x)))
}

@inline(__always)
func vectorGeluTanhSlope(_ x: Single8) -> Single8 {
    let one = Single8(repeating: 1)
    let half = Single8(repeating: 0.5)
    let tanh = vectorTanh(geluInner(x))
    let inner = (one + x * x * Single8(repeating: 3 * 0.044715)) * Single8(repeating: 0.797884561)
    return half * (one + tanh) + half * x * (one - tanh * tanh) * inner
}
