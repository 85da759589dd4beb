/// Scaled dot-product attention: scale · (q·kᵀ + shift), masked, softmax, dropped out, times v.
enum AttentionOperations {
    static let all: [Operation] = [forward, AttentionGradient.operation]

    private static let forward = Operation.define(
        "aclnnFlashAttentionScore", "TTTTTTTIddiiisiiTTTT",
        "query:f key:f value:f realShiftOptional?:f dropMaskOptional?:ib paddingMaskOptional?"
            + " attenMaskOptional?:ib prefixOptional? scaleValue keepProb preTokens nextTokens"
            + " headNum inputLayout innerPrecise sparseMode softmaxMaxOut:f softmaxSumOut:f"
            + " softmaxOutOut? attentionOutOut:f",
        check: { (arguments) throws(OperationRefusal) in
            let inputs = try AttentionInputs(arguments, shift: 3, prefix: 7)
            guard let out = inputs.layout.view(arguments.tensor(19), heads: inputs.shape.heads),
                out.extents == [
                    inputs.shape.batches, inputs.shape.heads, inputs.shape.queryLength,
                    inputs.shape.valueChannels,
                ]
            else { throw arguments.invalid(19, "shape \(arguments.tensor(19).extents)") }
            let statistics = [
                inputs.shape.batches, inputs.shape.heads, inputs.shape.queryLength, 8,
            ]
            try arguments.requireShape(16, statistics)
            try arguments.requireShape(17, statistics)
        }, run: runForward)

    @Sendable
    private static func runForward(_ arguments: Arguments) {
        guard let inputs = AttentionInputs(checked: arguments, shift: 3, prefix: 7),
            let out = inputs.layout.view(arguments.tensor(19), heads: inputs.shape.heads)
        else { return }
        let shape = inputs.shape
        guard shape.query.count > 0 || shape.value.count > 0 else { return }
        let block = blockRows(shape)
        let (maxima, sums) = (arguments.tensor(16), arguments.tensor(17))
        let (keyCount, valueCount) = (
            shape.keyLength * shape.channels, shape.keyLength * shape.valueChannels
        )
        let scoreCount = block * shape.keyLength
        let spaces = [
            keyCount, valueCount, block * shape.channels, scoreCount, shape.keyLength,
            block * shape.valueChannels,
        ]
        unsafe withScratch(Float.self, count: spaces.reduce(0, +)) { space in
            let values = unsafe space + keyCount
            let queries = unsafe values + valueCount
            let scores = unsafe queries + spaces[2]
            let line = unsafe scores + scoreCount
            let result = unsafe line + spaces[4]
            for batch in wanted(shape.batches) {
                for keyHead in wanted(shape.keyHeads) {
                    let key = unsafe shape.key.plane(batch, keyHead).transposing(0, 1).matrix(space)
                    let value = unsafe shape.value.plane(batch, keyHead).matrix(values)
                    for head in keyHead * shape.group..<(keyHead + 1) * shape.group {
                        for start in stride(from: 0, to: shape.queryLength, by: block) {
                            if Cancellation.isRequested { break }
                            let part = AttentionBlock(
                                batch: batch, head: head, start: start,
                                count: min(block, shape.queryLength - start))
                            let query = shape.query.plane(batch, head).rows(start, part.count)
                            unsafe multiplyMatrices(
                                query.matrix(queries), key, rows: part.count,
                                columns: shape.keyLength, depth: shape.channels, into: scores,
                                leading: shape.keyLength)
                            unsafe inputs.softmax(scores, part, maxima, sums, line)
                            let target = out.plane(batch, head).rows(start, part.count)
                            unsafe multiplyInto(
                                target, scores, value, depth: shape.keyLength, buffer: result)
                        }
                    }
                }
            }
        }
    }

    /// target = scores · value; through the buffer if it is not row-major floats.
    private static func multiplyInto(
        _ target: TensorView, _ scores: UnsafeMutablePointer<Float>, _ value: Matrix, depth: Int,
        buffer: UnsafeMutablePointer<Float>
    ) {
        let (rows, columns) = (target.shape[0], target.shape[1])
        let a = unsafe Matrix(
            base: UnsafePointer(scores), isTransposed: false, leading: max(1, depth))
        if let place = target.matrixInPlace(), !place.isTransposed {
            unsafe multiplyMatrices(
                a, value, rows: rows, columns: columns, depth: depth,
                into: target.base.assumingMemoryBound(to: Float.self), leading: place.leading)
            return
        }
        unsafe multiplyMatrices(
            a, value, rows: rows, columns: columns, depth: depth, into: buffer,
            leading: max(1, columns))
        let result = unsafe TensorView(
            base: UnsafeMutableRawPointer(buffer), type: .float32, shape: [rows, columns])
        copyElements(result, to: target)
    }

    /// Query rows at a time: their scores stay in the second-level cache.
    static func blockRows(_ shape: AttentionShape) -> Int {
        max(1, min(shape.queryLength, max(16, 65_536 / max(1, shape.keyLength))))
    }
}

/// Consecutive query rows of one head.
struct AttentionBlock {
    var batch: Int
    var head: Int
    var start: Int
    var count: Int
}

/// What forward and backward take alike.
struct AttentionInputs {
    let layout: AttentionLayout
    let shape: AttentionShape
    let mask: AttentionMask
    let drop: DropMask?
    let scale: Float

    /// With what is wrong with the arguments. `shift` is where the optional tensors begin, `prefix`
    /// where the attributes do.
    init(_ arguments: Arguments, shift: Int, prefix: Int) throws(OperationRefusal) {
        let text = arguments.string(prefix + 6) ?? ""
        guard let layout = AttentionLayout(rawValue: text) else {
            throw arguments.invalid(
                prefix + 6, "layout \"\(text)\", expected BNSD, BSND, BSH or SBH")
        }
        for index in 0...2 where !(3...4).contains(arguments.tensor(index).rank) {
            throw arguments.invalid(
                index, "shape \(arguments.tensor(index).extents) in layout \(text)")
        }
        guard
            let shape = AttentionShape(
                arguments.tensor(0), arguments.tensor(1), arguments.tensor(2), layout,
                heads: arguments.integer(prefix + 5))
        else {
            let shapes = (0...2).map { "\(arguments.tensor($0).extents)" }.joined(separator: ", ")
            throw arguments.invalid(0, "query, key and value of shapes \(shapes) in layout \(text)")
        }
        if !arguments.integers(prefix).isEmpty {
            throw arguments.invalid(prefix, "prefixes are not supported")
        }
        let mode = arguments.integer(prefix + 8)
        guard
            let mask = AttentionMask(
                shape, shift: arguments.optionalTensor(shift).flatMap { $0.count > 0 ? $0 : nil },
                mask: arguments.optionalTensor(shift + 3).flatMap { $0.count > 0 ? $0 : nil },
                scale: arguments.real(prefix + 1), mode: mode,
                before: arguments.integer(prefix + 3), after: arguments.integer(prefix + 4))
        else {
            throw arguments.invalid(
                shift + 3, "the shapes of masks do not fit, or sparseMode \(mode) is not supported")
        }
        self.layout = layout
        self.shape = shape
        self.mask = mask
        scale = Float(arguments.real(prefix + 1))
        drop = DropMask(
            arguments.optionalTensor(shift + 1), keepProbability: arguments.real(prefix + 2))
        if drop != nil, let view = arguments.optionalTensor(shift + 1) {
            guard let scores = shape.scoreCount else {
                throw arguments.invalid(shift + 1, "more scores than memory can hold")
            }
            if !view.isContiguous || view.count * view.type.bytes < (scores + 7) / 8 {
                throw arguments.invalid(shift + 1, "shape \(view.extents) for \(scores) scores")
            }
        }
    }

    /// Of arguments that have been checked.
    init?(checked arguments: Arguments, shift: Int, prefix: Int) {
        do throws(OperationRefusal) {
            try self.init(arguments, shift: shift, prefix: prefix)
        } catch {
            return nil
        }
    }

    /// Raw products become probabilities; maxima and sums, repeated eight times, go to the
    /// statistics. A row that is left out entirely becomes zero.
    func softmax(
        _ scores: UnsafeMutablePointer<Float>, _ block: AttentionBlock, _ maxima: TensorView,
        _ sums: TensorView, _ line: UnsafeMutablePointer<Float>
    ) {
        let keys = shape.keyLength
        unsafe mask.apply(
            scores, batch: block.batch, head: block.head, start: block.start, count: block.count,
            line)
        let planes = (maxima.plane(block.batch, block.head), sums.plane(block.batch, block.head))
        for index in 0..<block.count {
            let row = unsafe scores + index * keys
            var largest = unsafe rowMaximum(row, keys)
            if largest == -.infinity { largest = -Float.greatestFiniteMagnitude }
            let sum = unsafe rowExponentials(row, keys, shift: largest, into: row)
            unsafe rowScale(row, keys, by: sum == 0 ? 0 : 1 / sum, into: row)
            Self.store(largest, planes.0, block.start + index)
            Self.store(sum, planes.1, block.start + index)
            unsafe drop?.apply(row, start: firstScore(block, index), count: keys)
        }
    }

    /// The number among all scores of a row's first one.
    func firstScore(_ block: AttentionBlock, _ index: Int) -> Int {
        ((block.batch &* shape.heads &+ block.head) &* shape.queryLength &+ block.start &+ index)
            &* shape.keyLength
    }

    private static func store(_ value: Float, _ plane: TensorView, _ row: Int) {
        let place = unsafe plane.base + row * plane.byteStride(0)
        if plane.type == .float32 && plane.strides[1] == 1 {
            unsafe store8(Single8(repeating: value), place.assumingMemoryBound(to: Float.self))
            return
        }
        for k in 0..<8 {
            unsafe storeElement(plane.type, value, into: place + k * plane.byteStride(1))
        }
    }
}
