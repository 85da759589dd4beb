/// A scalar argument as a value.
struct ScalarValue {
    var double: Double
    var integer: Int64
    var isFloating: Bool

    static let one = ScalarValue(double: 1, integer: 1, isFloating: false)
    static let zero = ScalarValue(double: 0, integer: 0, isFloating: false)

    init(double: Double, integer: Int64, isFloating: Bool) {
        self.double = double
        self.integer = integer
        self.isFloating = isFloating
    }

    init(_ scalar: ScalarArgument) {
        let word = scalar.bytes.0.littleEndian
        switch ElementType(scalar.type) {
        case .float32: self.init(real: Double(Float(bitPattern: UInt32(truncatingIfNeeded: word))))
        case .float64: self.init(real: Double(bitPattern: word))
        case .float16:
            var half = Half(0)
            half.bits = UInt16(truncatingIfNeeded: word)
            self.init(real: Double(half.value))
        case .bfloat16:
            var brain = BrainFloat(0)
            brain.bits = UInt16(truncatingIfNeeded: word)
            self.init(real: Double(brain.value))
        case .int8: self.init(integer: Int64(Int8(truncatingIfNeeded: word)))
        case .uint8: self.init(integer: Int64(UInt8(truncatingIfNeeded: word)))
        case .int16: self.init(integer: Int64(Int16(truncatingIfNeeded: word)))
        case .int32: self.init(integer: Int64(Int32(truncatingIfNeeded: word)))
        case .bool: self.init(integer: word & 0xFF == 0 ? 0 : 1)
        case .int64, nil: self.init(integer: Int64(bitPattern: word))
        }
    }

    init(real: Double) {
        double = real
        integer = real.integer
        isFloating = true
    }

    init(integer: Int64) {
        double = Double(integer)
        self.integer = integer
        isFloating = false
    }

    /// Whether integer arithmetic keeps its value.
    var isIntegral: Bool { !isFloating || Double(integer) == double }

    @inline(__always)
    func value<C: Computable>(as: C.Type) -> C {
        isFloating ? C(double: double) : C(integer: integer)
    }
}

/// The arguments of one call with what they are called, for `check` and `run`.
struct Arguments {
    let values: [Argument]
    let signature: OperationSignature

    /// A tensor that is there; the generic checks have passed.
    func tensor(_ index: Int) -> TensorView {
        guard let view = optionalTensor(index) else {
            preconditionFailure("\(signature.name): argument \(index) was not checked")
        }
        return view
    }

    func optionalTensor(_ index: Int) -> TensorView? {
        guard case .tensor(let tensor?) = values[index] else { return nil }
        return TensorView(tensor)
    }

    func tensors(_ index: Int) -> [TensorView] {
        guard case .tensorList(let list?) = values[index] else { return [] }
        return list.compactMap { TensorView($0) }
    }

    func optionalScalar(_ index: Int) -> ScalarValue? {
        guard case .scalar(let scalar?) = values[index] else { return nil }
        return ScalarValue(scalar)
    }

    /// A scalar, zero if it is null.
    func scalar(_ index: Int) -> ScalarValue { optionalScalar(index) ?? .zero }

    /// Any numeric argument: a scalar, an integer or a real.
    func number(_ index: Int) -> ScalarValue {
        switch values[index] {
        case .scalar(let scalar?): ScalarValue(scalar)
        case .integer(let value): ScalarValue(integer: value)
        case .real(let value): ScalarValue(real: value)
        default: .zero
        }
    }

    func scalars(_ index: Int) -> [ScalarValue] {
        guard case .scalarList(let list?) = values[index] else { return [] }
        return list.map { ScalarValue($0) }
    }

    func integers(_ index: Int) -> [Int] {
        guard case .integers(let list?) = values[index] else { return [] }
        return list.map { Int($0) }
    }

    /// The elements of a tensor of the shape that the integers name. Refused where memory could not
    /// hold them, or a size is negative.
    func elementCount(_ index: Int) throws(OperationRefusal) -> Int {
        var count = 1
        for size in integers(index) {
            let (product, isOver) = count.multipliedReportingOverflow(by: size)
            guard !isOver, size >= 0, product < 1 << 46 else {
                throw invalid(index, "\(integers(index)) is no shape that memory can hold")
            }
            count = product
        }
        return count
    }

    /// So many times an integer argument; refused where that is more than any size.
    func times(_ index: Int, _ count: Int) throws(OperationRefusal) -> Int {
        let (product, isOver) = integer(index).multipliedReportingOverflow(by: count)
        if isOver { throw invalid(index, "\(integer(index)) times \(count)") }
        return product
    }

    func booleans(_ index: Int) -> [Bool] {
        guard case .booleans(let list?) = values[index] else { return [] }
        return list
    }

    func string(_ index: Int) -> String? {
        guard case .string(let text) = values[index] else { return nil }
        return text
    }

    func integer(_ index: Int) -> Int {
        guard case .integer(let value) = values[index] else { return 0 }
        return Int(value)
    }

    func flag(_ index: Int) -> Bool { integer(index) & 0xFF != 0 }

    func real(_ index: Int) -> Double {
        guard case .real(let value) = values[index] else { return 0 }
        return value
    }
}

/// Checks that operations share.
extension Arguments {
    func invalid(_ index: Int, _ found: String) -> OperationRefusal {
        signature.refusal(statusInvalid, index, found)
    }

    func requireShape(_ index: Int, _ expected: [Int]) throws(OperationRefusal) {
        let view = tensor(index)
        if view.rank != expected.count
            || !(0..<view.rank).allSatisfy({ view.shape[$0] == expected[$0] })
        {
            throw invalid(index, "shape \(view.extents), expected \(expected)")
        }
    }

    func requireSameShape(_ index: Int, as other: Int) throws(OperationRefusal) {
        let view = tensor(index)
        let expected = tensor(other)
        if !view.hasShape(of: expected) {
            throw invalid(index, "shape \(view.extents), expected \(expected.extents)")
        }
    }

    func requireCount(_ index: Int, _ expected: Int) throws(OperationRefusal) {
        let view = tensor(index)
        if view.count != expected {
            throw invalid(index, "shape \(view.extents), expected \(expected) elements")
        }
    }

    func requireRank(_ index: Int, _ ranks: ClosedRange<Int>) throws(OperationRefusal) {
        let view = tensor(index)
        if !ranks.contains(view.rank) {
            throw invalid(index, "shape \(view.extents), expected \(ranks) dimensions")
        }
    }

    func requireSameType(_ index: Int, as other: Int) throws(OperationRefusal) {
        let (found, expected) = (tensor(index).type, tensor(other).type)
        if found != expected { throw invalid(index, "data type \(found), expected \(expected)") }
    }

    func requireBroadcast(_ index: Int, to target: Int) throws(OperationRefusal) {
        let view = tensor(index)
        let result = tensor(target)
        if !view.broadcasts(to: result) {
            throw invalid(index, "shape \(view.extents) does not broadcast to \(result.extents)")
        }
    }

    /// The dimension that integer argument `index` names in tensor `tensor`.
    func requireDimension(_ index: Int, of tensor: Int) throws(OperationRefusal) -> Int {
        let view = self.tensor(tensor)
        guard let dimension = view.dimension(integer(index)) else {
            throw invalid(index, "dimension \(integer(index)) of a tensor of shape \(view.extents)")
        }
        return dimension
    }

    /// The dimension named by argument `index`, which `check` has found to exist.
    func dimension(_ index: Int, of tensor: TensorView) -> Int {
        tensor.dimension(integer(index)) ?? 0
    }
}

extension Operation {
    /// An operation from its phases; nulls, kinds, element types and ranks are checked here.
    static func define(
        _ name: String, _ classes: String, _ parameters: String,
        check: @escaping @Sendable (Arguments) throws(OperationRefusal) -> Void,
        run: @escaping @Sendable (Arguments) -> Void
    ) -> Operation {
        let signature = OperationSignature(name, classes, parameters)
        return Operation(
            name: name, classes: classes,
            check: { (values: [Argument]) throws(OperationRefusal) in
                try signature.check(values)
                try check(Arguments(values: values, signature: signature))
            },
            run: { run(Arguments(values: $0, signature: signature)) })
    }
}
