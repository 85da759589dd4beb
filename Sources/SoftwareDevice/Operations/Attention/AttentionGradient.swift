import Glibc

/// The gradient of attention: probabilities are computed again from the statistics of the forward
/// pass.
enum AttentionGradient {
    static let operation = Operation.define(
        "aclnnFlashAttentionScoreGrad", "TTTTTTTTTTTTIddiiisiiTTTT",
        "query:f keyIn:f value:f dy:f pseShiftOptional?:f dropMaskOptional?:ib paddingMaskOptional?"
            + " attenMaskOptional?:ib softmaxMaxOptional:f softmaxSumOptional:f softmaxInOptional?"
            + " attentionInOptional:f prefixOptional? scaleValue keepProb preTokens nextTokens"
            + " headNum inputLayout innerPrecise sparseMode dqOut:f dkOut:f dvOut:f dpseOut?",
        check: { (arguments) throws(OperationRefusal) in
            let inputs = try AttentionInputs(arguments, shift: 4, prefix: 12)
            let shape = inputs.shape
            let rows = [shape.batches, shape.heads, shape.queryLength]
            for statistic in [8, 9] { try arguments.requireShape(statistic, rows + [8]) }
            guard [3, 4].contains(arguments.tensor(3).rank),
                inputs.layout.view(arguments.tensor(3), heads: shape.heads)?.extents
                    == rows + [shape.valueChannels]
            else { throw arguments.invalid(3, "shape \(arguments.tensor(3).extents)") }
            for (gradient, input) in [(21, 0), (22, 1), (23, 2), (11, 3)] {
                try arguments.requireSameShape(gradient, as: input)
            }
            if let shift = arguments.optionalTensor(24), shift.count > 0 {
                throw arguments.invalid(24, "the gradient of a shift is not supported")
            }
        },
        run: { arguments in
            if let run = Run(arguments) { run.allHeads() }
        })

    /// One launch: the operands in one form and the space to compute in.
    private struct Run {
        let inputs: AttentionInputs
        let gradient: TensorView
        let output: TensorView
        let maxima: TensorView
        let sums: TensorView
        let results: (query: TensorView, key: TensorView, value: TensorView)

        init?(_ arguments: Arguments) {
            guard let inputs = AttentionInputs(checked: arguments, shift: 4, prefix: 12) else {
                return nil
            }
            let (layout, shape) = (inputs.layout, inputs.shape)
            guard let gradient = layout.view(arguments.tensor(3), heads: shape.heads),
                let output = layout.view(arguments.tensor(11), heads: shape.heads),
                let query = layout.view(arguments.tensor(21), heads: shape.heads),
                let key = layout.view(arguments.tensor(22), heads: shape.keyHeads),
                let value = layout.view(arguments.tensor(23), heads: shape.keyHeads)
            else { return nil }
            self.inputs = inputs
            self.gradient = gradient
            self.output = output
            maxima = arguments.tensor(8)
            sums = arguments.tensor(9)
            results = (query, key, value)
        }

        func allHeads() {
            let shape = inputs.shape
            guard shape.query.count > 0 || shape.value.count > 0 else { return }
            let block = AttentionOperations.blockRows(shape)
            guard let space = GradientSpace(shape, block: block) else { return }
            defer { unsafe free(space.memory) }
            for batch in wanted(shape.batches) {
                for keyHead in wanted(shape.keyHeads) {
                    space.clear()
                    let key = unsafe shape.key.plane(batch, keyHead).matrix(space.key)
                    let value = unsafe shape.value.plane(batch, keyHead).matrix(space.value)
                    for head in keyHead * shape.group..<(keyHead + 1) * shape.group {
                        for start in stride(from: 0, to: shape.queryLength, by: space.block) {
                            if Cancellation.isRequested { break }
                            let block = AttentionBlock(
                                batch: batch, head: head, start: start,
                                count: min(space.block, shape.queryLength - start))
                            add(block, key, value, space)
                        }
                    }
                    unsafe writeVector(space.keyGradient, to: results.key.plane(batch, keyHead))
                    unsafe writeVector(space.valueGradient, to: results.value.plane(batch, keyHead))
                }
            }
        }

        /// The share of some query rows.
        private func add(
            _ block: AttentionBlock, _ key: Matrix, _ value: Matrix, _ space: GradientSpace
        ) {
            let shape = inputs.shape
            let (rows, keys) = (block.count, shape.keyLength)
            let part = { (view: TensorView) in
                view.plane(block.batch, block.head).rows(block.start, rows)
            }
            let query = unsafe part(shape.query).matrix(space.query)
            let incoming = unsafe part(gradient).matrix(space.gradient)
            unsafe multiplyMatrices(
                query, key.transposed, rows: rows, columns: keys, depth: shape.channels,
                into: space.scores, leading: keys)
            unsafe inputs.mask.apply(
                space.scores, batch: block.batch, head: block.head, start: block.start, count: rows,
                space.line)
            unsafe multiplyMatrices(
                incoming, value.transposed, rows: rows, columns: keys, depth: shape.valueChannels,
                into: space.slopes, leading: keys)
            for index in 0..<rows { scoreGradient(block, index, space) }
            let (scores, slopes) = unsafe (
                Matrix(base: UnsafePointer(space.scores), isTransposed: true, leading: keys),
                Matrix(base: UnsafePointer(space.slopes), isTransposed: true, leading: keys)
            )
            unsafe multiplyMatrices(
                scores, incoming, rows: keys, columns: shape.valueChannels, depth: rows, beta: 1,
                into: space.valueGradient, leading: shape.valueChannels)
            unsafe multiplyMatrices(
                slopes, query, rows: keys, columns: shape.channels, depth: rows,
                alpha: inputs.scale, beta: 1, into: space.keyGradient, leading: shape.channels)
            unsafe multiplyMatrices(
                slopes.transposed, key, rows: rows, columns: shape.channels, depth: keys,
                alpha: inputs.scale, into: space.result, leading: shape.channels)
            unsafe writeVector(space.result, to: part(results.query))
        }

        /// Scores of a row become probabilities as they were applied, slopes the gradient of its
        /// scores: p · (dp − Σ dy·y).
        private func scoreGradient(_ block: AttentionBlock, _ index: Int, _ space: GradientSpace) {
            let keys = inputs.shape.keyLength
            let row = block.start + index
            let (scores, slopes) = unsafe (space.scores + index * keys, space.slopes + index * keys)
            let largest = statistic(maxima, block, row)
            let sum = statistic(sums, block, row)
            _ = unsafe rowExponentials(scores, keys, shift: largest, into: scores)
            unsafe rowScale(scores, keys, by: sum == 0 ? 0 : 1 / sum, into: scores)
            let first = inputs.firstScore(block, index)
            unsafe inputs.drop?.apply(slopes, start: first, count: keys)
            let dot = Single8(repeating: outputDot(block, row, space))
            let lanes = unsafe Lanes(
                out: slopes, a: UnsafePointer(scores), b: UnsafePointer(slopes),
                c: UnsafePointer(scores), count: keys, s: 0, t: 0, u: 0)
            lanes.vector { (p: Single8, dp: Single8) in p * (dp - dot) }
            unsafe inputs.drop?.apply(scores, start: first, count: keys)
        }

        private func statistic(_ view: TensorView, _ block: AttentionBlock, _ row: Int) -> Float {
            let plane = view.plane(block.batch, block.head)
            return unsafe loadElement(
                plane.type, plane.base + row * plane.byteStride(0), as: Float.self)
        }

        /// Σ dy·y of a row.
        private func outputDot(_ block: AttentionBlock, _ row: Int, _ space: GradientSpace) -> Float
        {
            let channels = inputs.shape.valueChannels
            let y = output.plane(block.batch, block.head).selecting(0, at: row)
            let dy = gradient.plane(block.batch, block.head).selecting(0, at: row)
            let a = unsafe readLine(
                y.type, y.base, stride: y.byteStride(0), count: channels, space.outputLine)
            let b = unsafe readLine(
                dy.type, dy.base, stride: dy.byteStride(0), count: channels,
                space.outputLine + channels)
            return unsafe rowDot(a, b, channels)
        }
    }
}

/// Where the gradient of one head of keys is computed.
// Safe to hold: parts of one scratch space, which outlives it.
@safe private struct GradientSpace {
    let block: Int
    let memory: UnsafeMutablePointer<Float>
    let key: UnsafeMutablePointer<Float>
    let value: UnsafeMutablePointer<Float>
    let keyGradient: UnsafeMutablePointer<Float>
    let valueGradient: UnsafeMutablePointer<Float>
    let query: UnsafeMutablePointer<Float>
    let gradient: UnsafeMutablePointer<Float>
    let scores: UnsafeMutablePointer<Float>
    let slopes: UnsafeMutablePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let line: UnsafeMutablePointer<Float>
    let outputLine: UnsafeMutablePointer<Float>
    private let gradientCount: Int

    /// Nil, and a fault, where there is no memory for it; `memory` is to be freed.
    init?(_ shape: AttentionShape, block: Int) {
        let keys = shape.keyLength * shape.channels
        let values = shape.keyLength * shape.valueChannels
        let rows = (block * shape.channels, block * shape.valueChannels)
        let scoreCount = block * shape.keyLength
        let total =
            2 * (keys + values) + 2 * rows.0 + rows.1 + 2 * scoreCount + shape.keyLength
            + 2 * shape.valueChannels
        guard let memory = unsafe Scratch.allocate(Float.self, count: total) else { return nil }
        self.block = block
        gradientCount = keys + values
        unsafe self.memory = memory
        unsafe keyGradient = memory
        unsafe valueGradient = keyGradient + keys
        unsafe key = valueGradient + values
        unsafe value = key + keys
        unsafe query = value + values
        unsafe gradient = query + rows.0
        unsafe scores = gradient + rows.1
        unsafe slopes = scores + scoreCount
        unsafe result = slopes + scoreCount
        unsafe line = result + rows.0
        unsafe outputLine = line + shape.keyLength
    }

    func clear() { unsafe keyGradient.initialize(repeating: 0, count: gradientCount) }
}

extension Matrix {
    var transposed: Matrix {
        unsafe Matrix(base: base, isTransposed: !isTransposed, leading: leading)
    }
}
