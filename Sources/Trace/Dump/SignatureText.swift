package import AscendCL
package import Wire

/// A signature as people read it: `self=f32[4,8], other=f32[8], alpha=1, out=f32[4,8]`.
package struct SignatureText: CustomStringConvertible, Sendable {
    /// One argument: its name and its value, where a tensor's place is still to be filled in.
    package struct Argument: Sendable, Equatable {
        package var name: String
        package var text: String
        package var tensors: Int
        /// The argument is written to: a tensor that is not `const`.
        package var isOutput: Bool
    }

    package let arguments: [Argument]
    private let signature: Signature
    private let parameters: [APIParameter]
    /// Why the bytes could not be read, if they could not.
    package let failure: String?

    package init(_ encoded: [UInt8], of function: FunctionID, in table: APITable) {
        self.init(
            encoded,
            parameters: table[function].map { Self.parameters(of: $0, in: table) } ?? [])
    }

    init(_ encoded: [UInt8], parameters: [APIParameter]) {
        do {
            let signature = try SignatureDecoder.decode(encoded)
            self.signature = signature
            self.parameters = parameters
            arguments = Self.arguments(of: signature, parameters)
            failure = nil
        } catch {
            signature = Signature(items: [])
            self.parameters = []
            arguments = []
            failure = error.description
        }
    }

    private static func arguments(of signature: Signature, _ parameters: [APIParameter])
        -> [Argument]
    {
        signature.items.enumerated().map { index, item in
            let parameter = index < parameters.count ? parameters[index] : nil
            return Argument(
                name: parameter?.name ?? "argument\(index)", text: describe(item),
                tensors: tensors(of: item),
                isOutput: parameter.map { isOutput($0.type) } ?? false)
        }
    }

    /// The arguments of one launch, and where its tensors lie; nil where the values are not of this
    /// plan.
    func launch(_ values: [UInt64]) -> (arguments: [Argument], addresses: [UInt64])? {
        guard let whole = try? signature.completed(by: values.span) else { return nil }
        return (
            Self.arguments(of: whole, parameters), signature.tensorPositions.map { values[$0] }
        )
    }

    package var description: String {
        if let failure { return "unreadable: \(failure)" }
        return arguments.map { "\($0.name)=\($0.text)" }.joined(separator: ", ")
    }

    /// The parameters that a signature's items stand for: those of the operation's first phase,
    /// without the workspace size and the executor.
    package static func parameters(of function: APIFunction, in table: APITable) -> [APIParameter] {
        let suffix = "GetWorkspaceSize"
        let first =
            function.name.hasSuffix(suffix)
            ? function : table.function(named: function.name + suffix)
        guard let first else { return [] }
        return first.parameters.filter {
            !($0.kind == .out && ($0.name == "executor" || $0.name == "workspaceSize"))
        }
    }

    private static func isOutput(_ type: String) -> Bool {
        type.contains("Tensor") && !type.contains("const")
    }

    private static func tensors(of item: SignatureItem) -> Int {
        switch item {
        case .tensor(let tensor): tensor == nil ? 0 : 1
        case .tensorList(let list): list?.count { $0 != nil } ?? 0
        default: 0
        }
    }

    static func describe(_ item: SignatureItem) -> String {
        switch item {
        case .tensor(let tensor): tensor.map(describe) ?? "null"
        case .tensorList(let list): bracketed(list) { $0.map(describe) ?? "null" }
        case .scalar(let scalar): scalar.map(describe) ?? "null"
        case .scalarList(let list): bracketed(list) { $0.map(describe) ?? "null" }
        case .integers(let list): bracketed(list) { "\($0)" }
        case .booleans(let list): bracketed(list) { "\($0)" }
        case .reals(let list): bracketed(list) { "\($0)" }
        case .string(let bytes):
            bytes.map { JSONText.quoted(String(decoding: $0, as: UTF8.self)) } ?? "null"
        case .integer(let value, _): "\(value)"
        case .real(let value, _): "\(value)"
        }
    }

    static func describe(_ tensor: SignatureTensor) -> String {
        var text = DataTypeName.of(tensor.type) + list(tensor.shape)
        if tensor.strides != contiguous(tensor.shape) { text += "/" + list(tensor.strides) }
        if tensor.offset != 0 { text += "+\(tensor.offset)" }
        if tensor.format != 2, tensor.format != 0 { text += "#\(tensor.format)" }
        return text
    }

    static func describe(_ scalar: SignatureScalar) -> String {
        switch scalar.type {
        case 0: "\(Float(bitPattern: UInt32(truncatingIfNeeded: scalar.low)))"
        case 11: "\(Double(bitPattern: scalar.low))"
        case 12: scalar.low & 0xff == 0 ? "false" : "true"
        case 2: "\(Int8(truncatingIfNeeded: scalar.low))"
        case 3: "\(Int32(truncatingIfNeeded: scalar.low))"
        case 4: "\(UInt8(truncatingIfNeeded: scalar.low))"
        case 6: "\(Int16(truncatingIfNeeded: scalar.low))"
        case 9: "\(Int64(bitPattern: scalar.low))"
        case 10: "\(scalar.low)"
        default: "\(DataTypeName.of(scalar.type)):0x\(String(scalar.low, radix: 16))"
        }
    }

    private static func list(_ values: [Int64]) -> String {
        "[" + values.map { "\($0)" }.joined(separator: ",") + "]"
    }

    private static func bracketed<Element>(
        _ elements: [Element]?, _ describe: (Element) -> String
    ) -> String {
        guard let elements else { return "null" }
        return "[" + elements.map(describe).joined(separator: ", ") + "]"
    }

    private static func contiguous(_ shape: [Int64]) -> [Int64] {
        var strides = [Int64](repeating: 1, count: shape.count)
        for index in shape.indices.dropLast().reversed() {
            strides[index] = strides[index + 1] &* max(1, shape[index + 1])
        }
        return strides
    }
}

/// Short names of aclDataType.
enum DataTypeName {
    static func of(_ type: Int16) -> String {
        AclDataType.shortName(Int32(type)) ?? "type\(type)"
    }
}
