/// out = α·A·B + β·addend over batches: A is […, rows, depth], B […, depth, columns], out […, rows,
/// columns], with batch dimensions that broadcast to the result's.
struct BatchedProduct {
    var a: TensorView
    var b: TensorView
    var out: TensorView
    /// Broadcasts to the result; read only if β is not 0.
    var addend: TensorView?
    var alpha: Float = 1
    var beta: Float = 0

    init(_ a: TensorView, _ b: TensorView, into out: TensorView) {
        self.a = a
        self.b = b
        self.out = out
    }

    func run() {
        guard out.count > 0 else { return }
        var product = self
        product.mergeRows()
        product.runBatches()
    }

    /// One large product instead of many small ones, where B is the same for all batches and the
    /// rows of A and of the result follow each other through the batches.
    private mutating func mergeRows() {
        guard b.rank == 2, addend == nil || addend?.rank == 1 else { return }
        while a.rank > 2 && out.rank > 2 {
            guard a.rank == out.rank, Self.merges(a), Self.merges(out) else { return }
            a = Self.merging(a)
            out = Self.merging(out)
        }
    }

    private static func merges(_ view: TensorView) -> Bool {
        let d = view.rank - 3
        return view.shape[d] == 1 || view.strides[d] == view.shape[d + 1] &* view.strides[d + 1]
    }

    /// The view with the dimension before the rows merged into them.
    private static func merging(_ view: TensorView) -> TensorView {
        var result = view
        let d = view.rank - 3
        result.shape[d] = view.shape[d] * view.shape[d + 1]
        result.strides[d] = view.strides[d + 1]
        result.shape[d + 1] = view.shape[d + 2]
        result.strides[d + 1] = view.strides[d + 2]
        result.rank = view.rank - 1
        return result
    }

    private func runBatches() {
        let rank = out.rank
        let plane = { (view: TensorView) in view.keeping { $0 >= view.rank - 2 } }
        var batches = Walk(result: out.keeping { $0 < rank - 2 })
        batches.append(a.keeping { $0 < a.rank - 2 })
        batches.append(b.keeping { $0 < b.rank - 2 })
        let addend = beta == 0 ? nil : addend?.broadcasting(to: out)
        batches.append((addend ?? out).keeping { $0 < rank - 2 })
        var (planeA, planeB, planeOut) = (plane(a), plane(b), plane(out))
        var planeAddend = addend.map(plane)
        let (sizeA, sizeB) = (planeA.matrixBufferCount, planeB.matrixBufferCount)
        unsafe withScratch(Float.self, count: sizeA + sizeB + planeOut.count) { buffer in
            var matrices: (a: Matrix, b: Matrix)?
            unsafe batches.forEachPlace { places in
                let changes = unsafe (planeA.base != places[1], planeB.base != places[2])
                unsafe planeA.base = places[1]
                unsafe planeB.base = places[2]
                unsafe planeOut.base = places[0]
                unsafe planeAddend?.base = places[3]
                // A factor that all batches share is converted once.
                let made = matrices
                let a = unsafe changes.0 || made == nil ? planeA.matrix(buffer) : made?.a
                let b = unsafe changes.1 || made == nil ? planeB.matrix(buffer + sizeA) : made?.b
                guard let a, let b else { return }
                matrices = (a, b)
                unsafe multiply(
                    a, b, planeAddend, planeOut, planeA.shape[1], buffer + sizeA + sizeB)
            }
        }
    }

    /// One product; through the buffer if the result cannot be computed where it lies.
    private func multiply(
        _ a: Matrix, _ b: Matrix, _ addend: TensorView?, _ target: TensorView, _ depth: Int,
        _ buffer: UnsafeMutablePointer<Float>
    ) {
        let (rows, columns) = (target.shape[0], target.shape[1])
        let inPlace = target.matrixInPlace().flatMap { $0.isTransposed ? nil : $0 }
        var result = target
        if inPlace == nil {
            result = unsafe TensorView(
                base: UnsafeMutableRawPointer(buffer), type: .float32, shape: [rows, columns])
        }
        if let addend, unsafe addend.base != result.base { copyElements(addend, to: result) }
        unsafe multiplyMatrices(
            a, b, rows: rows, columns: columns, depth: depth, alpha: alpha,
            beta: addend == nil ? 0 : beta, into: result.base.assumingMemoryBound(to: Float.self),
            leading: inPlace?.leading ?? max(1, columns))
        if inPlace == nil { copyElements(result, to: target) }
    }
}
