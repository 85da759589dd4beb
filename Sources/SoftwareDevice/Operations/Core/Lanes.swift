/// Equally long runs of operands in the type that is computed in, and up to three scalars: what a
/// kernel gets. Inputs may be the result itself (in place), element by element.
// Safe to use: who makes one promises `count` elements behind each pointer, and `vector` and `each`
// stay within them.
@safe struct Lanes<C: Computable> {
    var out: UnsafeMutablePointer<C>
    var a: UnsafePointer<C>
    var b: UnsafePointer<C>
    var c: UnsafePointer<C>
    var count: Int
    var s: C
    var t: C
    var u: C
}

/// Computes `count` elements.
typealias Kernel<C: Computable> = @Sendable (Lanes<C>) -> Void

typealias Single8 = SIMD8<Float>

/// Eight elements wherever they lie.
@inline(__always)
func load8<C: SIMDScalar>(_ pointer: UnsafePointer<C>) -> SIMD8<C> {
    unsafe UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<C>.self)
}

@inline(__always)
func store8<C: SIMDScalar>(_ value: SIMD8<C>, _ pointer: UnsafeMutablePointer<C>) {
    unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: SIMD8<C>.self)
}

/// The first `count` (less than eight) elements, the rest zero.
@inline(__always)
func loadPart<C: SIMDScalar & Numeric>(_ pointer: UnsafePointer<C>, _ count: Int) -> SIMD8<C> {
    var value = SIMD8<C>(repeating: 0)
    for i in 0..<count { value[i] = unsafe pointer[i] }
    return value
}

@inline(__always)
func storePart<C: SIMDScalar>(
    _ value: SIMD8<C>, _ pointer: UnsafeMutablePointer<C>, _ count: Int
) {
    for i in 0..<count { unsafe pointer[i] = value[i] }
}

extension Lanes {
    /// Eight elements at a time; explicit, because a compiler must assume that in-place operands
    /// overlap.
    @inline(__always)
    func vector(_ f: (SIMD8<C>) -> SIMD8<C>) {
        let whole = count & ~7
        var i = 0
        while i < whole {
            unsafe store8(f(load8(a + i)), out + i)
            i &+= 8
        }
        if i < count { unsafe storePart(f(loadPart(a + i, count &- i)), out + i, count &- i) }
    }

    @inline(__always)
    func vector(_ f: (SIMD8<C>, SIMD8<C>) -> SIMD8<C>) {
        let whole = count & ~7
        var i = 0
        while i < whole {
            unsafe store8(f(load8(a + i), load8(b + i)), out + i)
            i &+= 8
        }
        let rest = count &- i
        if rest > 0 {
            unsafe storePart(f(loadPart(a + i, rest), loadPart(b + i, rest)), out + i, rest)
        }
    }

    @inline(__always)
    func vector(_ f: (SIMD8<C>, SIMD8<C>, SIMD8<C>) -> SIMD8<C>) {
        let whole = count & ~7
        var i = 0
        while i < whole {
            unsafe store8(f(load8(a + i), load8(b + i), load8(c + i)), out + i)
            i &+= 8
        }
        let rest = count &- i
        guard rest > 0 else { return }
        let value = unsafe f(loadPart(a + i, rest), loadPart(b + i, rest), loadPart(c + i, rest))
        unsafe storePart(value, out + i, rest)
    }

    @inline(__always)
    func each(_ f: (C) -> C) {
        for i in 0..<count { unsafe out[i] = unsafe f(a[i]) }
    }

    @inline(__always)
    func each(_ f: (C, C) -> C) {
        for i in 0..<count { unsafe out[i] = unsafe f(a[i], b[i]) }
    }

    @inline(__always)
    func each(_ f: (C, C, C) -> C) {
        for i in 0..<count { unsafe out[i] = unsafe f(a[i], b[i], c[i]) }
    }
}
