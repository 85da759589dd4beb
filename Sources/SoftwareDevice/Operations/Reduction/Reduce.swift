/// Which dimensions of a tensor are reduced: a bit each.
struct DimensionSet {
    var bits: UInt8

    /// All of them.
    init(rank: Int) { bits = UInt8(truncatingIfNeeded: (1 << rank) - 1) }

    /// From a program's list, in which negative numbers count from the end; nil if one does not
    /// exist. An empty list means all.
    init?(_ dimensions: [Int], of tensor: TensorView) {
        self.init(rank: dimensions.isEmpty ? tensor.rank : 0)
        for index in dimensions {
            guard let dimension = tensor.dimension(index) else { return nil }
            bits |= 1 << UInt8(dimension)
        }
        if tensor.rank == 0 { bits = 0 }
    }

    func contains(_ dimension: Int) -> Bool { bits & (1 << UInt8(dimension)) != 0 }
}

extension TensorView {
    /// The view with only the dimensions that `kept` accepts.
    func keeping(_ kept: (Int) -> Bool) -> TensorView {
        var result = self
        result.rank = 0
        result.count = 1
        for d in 0..<rank where kept(d) {
            result.shape[result.rank] = shape[d]
            result.strides[result.rank] = strides[d]
            result.count &*= shape[d]
            result.rank += 1
        }
        return result
    }

    /// The shape that reducing gives.
    func reducedShape(_ dimensions: DimensionSet, keepsDimensions: Bool) -> [Int] {
        (0..<rank).compactMap { d in
            if !dimensions.contains(d) { return shape[d] }
            return keepsDimensions ? 1 : nil
        }
    }
}

/// Reduces `input` over `dimensions` into `output`, whose reduced dimensions are 1 or absent.
func reduce<R: Reducer>(
    _: R.Type, _ input: TensorView, _ dimensions: DimensionSet, into output: TensorView,
    _ finish: (R.Total) -> R.Element
) {
    guard output.count > 0 else { return }
    let keptInput = input.keeping { !dimensions.contains($0) }
    let reduced = input.keeping { dimensions.contains($0) }
    let keptOutput =
        output.rank == input.rank ? output.keeping { !dimensions.contains($0) } : output
    var kept = Walk(result: keptOutput)
    kept.append(keptInput)
    kept.collapse()
    var inner = Walk(result: reduced)
    inner.collapse()
    let keptStride =
        kept.extents[kept.rank - 1] == 1 ? Int.max : abs(kept.strides[1][kept.rank - 1])
    let bytes = input.type.bytes
    if abs(inner.strides[0][inner.rank - 1]) <= max(bytes, keptStride == bytes ? 0 : keptStride) {
        reduceRows(R.self, kept, inner, finish)
    } else {
        reduceColumns(R.self, kept, inner, finish)
    }
}

private let chunk = 1024

/// Result by result: what is reduced lies together.
private func reduceRows<R: Reducer>(
    _: R.Type, _ kept: Walk, _ reduced: Walk, _ finish: (R.Total) -> R.Element
) {
    let last = reduced.rank - 1
    let inner = reduced.extents[last]
    let stride = reduced.strides[0][last]
    let type = reduced.types[0]
    let direct = isDirect(type, stride, R.Element.self)
    let rows = reduced.count == 0 ? 0 : reduced.count / inner
    unsafe withScratch(R.Element.self, count: direct ? 0 : min(chunk, inner)) { buffer in
        unsafe kept.forEachPlace { places in
            var total = R.initial
            var place = unsafe places[1]
            var outer = OuterIndex()
            for _ in wanted(rows) {
                var start = 0
                while start < inner, !Cancellation.isRequested {
                    let count = min(chunk, inner &- start)
                    let run = unsafe readLine(
                        type, place + start &* stride, stride: stride, count: count, buffer)
                    unsafe R.fold(&total, run, count)
                    start &+= count
                }
                outer.advance(rank: reduced.rank, extents: reduced.extents) { d, steps in
                    unsafe place += reduced.strides[0][d] &* steps
                }
            }
            unsafe storeElement(kept.types[0], finish(total), into: places[0])
        }
    }
}

/// Many results at a time: the neighbours belong to different results.
private func reduceColumns<R: Reducer>(
    _: R.Type, _ kept: Walk, _ reduced: Walk, _ finish: (R.Total) -> R.Element
) {
    let last = kept.rank - 1
    let inner = kept.extents[last]
    let stride = kept.strides[1][last]
    let width = min(chunk, inner)
    unsafe withScratch(R.Total.self, count: width) { totals in
        unsafe withScratch(R.Element.self, count: width) { buffer in
            var (output, input) = unsafe (kept.bases[0], kept.bases[1])
            var outer = OuterIndex()
            for _ in wanted(kept.count / inner) {
                for start in Swift.stride(from: 0, to: inner, by: width) {
                    if Cancellation.isRequested { return }
                    let count = min(width, inner - start)
                    unsafe totals.initialize(repeating: R.initial, count: count)
                    unsafe accumulateColumns(
                        R.self, reduced, from: input + start * stride, stride: stride, totals,
                        buffer, count)
                    for i in 0..<count { unsafe buffer[i] = unsafe finish(totals[i]) }
                    unsafe storeRun(
                        kept.types[0], buffer, count: count,
                        into: output + start * kept.strides[0][last], stride: kept.strides[0][last])
                }
                outer.advance(rank: kept.rank, extents: kept.extents) { d, steps in
                    unsafe output += kept.strides[0][d] &* steps
                    unsafe input += kept.strides[1][d] &* steps
                }
            }
        }
    }
}

private func accumulateColumns<R: Reducer>(
    _: R.Type, _ reduced: Walk, from start: UnsafeMutableRawPointer, stride: Int,
    _ totals: UnsafeMutablePointer<R.Total>, _ buffer: UnsafeMutablePointer<R.Element>,
    _ count: Int
) {
    var place = unsafe start
    var index = OuterIndex()
    for _ in wanted(reduced.count) {
        let run = unsafe readLine(reduced.types[0], place, stride: stride, count: count, buffer)
        unsafe R.accumulate(totals, run, count)
        index.advance(rank: reduced.rank + 1, extents: reduced.extents) { d, steps in
            unsafe place += reduced.strides[0][d] &* steps
        }
    }
}
