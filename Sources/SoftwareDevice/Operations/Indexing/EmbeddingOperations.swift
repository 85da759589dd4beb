/// Rows of a table by index, and the gradient of the table.
enum EmbeddingOperations {
    static let all: [Operation] = [forward, backward]

    private static let forward = Operation.define(
        "aclnnEmbedding", "TTT", "weight indices:xi out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireRank(0, 2...2)
            try arguments.requireSameType(2, as: 0)
            let width = arguments.tensor(0).shape[1]
            try arguments.requireShape(2, arguments.tensor(1).extents + [width])
        },
        run: { arguments in
            let (weight, out) = (arguments.tensor(0), arguments.tensor(2))
            let rows = out.keeping { $0 < out.rank - 1 }
            let width = weight.shape[1]
            var walk = Walk(result: rows)
            walk.append(arguments.tensor(1))
            let bytes = weight.type.bytes
            let isPlain = weight.strides[1] == 1 && out.strides[out.rank - 1] == 1
            unsafe walk.forEachPlace { places in
                let index = unsafe Int(loadElement(walk.types[1], places[1], as: Int64.self))
                guard index >= 0, index < weight.shape[0] else {
                    DeviceFault.report("embedding index \(index) of \(weight.shape[0])")
                    return
                }
                let source = unsafe weight.base + index &* weight.byteStride(0)
                if isPlain {
                    unsafe places[0].copyMemory(from: source, byteCount: width &* bytes)
                    return
                }
                var row = weight.selecting(0, at: index)
                unsafe row.base = source
                var target = out.keeping { $0 == out.rank - 1 }
                unsafe target.base = places[0]
                copyElements(row, to: target)
            }
        })

    private static let backward = Operation.define(
        "aclnnEmbeddingDenseBackward", "TTiibT",
        "grad:f indices:xi numWeights paddingIdx scaleGradByFreq out:f",
        check: { (arguments) throws(OperationRefusal) in
            let (grad, indices) = (arguments.tensor(0), arguments.tensor(1))
            guard grad.rank > 0 else { throw arguments.invalid(0, "0-dimensional") }
            let width = grad.shape[grad.rank - 1]
            let (count, isOver) = indices.count.multipliedReportingOverflow(by: width)
            if isOver { throw arguments.invalid(1, "shape \(indices.extents) of width \(width)") }
            try arguments.requireCount(0, count)
            try arguments.requireShape(5, [arguments.integer(2), width])
        }, run: runBackward)

    /// Gathers in float, in the order of the indices, and rounds once.
    @Sendable
    private static func runBackward(_ arguments: Arguments) {
        let (grad, indices, out) = (arguments.tensor(0), arguments.tensor(1), arguments.tensor(5))
        let (rows, width) = (out.shape[0], out.shape[1])
        let padding = arguments.integer(3)
        let isDirect = out.type == .float32 && out.isContiguous
        unsafe withScratch(Int64.self, count: indices.count) { labels in
            let plain = unsafe TensorView(
                base: UnsafeMutableRawPointer(labels), type: .int64, shape: indices.extents)
            copyElements(indices, to: plain)
            unsafe withScratch(Float.self, count: (isDirect ? 0 : rows * width) + width) { buffer in
                let table =
                    unsafe isDirect ? out.base.assumingMemoryBound(to: Float.self) : buffer + width
                unsafe table.initialize(repeating: 0, count: rows * width)
                let source = NormRows(grad, dimensions: 1)
                for index in wanted(indices.count) where unsafe Int(labels[index]) != padding {
                    let label = unsafe Int(labels[index])
                    guard label >= 0, label < rows else {
                        DeviceFault.report("embedding index \(label) of \(rows)")
                        continue
                    }
                    let row = unsafe table + label * width
                    let lanes = unsafe Lanes(
                        out: row, a: UnsafePointer(row),
                        b: UnsafePointer(source.read(index, buffer)),
                        c: row, count: width, s: 0, t: 0, u: 0)
                    lanes.vector { (sum: Single8, g: Single8) in sum + g }
                }
                if arguments.flag(4) {
                    unsafe scaleByFrequency(table, rows, width, labels, indices.count)
                }
                if !isDirect { unsafe writeVector(table, to: out) }
            }
        }
    }

    private static func scaleByFrequency(
        _ table: UnsafeMutablePointer<Float>, _ rows: Int, _ width: Int,
        _ labels: UnsafeMutablePointer<Int64>, _ count: Int
    ) {
        guard var frequencies = Scratch.array(repeating: 0, count: rows) else { return }
        for index in 0..<count where unsafe labels[index] >= 0 && Int(labels[index]) < rows {
            unsafe frequencies[Int(labels[index])] += 1
        }
        for row in 0..<rows where frequencies[row] > 1 {
            let line = unsafe table + row * width
            unsafe rowScale(line, width, by: 1 / Float(frequencies[row]), into: line)
        }
    }
}
