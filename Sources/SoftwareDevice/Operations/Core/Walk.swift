/// The index space of an element-wise operation: its result and up to three inputs, broadcast to
/// the result's shape, with dimensions sorted by the result's strides and merged where all operands
/// allow it.
// Safe to hold: places stay within the extents of tensors that outlive the operation.
@safe struct Walk {
    /// The result is operand 0.
    private(set) var operands = 0
    private(set) var rank: Int
    private(set) var extents: Extents
    private(set) var count: Int
    /// In bytes.
    private(set) var strides = InlineArray<4, Extents>(repeating: Extents(repeating: 0))
    private(set) var bases: InlineArray<4, UnsafeMutableRawPointer>
    private(set) var types: InlineArray<4, ElementType>
    private var allContiguous = true

    init(result: TensorView) {
        rank = result.rank
        extents = result.shape
        count = result.count
        unsafe bases = InlineArray(repeating: result.base)
        types = InlineArray(repeating: result.type)
        append(result)
    }

    /// Adds an input that broadcasts to the result.
    mutating func append(_ view: TensorView) {
        let index = operands
        operands += 1
        unsafe bases[index] = view.base
        types[index] = view.type
        let size = view.type.bytes
        let added = rank - view.rank
        var expected = size
        for d in stride(from: rank - 1, through: 0, by: -1) {
            let own = d < added ? 1 : view.shape[d - added]
            let step = own == 1 ? 0 : view.strides[d - added] &* size
            strides[index][d] = step
            if extents[d] != 1 {
                if step != expected { allContiguous = false }
                expected &*= extents[d]
            }
        }
    }

    /// Sorts and merges dimensions. Call once, after the last `append`.
    mutating func collapse() {
        if allContiguous {
            extents[0] = count
            rank = 1
            for k in 0..<operands { strides[k][0] = types[k].bytes }
            return
        }
        dropSingles()
        sortDimensions()
        mergeDimensions()
        if rank == 0 {
            rank = 1
            extents[0] = 1
        }
    }

    private mutating func dropSingles() {
        var kept = 0
        for d in 0..<rank where extents[d] != 1 {
            if kept != d { move(d, to: kept) }
            kept += 1
        }
        rank = kept
    }

    private mutating func move(_ source: Int, to target: Int) {
        extents[target] = extents[source]
        for k in 0..<operands { strides[k][target] = strides[k][source] }
    }

    /// Longest strides first, by the result and then by the inputs in turn; stable.
    private mutating func sortDimensions() {
        var d = 1
        while d < rank {
            var e = d
            while e > 0 && isLonger(e, than: e - 1) {
                exchange(e, e - 1)
                e -= 1
            }
            d += 1
        }
    }

    private func isLonger(_ a: Int, than b: Int) -> Bool {
        for k in 0..<operands {
            let (x, y) = (abs(strides[k][a]), abs(strides[k][b]))
            if x != y && x != 0 && y != 0 { return x > y }
        }
        return false
    }

    private mutating func exchange(_ a: Int, _ b: Int) {
        (extents[a], extents[b]) = (extents[b], extents[a])
        for k in 0..<operands {
            (strides[k][a], strides[k][b]) = (strides[k][b], strides[k][a])
        }
    }

    private mutating func mergeDimensions() {
        guard rank > 1 else { return }
        var last = 0
        for d in 1..<rank {
            var merges = true
            for k in 0..<operands where strides[k][last] != strides[k][d] &* extents[d] {
                merges = false
            }
            if merges {
                extents[last] &*= extents[d]
                for k in 0..<operands { strides[k][last] = strides[k][d] }
            } else {
                last += 1
                move(d, to: last)
            }
        }
        rank = last + 1
    }
}

extension Walk {
    /// Calls `body` with the place of each operand, element by element.
    @inline(__always)
    func forEachPlace(_ body: (InlineArray<4, UnsafeMutableRawPointer>) -> Void) {
        var places = unsafe bases
        var outer = OuterIndex()
        for _ in wanted(count) {
            unsafe body(places)
            outer.advance(rank: rank + 1, extents: extents) { d, steps in
                for k in 0..<operands { unsafe places[k] += strides[k][d] &* steps }
            }
        }
    }
}

/// A place in the outer dimensions of a walk (all but the innermost), for one operand or several.
struct OuterIndex {
    private var index = Extents(repeating: 0)

    /// Goes to the next row; `step` is called with the dimension and how many steps to go along it.
    @inline(__always)
    mutating func advance(
        rank: Int, extents: Extents, step: (_ dimension: Int, _ count: Int) -> Void
    ) {
        var d = rank - 2
        while d >= 0 {
            index[d] &+= 1
            if index[d] < extents[d] {
                step(d, 1)
                return
            }
            step(d, 1 &- extents[d])
            index[d] = 0
            d -= 1
        }
    }
}
