/// What an element-wise operation computes, in each arithmetic it is defined in.
struct Kernels: Sendable {
    var single: Kernel<Float>?
    var double: Kernel<Double>?
    var integer: Kernel<Int64>?

    init(
        single: Kernel<Float>? = nil, double: Kernel<Double>? = nil, integer: Kernel<Int64>? = nil
    ) {
        self.single = single
        self.double = double
        self.integer = integer
    }
}

/// Which arithmetic an element-wise operation is done in.
enum Promotion: Sendable {
    /// The widest of inputs, result and (when it is not integral) scalars.
    case all
    /// The widest of inputs and scalars: the result is a truth value.
    case inputs
    /// Floating point, whatever the inputs are.
    case floating
}

/// Which arguments an element-wise operation reads and writes.
struct ElementwiseRoles: Sendable {
    var inputs: [Int] = []
    var scalars: [Int] = []
    var result = 0

    /// Tensors in order are the inputs and the last the result, but for in-place operations, whose
    /// first tensor is both.
    init(_ name: String, _ classes: String) {
        let inPlace = name.hasPrefix("aclnnInplace")
        for (index, letter) in classes.utf8.enumerated() {
            switch letter {
            case UInt8(ascii: "T"), UInt8(ascii: "L"): inputs.append(index)
            default: scalars.append(index)
            }
        }
        result = inPlace ? 0 : inputs.removeLast()
        precondition(inputs.count <= 3 && scalars.count <= 3, "\(name): too many operands")
    }
}

extension Operation {
    /// An element-wise operation: inputs that broadcast to the result, up to three scalars.
    static func elementwise(
        _ name: String, _ classes: String, _ parameters: String, _ promotion: Promotion,
        _ kernels: Kernels
    ) -> Operation {
        let roles = ElementwiseRoles(name, classes)
        return define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                for input in roles.inputs where input != roles.result {
                    // The common case without building views.
                    if arguments.haveOneShape(input, roles.result) { continue }
                    try arguments.requireBroadcast(input, to: roles.result)
                }
                let arithmetic = promoted(arguments, roles, promotion)
                if !kernels.supports(arithmetic) {
                    throw arguments.invalid(
                        roles.inputs.first ?? roles.result,
                        "not defined for this combination of data types")
                }
            },
            run: { arguments in
                var scalars = InlineArray<3, ScalarValue>(repeating: .zero)
                for (k, index) in roles.scalars.enumerated() {
                    scalars[k] = arguments.number(index)
                }
                let arithmetic = promoted(arguments, roles, promotion)
                if kernels.runDense(arguments, roles, arithmetic, scalars) { return }
                var walk = Walk(result: arguments.tensor(roles.result))
                for input in roles.inputs { walk.append(arguments.tensor(input)) }
                walk.collapse()
                kernels.run(walk, arithmetic, scalars)
            })
    }
}

extension Kernels {
    /// The common case in a fraction of the time: all operands of one shape, contiguous, in single
    /// precision. False if it is not that case.
    fileprivate func runDense(
        _ arguments: Arguments, _ roles: ElementwiseRoles, _ arithmetic: Arithmetic,
        _ scalars: InlineArray<3, ScalarValue>
    ) -> Bool {
        guard arithmetic == .single, let single,
            case .tensor(let result?) = arguments.values[roles.result], result.isDense,
            let out = unsafe result.storage?.assumingMemoryBound(to: Float.self)
        else { return false }
        let target = unsafe out + result.offset
        var inputs = unsafe InlineArray<3, UnsafePointer<Float>>(repeating: UnsafePointer(target))
        for (k, index) in roles.inputs.enumerated() where index != roles.result {
            guard case .tensor(let input?) = arguments.values[index], input.isDense,
                input.shape == result.shape, let storage = unsafe input.storage
            else { return false }
            unsafe inputs[k] = UnsafePointer(
                storage.assumingMemoryBound(to: Float.self) + input.offset)
        }
        unsafe single(
            Lanes(
                out: target, a: inputs[0], b: inputs[1], c: inputs[2],
                count: result.shape.reduce(1, *), s: scalars[0].value(as: Float.self),
                t: scalars[1].value(as: Float.self), u: scalars[2].value(as: Float.self)))
        return true
    }

    func supports(_ arithmetic: Arithmetic) -> Bool {
        switch arithmetic {
        case .single: single != nil
        case .double: double != nil
        case .integer: integer != nil
        }
    }

    func run(
        _ walk: Walk, _ arithmetic: Arithmetic, _ scalars: InlineArray<3, ScalarValue>
    ) {
        switch arithmetic {
        case .single:
            guard let single else { return }
            evaluate(walk, scalars: values(scalars), kernel: single)
        case .double:
            guard let double else { return }
            evaluate(walk, scalars: values(scalars), kernel: double)
        case .integer:
            guard let integer else { return }
            evaluate(walk, scalars: values(scalars), kernel: integer)
        }
    }

    @inline(__always)
    private func values<C: Computable>(_ scalars: InlineArray<3, ScalarValue>) -> InlineArray<3, C>
    {
        [
            scalars[0].value(as: C.self), scalars[1].value(as: C.self),
            scalars[2].value(as: C.self),
        ]
    }
}

private func promoted(
    _ arguments: Arguments, _ roles: ElementwiseRoles, _ promotion: Promotion
) -> Arithmetic {
    var widest = promotion == .floating ? Arithmetic.single : .integer
    if promotion != .inputs { widest = max(widest, arguments.arithmetic(roles.result)) }
    for input in roles.inputs { widest = max(widest, arguments.arithmetic(input)) }
    if widest == .integer {
        for scalar in roles.scalars where !arguments.number(scalar).isIntegral { return .single }
    }
    return widest
}

extension Arguments {
    func haveOneShape(_ a: Int, _ b: Int) -> Bool {
        guard case .tensor(let x?) = values[a], case .tensor(let y?) = values[b] else {
            return false
        }
        return x.shape == y.shape
    }

    /// The arithmetic of a tensor's elements, without looking at the rest of it.
    func arithmetic(_ index: Int) -> Arithmetic {
        guard case .tensor(let tensor?) = values[index] else { return .integer }
        return ElementType(tensor.type)?.arithmetic ?? .integer
    }
}

extension TensorArgument {
    /// Contiguous float32.
    fileprivate var isDense: Bool {
        guard type == 0 else { return false }
        var expected = 1
        for d in stride(from: shape.count - 1, through: 0, by: -1) where shape[d] != 1 {
            if strides[d] != expected { return false }
            expected &*= shape[d]
        }
        return true
    }
}
