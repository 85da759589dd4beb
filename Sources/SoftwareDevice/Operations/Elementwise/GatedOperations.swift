/// Activations of one half of a tensor that gate the other, rotary position embedding, and
/// sigmoid's logarithm.
enum GatedOperations {
    static let all: [Operation] = [
        forward("aclnnSwiGlu", "x:f dim out:f", swiGlu),
        forward("aclnnGlu", "self:f dim out:f", glu),
        gradient("aclnnSwiGluGrad", "yGrad:f x:f dim out:f", swiGluGateSlope, swiGluValueSlope),
        gradient("aclnnGluBackward", "gradOut:f self:f dim out:f", gluValueSlope, gluGateSlope),
        rotary, logSigmoid, logSigmoidGradient,
    ]

    private static func forward(
        _ name: String, _ parameters: String, _ kernel: @escaping Kernel<Float>
    ) -> Operation {
        .define(
            name, "TiT", parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireShape(2, try halved(arguments, 0, dimension: 1))
            },
            run: { arguments in
                let (first, second) = halves(arguments.tensor(0), arguments.integer(1))
                var walk = Walk(result: arguments.tensor(2))
                walk.append(first)
                walk.append(second)
                walk.collapse()
                evaluate(walk, kernel: kernel)
            })
    }

    /// The gradients of the first and the second half.
    private static func gradient(
        _ name: String, _ parameters: String, _ first: @escaping Kernel<Float>,
        _ second: @escaping Kernel<Float>
    ) -> Operation {
        .define(
            name, "TTiT", parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireShape(0, try halved(arguments, 1, dimension: 2))
                try arguments.requireSameShape(3, as: 1)
            },
            run: { arguments in
                let inputs = halves(arguments.tensor(1), arguments.integer(2))
                let results = halves(arguments.tensor(3), arguments.integer(2))
                for (result, kernel) in [(results.0, first), (results.1, second)] {
                    var walk = Walk(result: result)
                    walk.append(arguments.tensor(0))
                    walk.append(inputs.0)
                    walk.append(inputs.1)
                    walk.collapse()
                    evaluate(walk, kernel: kernel)
                }
            })
    }

    /// The shape with the dimension halved.
    private static func halved(
        _ arguments: Arguments, _ tensor: Int, dimension: Int
    ) throws(OperationRefusal) -> [Int] {
        let d = try arguments.requireDimension(dimension, of: tensor)
        var shape = arguments.tensor(tensor).extents
        guard d < shape.count, shape[d] % 2 == 0 else {
            throw arguments.invalid(tensor, "shape \(shape) cannot be halved")
        }
        shape[d] /= 2
        return shape
    }

    private static func halves(_ view: TensorView, _ index: Int) -> (TensorView, TensorView) {
        let d = view.dimension(index) ?? 0
        let half = view.shape[d] / 2
        return (view.narrowing(d, from: 0, count: half), view.narrowing(d, from: half, count: half))
    }

    /// x · cos + turned(x) · sin, where turning exchanges and negates halves (mode 0) or neighbours
    /// (mode 1).
    private static let rotary = Operation.define(
        "aclnnRotaryPositionEmbedding", "TTTiT", "x:f cos:f sin:f mode out:f",
        check: { (arguments) throws(OperationRefusal) in
            let x = arguments.tensor(0)
            guard x.rank > 0, x.shape[x.rank - 1] % 2 == 0 else {
                throw arguments.invalid(0, "shape \(x.extents)")
            }
            try arguments.requireSameShape(4, as: 0)
            for index in [1, 2] { try arguments.requireBroadcast(index, to: 0) }
            if !(0...1).contains(arguments.integer(3)) {
                throw arguments.invalid(3, "\(arguments.integer(3)), expected 0 or 1")
            }
        },
        run: { arguments in
            let (x, out) = (arguments.tensor(0), arguments.tensor(4))
            let cosine = arguments.tensor(1).broadcasting(to: x)
            let sine = arguments.tensor(2).broadcasting(to: x)
            let last = x.rank - 1
            let half = x.shape[last] / 2
            let (step, other) = arguments.integer(3) == 0 ? (1, half) : (2, 1)
            unsafe withScratch(Float.self, count: x.count) { buffer in
                // Through a copy, because the result may lie over the input.
                let source = unsafe TensorView(
                    base: UnsafeMutableRawPointer(buffer), type: .float32, shape: x.extents)
                copyElements(x, to: source)
                for (start, partner, sign) in [(0, other, Float(-1)), (other, 0, 1)] {
                    let part = { (view: TensorView, from: Int) in
                        view.narrowing(last, from: from, count: half, step: step)
                    }
                    turn(
                        part(out, start), part(source, start), part(source, partner),
                        part(cosine, start), part(sine, start), sign)
                }
            }
        })

    private static func turn(
        _ out: TensorView, _ x: TensorView, _ partner: TensorView, _ cosine: TensorView,
        _ sine: TensorView, _ sign: Float
    ) {
        unsafe withScratch(Float.self, count: x.count) { buffer in
            let product = unsafe TensorView(
                base: UnsafeMutableRawPointer(buffer), type: .float32, shape: x.extents)
            var walk = Walk(result: product)
            walk.append(partner)
            walk.append(sine)
            walk.collapse()
            evaluate(walk, scalars: [sign, 0, 0]) { l in l.each { $0 * $1 * l.s } }
            var sum = Walk(result: out)
            sum.append(x)
            sum.append(cosine)
            sum.append(product)
            sum.collapse()
            evaluate(sum) { (l: Lanes<Float>) in l.each { $0 * $1 + $2 } }
        }
    }

    private static let logSigmoid = Operation.define(
        "aclnnLogSigmoidForward", "TTT", "self:f out:f buffer?",
        check: { (arguments) throws(OperationRefusal) in try arguments.requireSameShape(1, as: 0) },
        run: { arguments in
            var walk = Walk(result: arguments.tensor(1))
            walk.append(arguments.tensor(0))
            walk.collapse()
            evaluate(walk) { (l: Lanes<Float>) in l.each { -singleSoftplus(-$0) } }
        })

    private static let logSigmoidGradient = Operation.define(
        "aclnnLogSigmoidBackward", "TTTT", "gradOutput:f self:f buffer? gradInput:f",
        check: { (arguments) throws(OperationRefusal) in
            for index in [0, 3] { try arguments.requireSameShape(index, as: 1) }
        },
        run: { arguments in
            var walk = Walk(result: arguments.tensor(3))
            walk.append(arguments.tensor(0))
            walk.append(arguments.tensor(1))
            walk.collapse()
            evaluate(walk) { (l: Lanes<Float>) in
                l.vector { (g: Single8, x: Single8) in g * vectorSigmoid(-x) }
            }
        })
}

private let swiGlu: Kernel<Float> = { l in
    l.vector { (x: Single8, y: Single8) in x * vectorSigmoid(x) * y }
}

private let glu: Kernel<Float> = { l in
    l.vector { (x: Single8, y: Single8) in x * vectorSigmoid(y) }
}

private let swiGluGateSlope: Kernel<Float> = { l in
    l.vector { (g: Single8, x: Single8, y: Single8) in
        let s = vectorSigmoid(x)
        let slope = s * (Single8(repeating: 1) + x * (Single8(repeating: 1) - s))
        return g * y * slope
    }
}

private let swiGluValueSlope: Kernel<Float> = { l in
    l.vector { (g: Single8, x: Single8, _: Single8) in g * x * vectorSigmoid(x) }
}

private let gluValueSlope: Kernel<Float> = { l in
    l.vector { (g: Single8, _: Single8, y: Single8) in g * vectorSigmoid(y) }
}

private let gluGateSlope: Kernel<Float> = { l in
    l.vector { (g: Single8, x: Single8, y: Single8) in
        let s = vectorSigmoid(y)
        return g * x * s * (Single8(repeating: 1) - s)
    }
}
