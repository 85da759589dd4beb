/// Copies, casts and constant contents.
enum FillOperations {
    static let all: [Operation] = [
        copy, cast, fillScalar, fillTensor, arange, range, linspace, eye,
        constant("aclnnInplaceZero", .zero), constant("aclnnInplaceOne", .one),
    ]

    private static let copy = Operation.define(
        "aclnnInplaceCopy", "TT", "selfRef src",
        check: { (arguments) throws(OperationRefusal) in try arguments.requireBroadcast(1, to: 0) },
        run: { copyElements($0.tensor(1), to: $0.tensor(0)) })

    private static let cast = Operation.define(
        "aclnnCast", "TwT", "self dtype out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireSameShape(2, as: 0)
        },
        run: { copyElements($0.tensor(0), to: $0.tensor(2)) })

    private static func constant(_ name: String, _ value: ScalarValue) -> Operation {
        .define(
            name, "T", "selfRef", check: { (_) throws(OperationRefusal) in },
            run: { fillElements($0.tensor(0), value) })
    }

    private static let fillScalar = Operation.define(
        "aclnnInplaceFillScalar", "TS", "selfRef value",
        check: { (_) throws(OperationRefusal) in },
        run: { fillElements($0.tensor(0), $0.scalar(1)) })

    private static let fillTensor = Operation.define(
        "aclnnInplaceFillTensor", "TT", "selfRef value",
        check: { (arguments) throws(OperationRefusal) in try arguments.requireCount(1, 1) },
        run: { arguments in
            var value = arguments.tensor(1)
            value.rank = 0
            copyElements(value, to: arguments.tensor(0))
        })

    /// start, start + step, … as many as the result has; end is not reached.
    private static let arange = Operation.define(
        "aclnnArange", "SSST", "start end step out",
        check: { (arguments) throws(OperationRefusal) in try checkSteps(arguments) }, run: runSteps)

    private static let range = Operation.define(
        "aclnnRange", "SSST", "start end step out",
        check: { (arguments) throws(OperationRefusal) in try checkSteps(arguments) }, run: runSteps)

    private static func checkSteps(_ arguments: Arguments) throws(OperationRefusal) {
        if arguments.scalar(2).double == 0 { throw arguments.invalid(2, "step 0") }
        try arguments.requireRank(3, 0...1)
    }

    @Sendable
    private static func runSteps(_ arguments: Arguments) {
        let (start, step) = (arguments.scalar(0), arguments.scalar(2))
        let output = arguments.tensor(3)
        let integral = start.isIntegral && step.isIntegral
        fill(output) { i in
            integral
                ? Double(start.integer &+ step.integer &* Int64(i))
                : start.double + step.double * Double(i)
        }
    }

    private static let linspace = Operation.define(
        "aclnnLinspace", "SSiT", "start end steps out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireShape(3, [arguments.integer(2)])
        },
        run: { arguments in
            let (start, end) = (arguments.scalar(0).double, arguments.scalar(1).double)
            let steps = arguments.integer(2)
            let step = steps > 1 ? (end - start) / Double(steps - 1) : 0
            fill(arguments.tensor(3)) { i in
                i < steps / 2 ? start + step * Double(i) : end - step * Double(steps - 1 - i)
            }
        })

    private static let eye = Operation.define(
        "aclnnEye", "iiT", "n m out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireShape(2, [arguments.integer(0), arguments.integer(1)])
        },
        run: { arguments in
            let output = arguments.tensor(2)
            fillElements(output, .zero)
            var diagonal = output
            diagonal.rank = 1
            diagonal.count = min(output.shape[0], output.shape[1])
            diagonal.shape[0] = diagonal.count
            diagonal.strides[0] = output.strides[0] + output.strides[1]
            fillElements(diagonal, .one)
        })

    /// Sets the elements of a tensor of at most one dimension.
    private static func fill(_ output: TensorView, _ value: (Int) -> Double) {
        let stride = output.rank == 0 ? 0 : output.byteStride(0)
        for i in wanted(output.count) {
            unsafe storeElement(output.type, value(i), into: output.base + i * stride)
        }
    }
}
