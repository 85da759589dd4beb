// Copies: of one type by bytes, between types through the type that holds both.

/// Copies `source`, broadcast to `target`'s shape, converting elements.
func copyElements(_ source: TensorView, to target: TensorView) {
    guard target.count > 0 else { return }
    var walk = Walk(result: target)
    walk.append(source)
    walk.collapse()
    if source.type == target.type {
        copyRaw(walk)
        return
    }
    switch max(source.type.arithmetic, target.type.arithmetic) {
    case .single: evaluate(walk, kernel: identity(Float.self))
    case .double: evaluate(walk, kernel: identity(Double.self))
    case .integer: evaluate(walk, kernel: identity(Int64.self))
    }
}

private func identity<C: Computable>(_: C.Type) -> Kernel<C> {
    { l in unsafe l.out.update(from: l.a, count: l.count) }
}

private func copyRaw(_ walk: Walk) {
    let size = walk.types[0].bytes
    let last = walk.rank - 1
    let inner = walk.extents[last]
    let (to, from) = (walk.strides[0][last], walk.strides[1][last])
    if walk.rank >= 2 && from != size && walk.strides[1][last - 1] == size && inner >= 8 {
        copyTransposed(walk)
        return
    }
    var target = unsafe walk.bases[0]
    var source = unsafe walk.bases[1]
    var rows = walk.count / inner
    var outer = OuterIndex()
    while true {
        unsafe copyRow(size, source, from, target, to, inner)
        rows &-= 1
        if rows == 0 || Cancellation.isRequested { return }
        outer.advance(rank: walk.rank, extents: walk.extents) { dimension, count in
            unsafe target += walk.strides[0][dimension] &* count
            unsafe source += walk.strides[1][dimension] &* count
        }
    }
}

/// Elements that are copied before it is asked whether anybody wants them.
private let rowPiece = 1 << 18

private func copyRow(
    _ size: Int, _ source: UnsafeMutableRawPointer, _ from: Int, _ target: UnsafeMutableRawPointer,
    _ to: Int, _ count: Int
) {
    if to == size && from == size {
        // As long as memory, and no longer.
        unsafe target.copyMemory(from: source, byteCount: count &* size)
        return
    }
    var start = 0
    while start < count, !Cancellation.isRequested {
        let piece = min(rowPiece, count &- start)
        unsafe copyStrided(
            size, source + start &* from, from, target + start &* to, to, piece)
        start &+= piece
    }
}

/// The source's neighbours lie in the dimension before the last: both are gone through in tiles, so
/// that each cache line is fetched once.
private func copyTransposed(_ walk: Walk) {
    let size = walk.types[0].bytes
    let (d, e) = (walk.rank - 2, walk.rank - 1)
    let (rows, columns) = (walk.extents[d], walk.extents[e])
    let tile = 16
    var planes = walk.count / (rows &* columns)
    var target = unsafe walk.bases[0]
    var source = unsafe walk.bases[1]
    var outer = OuterIndex()
    while true {
        for row in stride(from: 0, to: rows, by: tile) {
            if Cancellation.isRequested { return }
            let height = min(tile, rows &- row)
            for column in stride(from: 0, to: columns, by: tile) {
                if Cancellation.isRequested { return }
                let width = min(tile, columns &- column)
                for r in row..<row &+ height {
                    unsafe copyStrided(
                        size,
                        source + (r &* walk.strides[1][d] &+ column &* walk.strides[1][e]),
                        walk.strides[1][e],
                        target + (r &* walk.strides[0][d] &+ column &* walk.strides[0][e]),
                        walk.strides[0][e], width)
                }
            }
        }
        planes &-= 1
        if planes == 0 { return }
        outer.advance(rank: walk.rank - 1, extents: walk.extents) { dimension, count in
            unsafe target += walk.strides[0][dimension] &* count
            unsafe source += walk.strides[1][dimension] &* count
        }
    }
}

@inline(__always)
private func copyStrided(
    _ size: Int, _ source: UnsafeMutableRawPointer, _ from: Int, _ target: UnsafeMutableRawPointer,
    _ to: Int, _ count: Int
) {
    switch size {
    case 1: unsafe copyStrided(UInt8.self, source, from, target, to, count)
    case 2: unsafe copyStrided(UInt16.self, source, from, target, to, count)
    case 4: unsafe copyStrided(UInt32.self, source, from, target, to, count)
    default: unsafe copyStrided(UInt64.self, source, from, target, to, count)
    }
}

@inline(__always)
private func copyStrided<T: BitwiseCopyable>(
    _: T.Type, _ source: UnsafeMutableRawPointer, _ from: Int, _ target: UnsafeMutableRawPointer,
    _ to: Int, _ count: Int
) {
    var (source, target) = unsafe (source, target)
    for _ in 0..<count {
        unsafe target.storeBytes(of: source.loadUnaligned(as: T.self), as: T.self)
        unsafe source += from
        unsafe target += to
    }
}

/// Sets every element.
func fillElements(_ target: TensorView, _ value: ScalarValue) {
    guard target.count > 0 else { return }
    var pattern: UInt64 = 0
    if value.isFloating {
        unsafe storeElement(target.type, value.double, into: &pattern)
    } else {
        unsafe storeElement(target.type, value.integer, into: &pattern)
    }
    var source = target
    unsafe withUnsafeMutableBytes(of: &pattern) { bytes in
        guard let base = bytes.baseAddress else { return }
        unsafe source.base = base
        fill(target, from: source)
    }
}

private func fill(_ target: TensorView, from source: TensorView) {
    let bytes = target.type.bytes
    if target.isContiguous {
        unsafe fillRun(target.base, source.base, bytes, target.count)
        return
    }
    var element = source
    element.rank = 0
    element.count = 1
    copyElements(element, to: target)
}

private func fillRun(
    _ target: UnsafeMutableRawPointer, _ source: UnsafeMutableRawPointer, _ bytes: Int, _ count: Int
) {
    switch bytes {
    case 1: unsafe fillRun(UInt8.self, target, source, count)
    case 2: unsafe fillRun(UInt16.self, target, source, count)
    case 4: unsafe fillRun(UInt32.self, target, source, count)
    default: unsafe fillRun(UInt64.self, target, source, count)
    }
}

@inline(__always)
private func fillRun<T: BitwiseCopyable>(
    _: T.Type, _ target: UnsafeMutableRawPointer, _ source: UnsafeMutableRawPointer, _ count: Int
) {
    unsafe target.assumingMemoryBound(to: T.self).update(
        repeating: source.loadUnaligned(as: T.self), count: count)
}
