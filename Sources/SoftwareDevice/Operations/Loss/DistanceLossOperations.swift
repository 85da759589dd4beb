/// Losses that compare each number with its target: element-wise, then kept, averaged or summed.
enum DistanceLossOperations {
    static let all: [Operation] = [
        forward("aclnnMseLoss", "TTiT", "self:f target:f reduction out:f", squared),
        forward("aclnnL1Loss", "TTiT", "self:f target:f reduction out:f", absoluteDifference),
        forward(
            "aclnnSmoothL1Loss", "TTifT", "self:f target:f reduction beta result:f", smooth, beta: 3
        ),
        backward(
            "aclnnMseLossBackward", "TTTiT", "gradOutput:f self:f target:f reduction out:f",
            squaredSlope),
        backward(
            "aclnnL1LossBackward", "TTTiT", "gradOutput:f self:f target:f reduction gradInput:f",
            absoluteSlope),
        backward(
            "aclnnSmoothL1LossBackward", "TTTifT",
            "gradOut:f self:f target:f reduction beta gradInput:f", smoothSlope, beta: 4),
    ]

    /// Reductions as AscendCL numbers them: 0 none, 1 mean, 2 sum.
    private static func forward(
        _ name: String, _ classes: String, _ parameters: String, _ kernel: @escaping Kernel<Float>,
        beta: Int? = nil
    ) -> Operation {
        let result = classes.utf8.count - 1
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireSameShape(1, as: 0)
                try requireReduction(arguments, 2)
                if arguments.integer(2) == 0 {
                    try arguments.requireSameShape(result, as: 0)
                } else {
                    try arguments.requireCount(result, 1)
                }
            },
            run: { arguments in
                let (input, out) = (arguments.tensor(0), arguments.tensor(result))
                let factor = beta.map { Float(arguments.real($0)) } ?? 1
                if arguments.integer(2) == 0 {
                    run(input, arguments.tensor(1), into: out, factor, kernel)
                    return
                }
                unsafe withScratch(Float.self, count: input.count) { buffer in
                    let values = unsafe TensorView(
                        base: UnsafeMutableRawPointer(buffer), type: .float32, shape: input.extents)
                    run(input, arguments.tensor(1), into: values, factor, kernel)
                    let total = unsafe rowSum(buffer, input.count)
                    let divisor = arguments.integer(2) == 1 ? Float(input.count) : 1
                    unsafe storeElement(out.type, total / divisor, into: out.base)
                }
            })
    }

    private static func run(
        _ input: TensorView, _ target: TensorView, into out: TensorView, _ beta: Float,
        _ kernel: @escaping Kernel<Float>
    ) {
        var walk = Walk(result: out)
        walk.append(input)
        walk.append(target)
        walk.collapse()
        evaluate(walk, scalars: [beta, 0, 0], kernel: kernel)
    }

    /// The incoming gradient, which broadcasts, times the slope; divided by the count for a mean.
    private static func backward(
        _ name: String, _ classes: String, _ parameters: String, _ kernel: @escaping Kernel<Float>,
        beta: Int? = nil
    ) -> Operation {
        let result = classes.utf8.count - 1
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireSameShape(2, as: 1)
                try arguments.requireSameShape(result, as: 1)
                try arguments.requireBroadcast(0, to: 1)
                try requireReduction(arguments, 3)
            },
            run: { arguments in
                let out = arguments.tensor(result)
                var walk = Walk(result: out)
                walk.append(arguments.tensor(1))
                walk.append(arguments.tensor(2))
                walk.append(arguments.tensor(0))
                walk.collapse()
                let divisor = arguments.integer(3) == 1 ? Float(out.count) : 1
                let factor = beta.map { Float(arguments.real($0)) } ?? 1
                evaluate(walk, scalars: [factor, 1 / divisor, 0], kernel: kernel)
            })
    }

    private static func requireReduction(
        _ arguments: Arguments, _ index: Int
    ) throws(OperationRefusal) {
        if !(0...2).contains(arguments.integer(index)) {
            throw arguments.invalid(index, "\(arguments.integer(index)), expected 0, 1 or 2")
        }
    }

    private static let squared: Kernel<Float> = { l in
        l.vector { (x: Single8, y: Single8) in (x - y) * (x - y) }
    }

    private static let absoluteDifference: Kernel<Float> = { l in l.each { abs($0 - $1) } }

    private static let smooth: Kernel<Float> = { l in
        l.each { x, y in
            let distance = abs(x - y)
            return distance < l.s ? 0.5 * distance * distance / l.s : distance - 0.5 * l.s
        }
    }

    private static let squaredSlope: Kernel<Float> = { l in
        let factor = Single8(repeating: 2 * l.t)
        l.vector { (x: Single8, y: Single8, g: Single8) in factor * (x - y) * g }
    }

    private static let absoluteSlope: Kernel<Float> = { l in
        l.each { x, y, g in x > y ? g * l.t : x < y ? -g * l.t : 0 }
    }

    private static let smoothSlope: Kernel<Float> = { l in
        l.each { x, y, g in
            let distance = x - y
            let slope = abs(distance) < l.s ? distance / l.s : distance > 0 ? 1 : -1
            return slope * g * l.t
        }
    }
}
