import Glibc

// Functions of one float that vectors of eight do not cover.

@inline(__always)
func singleExp(_ x: Float) -> Float { Glibc.exp(x) }

@inline(__always)
func singleLog(_ x: Float) -> Float { Glibc.log(x) }

@inline(__always)
func singleExpMinusOne(_ x: Float) -> Float { Glibc.expm1(x) }

/// log(1 + exp(x)), without overflow.
@inline(__always)
func singleSoftplus(_ x: Float) -> Float {
    (x > 0 ? x : 0) + Glibc.log1p(Glibc.exp(-abs(x)))
}
