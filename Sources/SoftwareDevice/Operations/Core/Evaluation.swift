// Runs a kernel over a walk, in chunks that stay in the first-level cache. Operands already in the
// type that is computed in, with neighbouring elements, are used where they lie; others pass
// through a buffer.

private let chunk = 1024
/// Of operands that are used where they lie: a fraction of a millisecond.
private let directChunk = 1 << 18
/// Rows shorter than this are gathered several at a time.
private let shortRow = 64

/// Evaluates an element-wise kernel; the walk is collapsed.
func evaluate<C: Computable>(
    _ walk: Walk, scalars: InlineArray<3, C> = [0, 0, 0], kernel: Kernel<C>
) {
    guard walk.count > 0 else { return }
    let inner = walk.extents[walk.rank - 1]
    if walk.rank > 1 && inner < shortRow {
        evaluateShortRows(walk, scalars, kernel)
        return
    }
    var direct = InlineArray<4, Bool>(repeating: true)
    var buffered = 0
    for k in 0..<walk.operands {
        direct[k] =
            walk.types[k] == C.elementType
            && walk.strides[k][walk.rank - 1] == MemoryLayout<C>.stride
        if !direct[k] { buffered += 1 }
    }
    guard buffered > 0 else {
        unsafe evaluateRows(walk, direct, UnsafeMutablePointer(bitPattern: 64), scalars, kernel)
        return
    }
    unsafe withScratch(C.self, count: buffered * min(chunk, inner)) { buffers in
        unsafe evaluateRows(walk, direct, buffers, scalars, kernel)
    }
}

/// Row by row; buffers are needed for the operands that are not direct.
private func evaluateRows<C: Computable>(
    _ walk: Walk, _ direct: InlineArray<4, Bool>, _ buffers: UnsafeMutablePointer<C>?,
    _ scalars: InlineArray<3, C>, _ kernel: Kernel<C>
) {
    let last = walk.rank - 1
    let inner = walk.extents[last]
    var rows = walk.count / inner
    var outer = OuterIndex()
    var places = unsafe walk.bases
    var buffer = unsafe InlineArray<4, UnsafeMutablePointer<C>?>(repeating: nil)
    var next = unsafe buffers
    for k in 0..<walk.operands where !direct[k] {
        unsafe buffer[k] = next
        unsafe next = next.map { unsafe $0 + min(chunk, inner) }
    }
    let allDirect = !(0..<walk.operands).contains { !direct[$0] }
    let step = min(allDirect ? directChunk : chunk, inner)
    while true {
        var start = 0
        while start < inner, !Cancellation.isRequested {
            let count = min(step, inner &- start)
            var pointers = unsafe InlineArray<4, UnsafeMutablePointer<C>?>(repeating: nil)
            for k in 0..<walk.operands {
                let stride = walk.strides[k][last]
                let place = unsafe places[k] + start &* stride
                if let space = unsafe buffer[k] {
                    unsafe pointers[k] = space
                    if k > 0 {
                        // A broadcast row stays in its buffer.
                        if stride == 0 && start > 0 && count <= step { continue }
                        unsafe loadRun(
                            walk.types[k], place, stride: stride, count: count, into: space)
                    }
                } else {
                    unsafe pointers[k] = place.assumingMemoryBound(to: C.self)
                }
            }
            guard let out = unsafe pointers[0] else { return }
            unsafe kernel(
                Lanes(
                    out: out, a: pointers[1] ?? out, b: pointers[2] ?? out, c: pointers[3] ?? out,
                    count: count, s: scalars[0], t: scalars[1], u: scalars[2]))
            if let space = unsafe buffer[0] {
                let stride = walk.strides[0][last]
                unsafe storeRun(
                    walk.types[0], space, count: count, into: places[0] + start &* stride,
                    stride: stride)
            }
            start &+= count
        }
        rows &-= 1
        if rows == 0 || Cancellation.isRequested { return }
        outer.advance(rank: walk.rank, extents: walk.extents) { dimension, count in
            for k in 0..<walk.operands { unsafe places[k] += walk.strides[k][dimension] &* count }
        }
    }
}

/// Several rows at a time through buffers, so that a kernel call is worth its cost.
private func evaluateShortRows<C: Computable>(
    _ walk: Walk, _ scalars: InlineArray<3, C>, _ kernel: Kernel<C>
) {
    let inner = walk.extents[walk.rank - 1]
    let totalRows = walk.count / inner
    let rowsAtOnce = min(totalRows, chunk / inner)
    let size = rowsAtOnce * inner
    unsafe withScratch(C.self, count: size * walk.operands) { buffers in
        var cursors = unsafe InlineArray<4, RowCursor>(repeating: RowCursor(place: walk.bases[0]))
        for k in 0..<walk.operands { unsafe cursors[k].place = unsafe walk.bases[k] }
        var remaining = totalRows
        while remaining > 0, !Cancellation.isRequested {
            let rows = min(rowsAtOnce, remaining)
            remaining -= rows
            for k in 1..<max(walk.operands, 2) where k < walk.operands {
                unsafe loadRows(walk, k, rows, inner, &cursors[k], buffers + k * size)
            }
            let out = unsafe buffers
            unsafe kernel(
                Lanes(
                    out: out, a: walk.operands > 1 ? out + size : out,
                    b: walk.operands > 2 ? out + 2 * size : out,
                    c: walk.operands > 3 ? out + 3 * size : out, count: rows * inner,
                    s: scalars[0], t: scalars[1], u: scalars[2]))
            unsafe storeRows(walk, rows, inner, &cursors[0], out)
        }
    }
}

/// Where one operand's next row is.
// Safe to hold: it moves within a walk; reading at its place says `unsafe`.
@safe private struct RowCursor {
    var place: UnsafeMutableRawPointer
    var outer = OuterIndex()

    @inline(__always)
    mutating func advance(_ walk: Walk, _ operand: Int) {
        var moved = unsafe place
        outer.advance(rank: walk.rank, extents: walk.extents) { dimension, count in
            unsafe moved += walk.strides[operand][dimension] &* count
        }
        unsafe place = moved
    }
}

private func loadRows<C: Computable>(
    _ walk: Walk, _ operand: Int, _ rows: Int, _ inner: Int, _ cursor: inout RowCursor,
    _ target: UnsafeMutablePointer<C>
) {
    let stride = walk.strides[operand][walk.rank - 1]
    let type = walk.types[operand]
    var place = unsafe target
    for _ in 0..<rows {
        unsafe loadRun(type, cursor.place, stride: stride, count: inner, into: place)
        unsafe place += inner
        cursor.advance(walk, operand)
    }
}

private func storeRows<C: Computable>(
    _ walk: Walk, _ rows: Int, _ inner: Int, _ cursor: inout RowCursor,
    _ source: UnsafeMutablePointer<C>
) {
    let stride = walk.strides[0][walk.rank - 1]
    let type = walk.types[0]
    var place = unsafe source
    for _ in 0..<rows {
        unsafe storeRun(type, place, count: inner, into: cursor.place, stride: stride)
        unsafe place += inner
        cursor.advance(walk, 0)
    }
}
