// Sums and extremes of rows of floats, eight at a time; several lanes, so that long rows lose
// little.

/// The largest element; not-a-number where one is in the row.
func rowMaximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var largest = -Float.infinity
    var i = 0
    if count >= 8 {
        var lanes = unsafe load8(x)
        i = 8
        while i &+ 8 <= count {
            let next = unsafe load8(x + i)
            lanes = lanes.replacing(with: next, where: (next .> lanes) .| (next .!= next))
            i &+= 8
        }
        for k in 0..<8 where lanes[k] > largest || lanes[k] != lanes[k] { largest = lanes[k] }
    }
    while i < count {
        if unsafe x[i] > largest || x[i] != x[i] { largest = unsafe x[i] }
        i &+= 1
    }
    return largest
}

/// Writes exp(x − shift) and returns the sum of what it wrote.
func rowExponentials(
    _ x: UnsafePointer<Float>, _ count: Int, shift: Float, into y: UnsafeMutablePointer<Float>
) -> Float {
    let shifts = Single8(repeating: shift)
    var lanes = Single8(repeating: 0)
    var i = 0
    while i &+ 8 <= count {
        let value = unsafe vectorExp(load8(x + i) - shifts)
        unsafe store8(value, y + i)
        lanes += value
        i &+= 8
    }
    if i < count {
        let rest = count &- i
        let value = unsafe vectorExp(loadPart(x + i, rest) - shifts)
        unsafe storePart(value, y + i, rest)
        for k in 0..<rest { lanes[k] += value[k] }
    }
    return lanes.sum()
}

/// The sum of a row.
func rowSum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var total = 0.0
    var start = 0
    while start < count {
        let part = min(1024, count &- start)
        unsafe total += Double(sumSingles(x + start, part))
        start &+= part
    }
    return Float(total)
}

/// The sum of products of two rows.
func rowDot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var total = 0.0
    var start = 0
    while start < count {
        let end = min(start &+ 1024, count)
        var lanes = Single8(repeating: 0)
        var more = Single8(repeating: 0)
        while start &+ 16 <= end {
            unsafe lanes += load8(a + start) * load8(b + start)
            unsafe more += load8(a + (start &+ 8)) * load8(b + (start &+ 8))
            start &+= 16
        }
        lanes += more
        while start < end {
            unsafe lanes[0] += a[start] * b[start]
            start &+= 1
        }
        total += Double(lanes.sum())
    }
    return Float(total)
}

/// y = x · factor + shift.
func rowScale(
    _ x: UnsafePointer<Float>, _ count: Int, by factor: Float, plus shift: Float = 0,
    into y: UnsafeMutablePointer<Float>
) {
    let factors = Single8(repeating: factor)
    let shifts = Single8(repeating: shift)
    let lanes = unsafe Lanes(out: y, a: x, b: x, c: x, count: count, s: 0, t: 0, u: 0)
    lanes.vector { $0 * factors + shifts }
}

extension SIMD8<Float> {
    /// Lane by lane in a fixed tree.
    @inline(__always)
    func sum() -> Float {
        let half = lowHalf + highHalf
        let quarter = half.lowHalf + half.highHalf
        return quarter.x + quarter.y
    }
}
