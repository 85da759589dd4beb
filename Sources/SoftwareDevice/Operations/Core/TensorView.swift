/// Extents or strides of up to eight dimensions, AscendCL's limit.
typealias Extents = InlineArray<8, Int>

let rankMax = 8

/// A tensor without ownership or heap storage: what the arithmetic works on.
// Safe to hold: making views of a view is arithmetic; reading at `base` says `unsafe`.
@safe struct TensorView {
    /// Element 0 of the view.
    var base: UnsafeMutableRawPointer
    var type: ElementType
    var rank: Int
    var shape: Extents
    /// In elements.
    var strides: Extents
    /// Elements of the view.
    var count: Int

    /// A tensor that passed the checks of its parameter; nil for an element type that is not
    /// computed with.
    init?(_ tensor: TensorArgument) {
        guard let type = ElementType(tensor.type), tensor.shape.count <= rankMax,
            tensor.strides.count == tensor.shape.count
        else { return nil }
        self.type = type
        rank = tensor.shape.count
        shape = Extents(repeating: 1)
        strides = Extents(repeating: 0)
        var count = 1
        for d in 0..<rank {
            shape[d] = tensor.shape[d]
            strides[d] = tensor.strides[d]
            count &*= tensor.shape[d]
        }
        self.count = count
        // An empty tensor may have no storage; its address is never used.
        let storage = unsafe tensor.storage ?? emptyStorage
        unsafe base = storage + tensor.offset &* type.bytes
    }

    /// A contiguous view of memory.
    init(base: UnsafeMutableRawPointer, type: ElementType, shape: [Int]) {
        unsafe self.base = base
        self.type = type
        rank = shape.count
        self.shape = Extents(repeating: 1)
        strides = Extents(repeating: 0)
        var count = 1
        for d in stride(from: shape.count - 1, through: 0, by: -1) {
            self.shape[d] = shape[d]
            strides[d] = count
            count &*= shape[d]
        }
        self.count = count
    }

    /// The extents as an array, for messages and comparisons outside inner loops.
    var extents: [Int] { (0..<rank).map { shape[$0] } }

    /// Elements follow each other in memory in the order of their indices.
    var isContiguous: Bool {
        var expected = 1
        for d in stride(from: rank - 1, through: 0, by: -1) where shape[d] != 1 {
            if strides[d] != expected { return false }
            expected &*= shape[d]
        }
        return true
    }

    func hasShape(of other: TensorView) -> Bool {
        guard rank == other.rank else { return false }
        for d in 0..<rank where shape[d] != other.shape[d] { return false }
        return true
    }

    /// A dimension as programs give it (negative counts from the end), or nil. A 0-d tensor has
    /// dimension 0.
    func dimension(_ index: Int) -> Int? {
        let extent = max(rank, 1)
        guard index >= -extent, index < extent else { return nil }
        return index < 0 ? index + extent : index
    }

    /// Bytes from one index of a dimension to the next.
    func byteStride(_ dimension: Int) -> Int { strides[dimension] &* type.bytes }

    /// The view without a dimension, at an index of it.
    func selecting(_ dimension: Int, at index: Int) -> TensorView {
        var result = self
        guard rank > 0 else { return result }
        unsafe result.base += index &* byteStride(dimension)
        result.count = 1
        result.rank = rank - 1
        for d in 0..<result.rank {
            let source = d < dimension ? d : d + 1
            result.shape[d] = shape[source]
            result.strides[d] = strides[source]
            result.count &*= shape[source]
        }
        return result
    }

    /// A part of a dimension.
    func narrowing(_ dimension: Int, from start: Int, count length: Int, step: Int = 1)
        -> TensorView
    {
        var result = self
        unsafe result.base += start &* byteStride(dimension)
        result.shape[dimension] = length
        result.strides[dimension] = strides[dimension] &* step
        result.count = 1
        for d in 0..<rank { result.count &*= result.shape[d] }
        return result
    }

    /// The view with two dimensions exchanged.
    func transposing(_ a: Int, _ b: Int) -> TensorView {
        var result = self
        (result.shape[a], result.shape[b]) = (shape[b], shape[a])
        (result.strides[a], result.strides[b]) = (strides[b], strides[a])
        return result
    }

    /// The view as it appears under broadcasting to a shape it fits (see `broadcasts`).
    func broadcasting(to target: TensorView) -> TensorView {
        var result = self
        result.rank = target.rank
        result.count = target.count
        let added = target.rank - rank
        for d in 0..<target.rank {
            result.shape[d] = target.shape[d]
            let repeated = d < added || shape[d - added] == 1
            result.strides[d] = repeated ? 0 : strides[d - added]
        }
        return result
    }

    /// Whether the view fits a shape under broadcasting.
    func broadcasts(to target: TensorView) -> Bool {
        let added = target.rank - rank
        guard added >= 0 else { return false }
        for d in 0..<rank where shape[d] != 1 && shape[d] != target.shape[d + added] {
            return false
        }
        return true
    }
}

private nonisolated(unsafe) let emptyStorage =  // Never written: only empty tensors point at it.
    UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
