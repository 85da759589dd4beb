/// Root-mean-square normalisation, plain and after a residual sum, and its gradients.
enum RmsNormOperations {
    static let all: [Operation] = [forward, afterSum, backward]

    private static let forward = Operation.define(
        "aclnnRmsNorm", "TTdTT", "x:f gamma:f epsilon yOut:f rstdOut?:f",
        check: { (arguments) throws(OperationRefusal) in
            try requireGamma(arguments, 1, of: 0)
            try arguments.requireSameShape(3, as: 0)
            try requireRows(arguments, 4, of: 0, gamma: 1)
        },
        run: { arguments in
            normalize(
                arguments.tensor(0), arguments.tensor(1), arguments.real(2), arguments.tensor(3),
                arguments.optionalTensor(4))
        })

    private static let afterSum = Operation.define(
        "aclnnAddRmsNorm", "TTTdTTT", "x1:f x2:f gamma:f epsilon yOut:f rstdOut?:f xOut:f",
        check: { (arguments) throws(OperationRefusal) in
            try requireGamma(arguments, 2, of: 0)
            for index in [1, 4, 6] { try arguments.requireSameShape(index, as: 0) }
            try requireRows(arguments, 5, of: 0, gamma: 2)
        },
        run: { arguments in
            let sum = arguments.tensor(6)
            var walk = Walk(result: sum)
            walk.append(arguments.tensor(0))
            walk.append(arguments.tensor(1))
            walk.collapse()
            add.run(walk, .single, [.one, .zero, .zero])
            normalize(
                sum, arguments.tensor(2), arguments.real(3), arguments.tensor(4),
                arguments.optionalTensor(5))
        })

    private static func normalize(
        _ x: TensorView, _ gamma: TensorView, _ epsilon: Double, _ y: TensorView,
        _ inverseView: TensorView?
    ) {
        let input = NormRows(x, dimensions: gamma.rank)
        let output = NormRows(y, dimensions: gamma.rank)
        let width = input.width
        unsafe withScratch(Float.self, count: 3 * width + input.count) { buffer in
            let weight = unsafe readVector(gamma, buffer + 2 * width)
            let inverses = unsafe buffer + 3 * width
            for row in wanted(input.count) {
                let x = unsafe input.read(row, buffer)
                let y = unsafe output.target(row, buffer + width)
                let square = unsafe Double(rowDot(x, x, width)) / Double(width)
                let inverse = Float(1 / (square + epsilon).squareRoot())
                unsafe inverses[row] = inverse
                unsafe rowScale(x, width, by: inverse, into: y)
                unsafe applyAffine(y, width, weight, nil)
                unsafe output.write(row, y)
            }
            if let inverseView { unsafe writeVector(inverses, to: inverseView) }
        }
    }

    private static let backward = Operation.define(
        "aclnnRmsNormGrad", "TTTTTT", "dy:f x:f rstd:f gamma:f dxOut:f dgammaOut:f",
        check: { (arguments) throws(OperationRefusal) in
            try requireGamma(arguments, 3, of: 1)
            for index in [0, 4] { try arguments.requireSameShape(index, as: 1) }
            try arguments.requireSameShape(5, as: 3)
            try requireRows(arguments, 2, of: 1, gamma: 3)
        }, run: runBackward)

    @Sendable
    private static func runBackward(_ arguments: Arguments) {
        let gamma = arguments.tensor(3)
        let gradient = NormRows(arguments.tensor(0), dimensions: gamma.rank)
        let input = NormRows(arguments.tensor(1), dimensions: gamma.rank)
        let output = NormRows(arguments.tensor(4), dimensions: gamma.rank)
        let (width, rows) = (input.width, input.count)
        unsafe withScratch(Float.self, count: 10 * width + rows) { buffer in
            let inverses = unsafe readVector(arguments.tensor(2), buffer + 10 * width)
            let weight = unsafe readVector(gamma, buffer + 4 * width)
            var sums = unsafe GradientSums(width: width, space: buffer + 6 * width)
            for row in wanted(rows) {
                let g = unsafe gradient.read(row, buffer)
                let x = unsafe input.read(row, buffer + width)
                let normalized = unsafe buffer + 2 * width
                unsafe rowScale(x, width, by: inverses[row], into: normalized)
                unsafe sums.add(g, normalized)
                let y = unsafe output.target(row, buffer + 3 * width)
                unsafe inputGradient(
                    g, normalized, weight, inverses[row], width, into: y, buffer + 5 * width)
                unsafe output.write(row, y)
            }
            sums.flush()
            unsafe writeVector(sums.weights, to: arguments.tensor(5))
        }
    }

    /// inverse · (g·w − n · mean(g·w·n)).
    private static func inputGradient(
        _ g: UnsafePointer<Float>, _ normalized: UnsafePointer<Float>,
        _ weight: UnsafeMutablePointer<Float>, _ inverse: Float, _ width: Int,
        into y: UnsafeMutablePointer<Float>, _ scaled: UnsafeMutablePointer<Float>
    ) {
        let products = unsafe Lanes(
            out: scaled, a: g, b: UnsafePointer(weight), c: g, count: width, s: 0, t: 0, u: 0)
        products.vector { (g: Single8, w: Single8) in g * w }
        let slope = unsafe Single8(repeating: rowDot(scaled, normalized, width) / Float(width))
        let inverses = Single8(repeating: inverse)
        let lanes = unsafe Lanes(
            out: y, a: UnsafePointer(scaled), b: normalized, c: g, count: width, s: 0, t: 0, u: 0)
        lanes.vector { (g: Single8, n: Single8) in inverses * (g - n * slope) }
    }
}

private func requireGamma(_ arguments: Arguments, _ gamma: Int, of x: Int) throws(OperationRefusal)
{
    let (weight, input) = (arguments.tensor(gamma).extents, arguments.tensor(x).extents)
    if weight.isEmpty || Array(input.suffix(weight.count)) != weight {
        throw arguments.invalid(gamma, "shape \(weight) for an input of shape \(input)")
    }
}

/// One number for each row, where the argument is given.
private func requireRows(
    _ arguments: Arguments, _ index: Int, of x: Int, gamma: Int
) throws(OperationRefusal) {
    let (input, weight) = (arguments.tensor(x), arguments.tensor(gamma))
    guard arguments.optionalTensor(index) != nil else { return }
    try arguments.requireCount(index, weight.count == 0 ? 0 : input.count / weight.count)
}
