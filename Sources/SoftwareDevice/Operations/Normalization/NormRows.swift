/// A tensor as rows of what is normalised together, in float: read from where it lies if that is
/// possible, else through a buffer of one row.
struct NormRows {
    let count: Int
    let width: Int
    private let view: TensorView
    private let isDirect: Bool
    /// Bytes from row to row, for contiguous tensors.
    private let rowBytes: Int
    private let walk: RowPlaces?

    /// Rows of the last `dimensions` dimensions.
    init(_ view: TensorView, dimensions: Int) {
        self.view = view
        var width = 1
        for d in max(0, view.rank - dimensions)..<view.rank { width *= view.shape[d] }
        self.width = width
        count = width == 0 ? 0 : view.count / width
        rowBytes = width * view.type.bytes
        isDirect = view.type == .float32 && view.isContiguous
        walk = view.isContiguous ? nil : RowPlaces(view, dimensions)
    }

    /// The row, in place or in `buffer`.
    @inline(__always)
    func read(_ row: Int, _ buffer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        if isDirect {
            return unsafe (view.base + row &* rowBytes).assumingMemoryBound(to: Float.self)
        }
        if let walk {
            unsafe walk.forEachRun(row) { place, start, count, stride in
                unsafe loadRun(view.type, place, stride: stride, count: count, into: buffer + start)
            }
        } else {
            unsafe loadRun(
                view.type, view.base + row &* rowBytes, stride: view.type.bytes, count: width,
                into: buffer)
        }
        return unsafe buffer
    }

    /// Where to compute the row: its own place or `buffer`.
    @inline(__always)
    func target(_ row: Int, _ buffer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        unsafe isDirect
            ? (view.base + row &* rowBytes).assumingMemoryBound(to: Float.self) : buffer
    }

    /// Stores a row that was computed at `target`.
    @inline(__always)
    func write(_ row: Int, _ source: UnsafeMutablePointer<Float>) {
        if isDirect { return }
        if let walk {
            unsafe walk.forEachRun(row) { place, start, count, stride in
                unsafe storeRun(
                    view.type, source + start, count: count, into: place, stride: stride)
            }
        } else {
            unsafe storeRun(
                view.type, source, count: width, into: view.base + row &* rowBytes,
                stride: view.type.bytes)
        }
    }
}

/// Where the pieces of a row lie in a tensor that is not contiguous.
private struct RowPlaces {
    let view: TensorView
    let outerRank: Int

    init(_ view: TensorView, _ dimensions: Int) {
        self.view = view
        outerRank = max(0, view.rank - dimensions)
    }

    func forEachRun(
        _ row: Int,
        _ body: (UnsafeMutableRawPointer, _ start: Int, _ count: Int, _ stride: Int) -> Void
    ) {
        var place = unsafe view.base
        var rest = row
        for d in stride(from: outerRank - 1, through: 0, by: -1) {
            unsafe place += (rest % view.shape[d]) &* view.byteStride(d)
            rest /= view.shape[d]
        }
        guard outerRank < view.rank else { return unsafe body(place, 0, 1, 0) }
        let last = view.rank - 1
        let run = view.shape[last]
        var runs = 1
        for d in outerRank..<last { runs *= view.shape[d] }
        for index in wanted(runs) {
            var (rest, piece) = unsafe (index, place)
            for d in stride(from: last - 1, through: outerRank, by: -1) {
                unsafe piece += (rest % view.shape[d]) &* view.byteStride(d)
                rest /= view.shape[d]
            }
            unsafe body(piece, index * run, run, view.byteStride(last))
        }
    }
}

/// A whole tensor of few elements (a weight, a bias) as contiguous floats: in place or copied into
/// `buffer`.
func readVector(_ view: TensorView, _ buffer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<
    Float
> {
    if view.type == .float32 && view.isContiguous {
        return unsafe view.base.assumingMemoryBound(to: Float.self)
    }
    unsafe copyElements(
        view,
        to: TensorView(base: UnsafeMutableRawPointer(buffer), type: .float32, shape: view.extents))
    return unsafe buffer
}

/// Stores contiguous floats as a whole tensor.
func writeVector(_ source: UnsafeMutablePointer<Float>, to view: TensorView) {
    let floats = unsafe TensorView(
        base: UnsafeMutableRawPointer(source), type: .float32, shape: view.extents)
    copyElements(floats, to: view)
}
