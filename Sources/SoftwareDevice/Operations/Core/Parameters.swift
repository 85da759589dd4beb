import Wire

/// One parameter of an operation.
struct Parameter: Sendable {
    var name: String
    /// Its class letter (see `Argument`).
    var letter: UInt8
    var isOptional: Bool
    /// What a tensor may hold.
    var types: ElementTypes

    /// From `name[?][:types]`; `?` allows null, types are letters: f floating, d float64, i
    /// integer, b bool, x index (int32, int64).
    init(_ text: Substring, letter: UInt8) {
        var types = ElementTypes.all
        var name = text
        if let colon = text.firstIndex(of: ":") {
            name = text[..<colon]
            types = []
            for kind in text[text.index(after: colon)...] {
                switch kind {
                case "f": types.formUnion(.floating)
                case "d": types.formUnion(.double)
                case "i": types.formUnion(.integer)
                case "b": types.formUnion(.bool)
                case "x": types.formUnion(.index)
                default: preconditionFailure("unknown kind of types in \(text)")
                }
            }
        }
        isOptional = name.last == "?"
        self.name = String(isOptional ? name.dropLast() : name)
        self.letter = letter
        self.types = types
    }
}

/// The name and parameters of an operation, shared by its two phases.
final class OperationSignature: Sendable {
    let name: String
    let classes: String
    let parameters: [Parameter]

    init(_ name: String, _ classes: String, _ parameters: String) {
        self.name = name
        self.classes = classes
        let texts = parameters.split(separator: " ")
        precondition(texts.count == classes.utf8.count, "\(name): parameters do not match classes")
        self.parameters = zip(texts, classes.utf8).map { Parameter($0, letter: $1) }
    }

    func refusal(_ status: Int32, _ index: Int, _ found: String) -> OperationRefusal {
        OperationRefusal(
            status: status, message: "\(name): argument \(parameters[index].name): \(found)")
    }

    /// Kinds, nulls, element types and ranks of all arguments.
    func check(_ values: [Argument]) throws(OperationRefusal) {
        guard values.count == parameters.count else {
            throw OperationRefusal(
                status: statusInvalid,
                message: "\(name): \(values.count) arguments, \(parameters.count) expected")
        }
        for index in values.indices {
            try check(values[index], index)
        }
    }

    private func check(_ value: Argument, _ index: Int) throws(OperationRefusal) {
        let letter = parameters[index].letter
        switch value {
        case .tensor(let tensor) where letter == UInt8(ascii: "T"):
            if let tensor { try check(tensor, index) } else { try refuseNull(index) }
        case .tensorList(let list) where letter == UInt8(ascii: "L"):
            guard let list else { return try refuseNull(index) }
            for tensor in list { try check(tensor, index) }
        case .scalar(let scalar) where letter == UInt8(ascii: "S"):
            guard let scalar else { return try refuseNull(index) }
            if ElementType(scalar.type) == nil {
                throw refusal(statusInvalid, index, "scalar type \(scalar.type) is not supported")
            }
        case .scalarList(let list) where letter == UInt8(ascii: "C"):
            if list == nil { try refuseNull(index) }
        case .integers(let list) where letter == UInt8(ascii: "I"):
            if list == nil { try refuseNull(index) }
        case .booleans(let list) where letter == UInt8(ascii: "B"):
            if list == nil { try refuseNull(index) }
        case .reals(let list) where letter == UInt8(ascii: "G"):
            if list == nil { try refuseNull(index) }
        case .string(let text) where letter == UInt8(ascii: "s"):
            if text == nil { try refuseNull(index) }
        case .integer where letter == UInt8(ascii: "i") || letter == UInt8(ascii: "w"): return
        case .integer where letter == UInt8(ascii: "b"): return
        case .real where letter == UInt8(ascii: "f") || letter == UInt8(ascii: "d"): return
        default: throw refusal(statusInvalid, index, "not of the declared kind")
        }
    }

    private func refuseNull(_ index: Int) throws(OperationRefusal) {
        if !parameters[index].isOptional { throw refusal(statusNull, index, "null pointer") }
    }

    private func check(_ tensor: TensorArgument, _ index: Int) throws(OperationRefusal) {
        guard let type = ElementType(tensor.type), parameters[index].types.contains(type) else {
            throw refusal(
                statusInvalid, index, "data type \(typeName(tensor.type)) is not supported")
        }
        guard tensor.shape.count <= rankMax else {
            throw refusal(
                statusInvalid, index, "\(tensor.shape.count) dimensions, at most 8 are supported")
        }
        var isEmpty = false
        for extent in tensor.shape {
            if extent < 0 { throw refusal(statusInvalid, index, "negative extent \(extent)") }
            if extent == 0 { isEmpty = true }
        }
        guard tensor.strides.count == tensor.shape.count else {
            throw refusal(statusInvalid, index, "strides do not match the shape")
        }
        guard tensor.isBounded else {
            throw refusal(
                statusInvalid, index,
                "shape \(tensor.shape), strides \(tensor.strides): larger than any memory")
        }
        if unsafe tensor.storage == nil && !isEmpty {
            throw refusal(statusNull, index, "tensor without an address")
        }
    }
}

/// aclnnStatus of a null pointer and of an invalid argument.
let statusNull: Int32 = 161_001
let statusInvalid = AclStatus.invalidArgument

/// An aclDataType as programs name it.
func typeName(_ type: Int32) -> String {
    switch ElementType(type) {
    case .float32: "float32"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .float64: "float64"
    case .int8: "int8"
    case .uint8: "uint8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .bool: "bool"
    case nil: "aclDataType \(type)"
    }
}
