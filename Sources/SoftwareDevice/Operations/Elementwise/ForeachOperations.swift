/// Element-wise operations over lists of tensors: what optimizers are made of.
enum ForeachOperations {
    static let all: [Operation] = unary + scalars + lists + fused + extras

    private static let unary: [Operation] = [
        list("Sqrt", "LL", "x out", squareRoot), list("Neg", "LL", "x out", negate),
        list("Abs", "LL", "x out", absolute), list("Exp", "LL", "x out", exponential),
        list("Log", "LL", "x out", logarithm), list("Reciprocal", "LL", "x out", reciprocal),
        list("Sign", "LL", "x out", sign),
    ]

    private static let scalars: [Operation] = [
        list("AddScalarV2", "LSL", "x scalar out", addOneScalar),
        list("SubScalarV2", "LSL", "x scalar out", subtractOneScalar),
        list("MulScalarV2", "LSL", "x scalar out", multiplyScalar),
        list("DivScalarV2", "LSL", "x scalar out", divideScalar),
        list("AddScalarList", "LCL", "x scalars out", addOneScalar),
        list("SubScalarList", "LCL", "x scalars out", subtractOneScalar),
        list("MulScalarList", "LCL", "x scalars out", multiplyScalar),
        list("DivScalarList", "LCL", "x scalars out", divideScalar),
        list("PowScalarV2", "LSL", "x scalar out", powerScalar),
        list("AddScalar", "LTL", "x scalar out", addOneScalar),
        list("MulScalar", "LTL", "x scalar out", multiplyScalar),
        list("DivScalar", "LTL", "x scalar out", divideScalar),
    ]

    private static let lists: [Operation] = [
        list("AddListV2", "LLSL", "x1 x2 alpha out", add),
        list("SubListV2", "LLSL", "x1 x2 alpha out", subtract),
        list("AddList", "LLTL", "x1 x2 alpha out", add),
        list("SubList", "LLTL", "x1 x2 alpha out", subtract),
        list("MulList", "LLL", "x1 x2 out", multiply),
        list("DivList", "LLL", "x1 x2 out", divide),
        list("MaximumList", "LLL", "x1 x2 out", maximum),
        list("MinimumList", "LLL", "x1 x2 out", minimum),
    ]

    private static let fused: [Operation] = [
        list("AddcmulScalarV2", "LLLSL", "x1 x2 x3 scalar out", addProduct),
        list("AddcdivScalarV2", "LLLSL", "x1 x2 x3 scalar out", addQuotient),
        list("AddcmulScalar", "LLLTL", "x1 x2 x3 scalar out", addProduct),
        list("AddcdivScalar", "LLLTL", "x1 x2 x3 scalar out", addQuotient),
        list("AddcmulScalarList", "LLLTL", "x1 x2 x3 scalars out", addProduct),
        list("AddcdivScalarList", "LLLTL", "x1 x2 x3 scalars out", addQuotient),
        list("LerpScalar", "LLSL", "x1 x2 weight out", lerpScalar),
        list("LerpList", "LLLL", "x1 x2 weight out", lerp),
    ]

    /// Lists of tensors in order are the inputs and the last the result; a scalar, a list of
    /// scalars or a tensor of them gives each element of the lists its scalar.
    private static func list(
        _ name: String, _ classes: String, _ parameters: String, _ kernels: Kernels
    ) -> Operation {
        let letters = Array(classes.utf8)
        var lists = letters.indices.filter { letters[$0] == UInt8(ascii: "L") }
        let result = lists.removeLast()
        let scalar = letters.firstIndex { $0 != UInt8(ascii: "L") }
        return .define(
            "aclnnForeach\(name)", classes, parameters,
            check: { [lists] (arguments) throws(OperationRefusal) in
                let outs = arguments.tensors(result)
                for index in lists {
                    let inputs = arguments.tensors(index)
                    guard inputs.count == outs.count else {
                        throw arguments.invalid(
                            index, "\(inputs.count) tensors, the result has \(outs.count)")
                    }
                    for (input, out) in zip(inputs, outs) where !input.hasShape(of: out) {
                        throw arguments.invalid(
                            index, "shape \(input.extents), the result has \(out.extents)")
                    }
                }
                for out in outs where !kernels.supports(out.type.arithmetic) {
                    throw arguments.invalid(result, "data type \(out.type) is not supported")
                }
                if let scalar { try checkScalars(arguments, scalar, outs.count) }
            },
            run: { [lists] arguments in
                let inputs = lists.map { arguments.tensors($0) }
                for (index, out) in arguments.tensors(result).enumerated() {
                    var walk = Walk(result: out)
                    for input in inputs { walk.append(input[index]) }
                    walk.collapse()
                    let factor = scalar.map { listScalar(arguments, $0, index) } ?? .zero
                    var arithmetic = out.type.arithmetic
                    for input in inputs {
                        arithmetic = max(arithmetic, input[index].type.arithmetic)
                    }
                    kernels.run(walk, arithmetic, [factor, .zero, .zero])
                }
            })
    }

    private static func checkScalars(
        _ arguments: Arguments, _ index: Int, _ count: Int
    ) throws(OperationRefusal) {
        switch arguments.values[index] {
        case .scalarList(let list?) where list.count != count:
            throw arguments.invalid(index, "\(list.count) scalars for \(count) tensors")
        case .tensor:
            let view = arguments.tensor(index)
            if view.rank > 1 || (view.count != 1 && view.count != count) {
                throw arguments.invalid(index, "shape \(view.extents) for \(count) tensors")
            }
        default: return
        }
    }

    /// The scalar of the lists' element `index`.
    private static func listScalar(_ arguments: Arguments, _ argument: Int, _ index: Int)
        -> ScalarValue
    {
        switch arguments.values[argument] {
        case .scalarList(let list?): return ScalarValue(list[index])
        case .tensor:
            let view = arguments.tensor(argument)
            let stride = view.count == 1 ? 0 : view.byteStride(0)
            let place = unsafe view.base + index * stride
            return unsafe view.type.isFloating
                ? ScalarValue(real: loadElement(view.type, place, as: Double.self))
                : ScalarValue(integer: loadElement(view.type, place, as: Int64.self))
        default: return arguments.number(argument)
        }
    }

    private static let extras: [Operation] = [zero, copy, norm]

    private static let zero = Operation.define(
        "aclnnForeachZeroInplace", "L", "x", check: { (_) throws(OperationRefusal) in },
        run: { arguments in
            for tensor in arguments.tensors(0) { fillElements(tensor, .zero) }
        })

    private static let copy = Operation.define(
        "aclnnForeachCopy", "LL", "x out",
        check: { (arguments) throws(OperationRefusal) in
            let (inputs, outs) = (arguments.tensors(0), arguments.tensors(1))
            guard inputs.count == outs.count, zip(inputs, outs).allSatisfy({ $0.hasShape(of: $1) })
            else { throw arguments.invalid(0, "shapes do not match the result's") }
        },
        run: { arguments in
            for (input, out) in zip(arguments.tensors(0), arguments.tensors(1)) {
                copyElements(input, to: out)
            }
        })

    /// One norm a tensor, of order 1, 2 or infinity.
    private static let norm = Operation.define(
        "aclnnForeachNorm", "LSL", "x:f scalar out:f",
        check: { (arguments) throws(OperationRefusal) in
            let (inputs, outs) = (arguments.tensors(0), arguments.tensors(2))
            guard inputs.count == outs.count, outs.allSatisfy({ $0.count == 1 }) else {
                throw arguments.invalid(2, "not one element for each tensor")
            }
            if !NormOrder.isSupported(arguments.scalar(1).double) {
                throw arguments.invalid(1, "order \(arguments.scalar(1).double) is not supported")
            }
        },
        run: { arguments in
            let order = arguments.scalar(1).double
            for (input, out) in zip(arguments.tensors(0), arguments.tensors(2)) {
                var target = out
                target.rank = 0
                NormOrder.reduce(input, DimensionSet(rank: input.rank), into: target, order: order)
            }
        })
}
