/// Operations that have a time and no arithmetic: phase one checks their arguments, a chip takes its
/// time over them, and their outputs are left as they are.
package enum TimingOnly {
    package static let names: [String] = timingOnlyOperations.map(\.name).sorted()

    /// Looked up once for each operation that a program uses.
    package static func operation(_ name: String) -> Operation? {
        timingOnlyOperations.first { $0.name == name }.map(\.operation)
    }
}

/// A row of the generated table.
struct TimingOnlyOperation: Sendable {
    var name: String
    /// Class letters, without the two of phase one.
    var classes: String
    /// The parameters' names, for what is said about a wrong argument.
    var parameters: String

    init(_ name: String, _ classes: String, _ parameters: String) {
        self.name = name
        self.classes = classes
        self.parameters = parameters
    }

    var operation: Operation {
        let check = TimingOnlyCheck(
            name: name, names: parameters.split(separator: " ").map(String.init))
        var operation = Operation(
            name: name, classes: classes,
            check: { (values: [Argument]) throws(OperationRefusal) in try check.check(values) },
            run: { _ in })
        operation.isTimingOnly = true
        return operation
    }
}

/// What can be told of arguments without knowing the operation: the first tensor or list of tensors
/// is there, and every tensor that is there is one. Which others may be null differs by operation
/// and version, and is not checked.
struct TimingOnlyCheck: Sendable {
    let name: String
    let names: [String]

    func check(_ values: [Argument]) throws(OperationRefusal) {
        guard let first = values.firstIndex(where: \.isTensorArgument) else { return }
        for (index, value) in values.enumerated() {
            switch value {
            case .tensor(let tensor?): try check(tensor, index)
            case .tensorList(let list?): for tensor in list { try check(tensor, index) }
            case .tensor(nil) where index == first, .tensorList(nil) where index == first:
                throw refusal(statusNull, index, "null pointer")
            default: break
            }
        }
    }

    private func check(_ tensor: TensorArgument, _ index: Int) throws(OperationRefusal) {
        guard ElementWidth.bits(tensor.type) > 0 else {
            throw refusal(statusInvalid, index, "aclDataType \(tensor.type) has no size")
        }
        guard tensor.shape.count <= rankMax, tensor.strides.count == tensor.shape.count else {
            throw refusal(statusInvalid, index, "\(tensor.shape.count) dimensions")
        }
        guard tensor.isBounded else {
            throw refusal(statusInvalid, index, "shape \(tensor.shape): larger than any memory")
        }
        if let negative = tensor.shape.first(where: { $0 < 0 }) {
            throw refusal(statusInvalid, index, "negative extent \(negative)")
        }
        if unsafe tensor.storage == nil, !tensor.shape.contains(0) {
            throw refusal(statusNull, index, "tensor without an address")
        }
    }

    private func refusal(_ status: Int32, _ index: Int, _ found: String) -> OperationRefusal {
        let parameter = names.indices.contains(index) ? names[index] : "\(index + 1)"
        return OperationRefusal(status: status, message: "\(name): argument \(parameter): \(found)")
    }
}

extension Argument {
    fileprivate var isTensorArgument: Bool {
        switch self {
        case .tensor, .tensorList: true
        default: false
        }
    }
}
