/// The lines of tensors along one dimension: what softmax, sorting, running sums and the like work
/// on. All tensors have the same shape, but for the extent of the line's dimension.
// Safe to hold: lines stay within the extents of tensors that outlive the operation.
@safe struct Lines {
    private let rank: Int
    private let extents: Extents
    private let lines: Int
    private var strides = InlineArray<4, Extents>(repeating: Extents(repeating: 0))
    private var bases: InlineArray<4, UnsafeMutableRawPointer>
    private var tensors = 0

    /// Lines of `first`, operand 0, along `dimension` (of a 0-d tensor: its only element).
    init(of first: TensorView, along dimension: Int) {
        let line = first.selecting(dimension, at: 0)
        rank = line.rank
        extents = line.shape
        lines = first.shape[dimension] == 0 ? 0 : line.count
        unsafe bases = InlineArray(repeating: first.base)
        append(first, along: dimension)
    }

    mutating func append(_ view: TensorView, along dimension: Int) {
        let others = view.selecting(dimension, at: 0)
        unsafe bases[tensors] = view.base
        for d in 0..<others.rank { strides[tensors][d] = others.byteStride(d) }
        tensors += 1
    }

    /// Calls `body` with where each tensor's line starts.
    @inline(__always)
    func forEach(_ body: (InlineArray<4, UnsafeMutableRawPointer>) -> Void) {
        guard lines > 0 else { return }
        var places = unsafe bases
        var remaining = lines
        var outer = OuterIndex()
        while true {
            unsafe body(places)
            remaining &-= 1
            if remaining == 0 || Cancellation.isRequested { return }
            // The index advances over all dimensions but the last; here all of them are outer ones.
            outer.advance(rank: rank + 1, extents: extents) { d, count in
                for k in 0..<tensors { unsafe places[k] += strides[k][d] &* count }
            }
        }
    }
}

/// A line in the type that is computed in: where it lies if it can be used there, else a copy in
/// `buffer`.
@inline(__always)
func readLine<C: Computable>(
    _ type: ElementType, _ place: UnsafeMutableRawPointer, stride: Int, count: Int,
    _ buffer: UnsafeMutablePointer<C>
) -> UnsafeMutablePointer<C> {
    if isDirect(type, stride, C.self) { return unsafe place.assumingMemoryBound(to: C.self) }
    unsafe loadRun(type, place, stride: stride, count: count, into: buffer)
    return unsafe buffer
}

/// Whether a line can be used where it lies.
@inline(__always)
func isDirect<C: Computable>(_ type: ElementType, _ stride: Int, _: C.Type) -> Bool {
    type == C.elementType && stride == MemoryLayout<C>.stride
}

/// Stores a line that was computed in `source`, unless it was computed in place.
@inline(__always)
func writeLine<C: Computable>(
    _ type: ElementType, _ source: UnsafePointer<C>, count: Int, _ place: UnsafeMutableRawPointer,
    stride: Int
) {
    if unsafe UnsafeRawPointer(source) == UnsafeRawPointer(place) { return }
    unsafe storeRun(type, source, count: count, into: place, stride: stride)
}
