/// Layer normalisation and its gradients.
enum LayerNormOperations {
    static let all: [Operation] = [
        forward("aclnnLayerNorm", "TITTdTTT", ""),
        forward("aclnnLayerNormWithImplMode", "TITTdTTTw", " implMode"), backward,
    ]

    private static func forward(_ name: String, _ classes: String, _ more: String) -> Operation {
        .define(
            name, classes,
            "input:f normalizedShape weightOptional?:f biasOptional?:f eps out:f meanOutOptional?:f"
                + " rstdOutOptional?:f" + more,
            check: { (arguments) throws(OperationRefusal) in
                try requireNormalizedShape(arguments, 1, of: 0)
                try arguments.requireSameShape(5, as: 0)
                let width = arguments.integers(1).reduce(1, *)
                for index in [2, 3] where arguments.optionalTensor(index) != nil {
                    try arguments.requireCount(index, width)
                }
                for index in [6, 7] where arguments.optionalTensor(index) != nil {
                    try arguments.requireCount(index, rowCount(arguments.tensor(0), width))
                }
            }, run: runForward)
    }

    @Sendable
    private static func runForward(_ arguments: Arguments) {
        let dimensions = arguments.integers(1).count
        let input = NormRows(arguments.tensor(0), dimensions: dimensions)
        let output = NormRows(arguments.tensor(5), dimensions: dimensions)
        let width = input.width
        let epsilon = arguments.real(4)
        unsafe withScratch(Float.self, count: 4 * width + 2 * input.count) { buffer in
            let weight = unsafe arguments.optionalTensor(2).map {
                unsafe readVector($0, buffer + 2 * width)
            }
            let bias = unsafe arguments.optionalTensor(3).map {
                unsafe readVector($0, buffer + 3 * width)
            }
            let means = unsafe buffer + 4 * width
            let inverses = unsafe means + input.count
            for row in wanted(input.count) {
                let x = unsafe input.read(row, buffer)
                let y = unsafe output.target(row, buffer + width)
                let (mean, inverse) = unsafe normalization(x, width, epsilon)
                unsafe means[row] = mean
                unsafe inverses[row] = inverse
                unsafe rowScale(x, width, by: inverse, plus: -mean * inverse, into: y)
                unsafe applyAffine(y, width, weight, bias)
                unsafe output.write(row, y)
            }
            if let view = arguments.optionalTensor(6) { unsafe writeVector(means, to: view) }
            if let view = arguments.optionalTensor(7) { unsafe writeVector(inverses, to: view) }
        }
    }

    private static let backward = Operation.define(
        "aclnnLayerNormBackward", "TTITTTTBTTT",
        "gradOut:f input:f normalizedShape mean:f rstd:f weightOptional?:f biasOptional?:f"
            + " outputMask gradInputOut?:f gradWeightOut?:f gradBiasOut?:f",
        check: { (arguments) throws(OperationRefusal) in
            try requireNormalizedShape(arguments, 2, of: 1)
            try arguments.requireSameShape(0, as: 1)
            let width = arguments.integers(2).reduce(1, *)
            let rows = rowCount(arguments.tensor(1), width)
            for index in [3, 4] { try arguments.requireCount(index, rows) }
            if arguments.booleans(7).count != 3 { throw arguments.invalid(7, "not of 3 elements") }
            if arguments.optionalTensor(8) != nil { try arguments.requireSameShape(8, as: 1) }
            for index in [5, 9, 10] where arguments.optionalTensor(index) != nil {
                try arguments.requireCount(index, width)
            }
        }, run: runBackward)

    @Sendable
    private static func runBackward(_ arguments: Arguments) {
        let dimensions = arguments.integers(2).count
        let mask = arguments.booleans(7)
        let gradient = NormRows(arguments.tensor(0), dimensions: dimensions)
        let input = NormRows(arguments.tensor(1), dimensions: dimensions)
        let (width, rows) = (input.width, input.count)
        let result = mask[0] ? arguments.optionalTensor(8) : nil
        let target = result.map { NormRows($0, dimensions: dimensions) }
        unsafe withScratch(Float.self, count: 10 * width + 2 * rows) { buffer in
            let means = unsafe readVector(arguments.tensor(3), buffer + 10 * width)
            let inverses = unsafe readVector(arguments.tensor(4), buffer + 10 * width + rows)
            let weight = unsafe arguments.optionalTensor(5).map {
                unsafe readVector($0, buffer + 4 * width)
            }
            var sums = unsafe GradientSums(width: width, space: buffer + 6 * width)
            for row in wanted(rows) {
                let g = unsafe gradient.read(row, buffer)
                let x = unsafe input.read(row, buffer + width)
                let normalized = unsafe buffer + 2 * width
                let inverse = unsafe inverses[row]
                unsafe rowScale(
                    x, width, by: inverse, plus: -means[row] * inverse, into: normalized)
                unsafe sums.add(g, normalized)
                guard let target else { continue }
                let y = unsafe target.target(row, buffer + 3 * width)
                unsafe inputGradient(
                    g, normalized, weight, inverse, width, into: y, buffer + 5 * width)
                unsafe target.write(row, y)
            }
            sums.flush()
            if mask[1], let view = arguments.optionalTensor(9) {
                unsafe writeVector(sums.weights, to: view)
            }
            if mask[2], let view = arguments.optionalTensor(10) {
                unsafe writeVector(sums.biases, to: view)
            }
        }
    }

    /// inverse · (g·w − mean(g·w) − n · mean(g·w·n)).
    private static func inputGradient(
        _ g: UnsafePointer<Float>, _ normalized: UnsafePointer<Float>,
        _ weight: UnsafeMutablePointer<Float>?, _ inverse: Float, _ width: Int,
        into y: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
    ) {
        var scaled = unsafe g
        if let weight = unsafe weight {
            let lanes = unsafe Lanes(
                out: scratch, a: g, b: UnsafePointer(weight), c: g, count: width, s: 0, t: 0, u: 0)
            lanes.vector { (g: Single8, w: Single8) in g * w }
            unsafe scaled = UnsafePointer(scratch)
        }
        let mean = unsafe Single8(repeating: rowSum(scaled, width) / Float(width))
        let slope = unsafe Single8(repeating: rowDot(scaled, normalized, width) / Float(width))
        let inverses = Single8(repeating: inverse)
        let lanes = unsafe Lanes(
            out: y, a: scaled, b: normalized, c: g, count: width, s: 0, t: 0, u: 0)
        lanes.vector { (g: Single8, n: Single8) in inverses * (g - mean - n * slope) }
    }
}

/// Gradients of weight and bias: sums over rows, in pieces of rows so that many rows lose little.
// Safe to use: every index is below `width`, which the space was measured by.
@safe struct GradientSums {
    let width: Int
    let totals: UnsafeMutablePointer<Float>
    let partials: UnsafeMutablePointer<Float>
    private var rows = 0

    /// The space holds four times the width: totals and partial sums of weights and biases.
    init(width: Int, space: UnsafeMutablePointer<Float>) {
        self.width = width
        unsafe totals = space
        unsafe partials = space + 2 * width
        unsafe space.initialize(repeating: 0, count: 4 * width)
    }

    var weights: UnsafeMutablePointer<Float> { unsafe totals }
    var biases: UnsafeMutablePointer<Float> { unsafe totals + width }

    mutating func add(_ g: UnsafePointer<Float>, _ normalized: UnsafePointer<Float>) {
        let weights = unsafe Lanes(
            out: partials, a: UnsafePointer(partials), b: g, c: normalized, count: width, s: 0,
            t: 0,
            u: 0)
        weights.vector { (sum: Single8, g: Single8, n: Single8) in sum + g * n }
        let sums = unsafe partials + width
        let biases = unsafe Lanes(
            out: sums, a: UnsafePointer(sums), b: g, c: g, count: width, s: 0, t: 0, u: 0)
        biases.vector { (sum: Single8, g: Single8) in sum + g }
        rows += 1
        if rows == 64 { flush() }
    }

    mutating func flush() {
        for i in 0..<2 * width {
            unsafe totals[i] += partials[i]
            unsafe partials[i] = 0
        }
        rows = 0
    }
}

/// Mean and 1/√(variance + ε) of a row.
func normalization(_ x: UnsafePointer<Float>, _ count: Int, _ epsilon: Double) -> (Float, Float) {
    let mean = unsafe rowSum(x, count) / Float(max(1, count))
    var lanes = Single8(repeating: 0)
    let means = Single8(repeating: mean)
    var i = 0
    while i &+ 8 <= count {
        let distance = unsafe load8(x + i) - means
        lanes += distance * distance
        i &+= 8
    }
    while i < count {
        let distance = unsafe x[i] - mean
        lanes[0] += distance * distance
        i &+= 1
    }
    let variance = Double(lanes.sum()) / Double(max(1, count))
    return (mean, Float(1 / (variance + epsilon).squareRoot()))
}

/// y = y · weight + bias, each of which may be missing.
func applyAffine(
    _ y: UnsafeMutablePointer<Float>, _ count: Int, _ weight: UnsafeMutablePointer<Float>?,
    _ bias: UnsafeMutablePointer<Float>?
) {
    let rows = unsafe Lanes(
        out: y, a: UnsafePointer(y), b: UnsafePointer(weight ?? y), c: UnsafePointer(bias ?? y),
        count: count, s: 0, t: 0, u: 0)
    switch unsafe (weight != nil, bias != nil) {
    case (true, true): rows.vector { (y: Single8, w: Single8, b: Single8) in y * w + b }
    case (true, false): rows.vector { (y: Single8, w: Single8) in y * w }
    case (false, true): rows.vector { (y: Single8, _: Single8, b: Single8) in y + b }
    case (false, false): break
    }
}

private func rowCount(_ input: TensorView, _ width: Int) -> Int {
    width == 0 ? 0 : input.count / width
}

private func requireNormalizedShape(
    _ arguments: Arguments, _ index: Int, of input: Int
) throws(OperationRefusal) {
    let shape = arguments.integers(index)
    let extents = arguments.tensor(input).extents
    if shape.isEmpty || Array(extents.suffix(shape.count)) != shape {
        throw arguments.invalid(index, "\(shape) for an input of shape \(extents)")
    }
}
