/// How a set of elements becomes one. Sums are gathered in double precision: the order of the
/// elements, which depends on the layout, then hardly shows.
protocol Reducer {
    associatedtype Element: Computable
    associatedtype Total
    static var initial: Total { get }
    /// Takes in `count` neighbours.
    static func fold(_ total: inout Total, _ elements: UnsafePointer<Element>, _ count: Int)
    /// Takes in one element for each of `count` totals.
    static func accumulate(
        _ totals: UnsafeMutablePointer<Total>, _ elements: UnsafePointer<Element>, _ count: Int)
}

enum SumSingle: Reducer {
    static var initial: Double { 0 }

    static func fold(_ total: inout Double, _ elements: UnsafePointer<Float>, _ count: Int) {
        unsafe total += Double(sumSingles(elements, count))
    }

    static func accumulate(
        _ totals: UnsafeMutablePointer<Double>, _ elements: UnsafePointer<Float>, _ count: Int
    ) {
        for i in 0..<count { unsafe totals[i] += Double(elements[i]) }
    }
}

/// The sum of a short run, in 32 lanes.
@inline(__always)
func sumSingles(_ elements: UnsafePointer<Float>, _ count: Int) -> Float {
    var lanes = Single8(repeating: 0)
    var i = 0
    if count >= 32 {
        var (b, c, d) = (lanes, lanes, lanes)
        while i &+ 32 <= count {
            unsafe lanes += load8(elements + i)
            unsafe b += load8(elements + i + 8)
            unsafe c += load8(elements + i + 16)
            unsafe d += load8(elements + i + 24)
            i &+= 32
        }
        lanes = (lanes + b) + (c + d)
    }
    while i &+ 8 <= count {
        unsafe lanes += load8(elements + i)
        i &+= 8
    }
    if i < count { unsafe lanes += loadPart(elements + i, count &- i) }
    let half = lanes.lowHalf + lanes.highHalf
    let quarter = half.lowHalf + half.highHalf
    return quarter.x + quarter.y
}

enum SumDouble: Reducer {
    static var initial: Double { 0 }

    static func fold(_ total: inout Double, _ elements: UnsafePointer<Double>, _ count: Int) {
        for i in 0..<count { unsafe total += elements[i] }
    }

    static func accumulate(
        _ totals: UnsafeMutablePointer<Double>, _ elements: UnsafePointer<Double>, _ count: Int
    ) {
        for i in 0..<count { unsafe totals[i] += elements[i] }
    }
}

/// Wraps on overflow.
enum SumInteger: Reducer {
    static var initial: Int64 { 0 }

    static func fold(_ total: inout Int64, _ elements: UnsafePointer<Int64>, _ count: Int) {
        for i in 0..<count { unsafe total &+= elements[i] }
    }

    static func accumulate(
        _ totals: UnsafeMutablePointer<Int64>, _ elements: UnsafePointer<Int64>, _ count: Int
    ) {
        for i in 0..<count { unsafe totals[i] &+= elements[i] }
    }
}

/// A reducer whose total is an element and that takes elements in one by one.
protocol StepReducer: Reducer where Total == Element {
    static func step(_ total: Element, _ element: Element) -> Element
}

extension StepReducer {
    @inline(__always)
    static func fold(_ total: inout Element, _ elements: UnsafePointer<Element>, _ count: Int) {
        var running = total
        for i in 0..<count { running = unsafe step(running, elements[i]) }
        total = running
    }

    @inline(__always)
    static func accumulate(
        _ totals: UnsafeMutablePointer<Element>, _ elements: UnsafePointer<Element>, _ count: Int
    ) {
        for i in 0..<count { unsafe totals[i] = unsafe step(totals[i], elements[i]) }
    }
}

enum ProductSingle: StepReducer {
    static var initial: Float { 1 }
    @inline(__always) static func step(_ total: Float, _ x: Float) -> Float { total * x }
}

enum ProductInteger: StepReducer {
    static var initial: Int64 { 1 }
    @inline(__always) static func step(_ total: Int64, _ x: Int64) -> Int64 { total &* x }
}

/// Not-a-number wins, in maxima and minima.
enum MaximumSingle: StepReducer {
    static var initial: Float { -.infinity }
    @inline(__always) static func step(_ total: Float, _ x: Float) -> Float {
        x > total || x != x ? x : total
    }
}

enum MinimumSingle: StepReducer {
    static var initial: Float { .infinity }
    @inline(__always) static func step(_ total: Float, _ x: Float) -> Float {
        x < total || x != x ? x : total
    }
}

enum MaximumInteger: StepReducer {
    static var initial: Int64 { .min }
    @inline(__always) static func step(_ total: Int64, _ x: Int64) -> Int64 {
        x > total ? x : total
    }
}

enum MinimumInteger: StepReducer {
    static var initial: Int64 { .max }
    @inline(__always) static func step(_ total: Int64, _ x: Int64) -> Int64 {
        x < total ? x : total
    }
}

enum AnySingle: StepReducer {
    static var initial: Float { 0 }
    @inline(__always) static func step(_ total: Float, _ x: Float) -> Float { x != 0 ? 1 : total }
}

enum AnyInteger: StepReducer {
    static var initial: Int64 { 0 }
    @inline(__always) static func step(_ total: Int64, _ x: Int64) -> Int64 { x != 0 ? 1 : total }
}

enum AllSingle: StepReducer {
    static var initial: Float { 1 }
    @inline(__always) static func step(_ total: Float, _ x: Float) -> Float { x == 0 ? 0 : total }
}

enum AllInteger: StepReducer {
    static var initial: Int64 { 1 }
    @inline(__always) static func step(_ total: Int64, _ x: Int64) -> Int64 { x == 0 ? 0 : total }
}

/// Sum and sum of squares, from which variances and 2-norms come.
enum MomentsSingle: Reducer {
    static var initial: SIMD2<Double> { .zero }

    static func fold(_ total: inout SIMD2<Double>, _ elements: UnsafePointer<Float>, _ count: Int) {
        var running = total
        for i in 0..<count {
            let x = unsafe Double(elements[i])
            running += SIMD2(x, x * x)
        }
        total = running
    }

    static func accumulate(
        _ totals: UnsafeMutablePointer<SIMD2<Double>>, _ elements: UnsafePointer<Float>,
        _ count: Int
    ) {
        for i in 0..<count {
            let x = unsafe Double(elements[i])
            unsafe totals[i] += SIMD2(x, x * x)
        }
    }
}
