import AscendCL
import Wire

/// The event classes of records: a function's first record decides what its typed form is.
struct RecordClasses {
    private let registry: EventClassRegistry
    /// By function: how many words its typed form has, and whether bytes may follow. −1: unknown
    /// yet.
    private var typedWords = [Int32](repeating: -1, count: Int(RecordLayout.functionMask) + 1)
    private var hasBytes = [Bool](repeating: false, count: Int(RecordLayout.functionMask) + 1)
    private var isDeclared: Set<UInt16> = []

    init(registry: EventClassRegistry) { self.registry = registry }

    /// The class of a record that lies as in a ring.
    @inline(__always)
    mutating func identifier(of head: RecordHead) -> UInt16 {
        let function = Int(head.function)
        if head.words == Int(typedWords[function]), head.operands == 0,
            head.bytes == 0 || hasBytes[function]
        {
            return head.function
        }
        return slowIdentifier(of: head)
    }

    private mutating func slowIdentifier(of head: RecordHead) -> UInt16 {
        let function = FunctionID(rawValue: head.function)
        let kinds = registry.kinds(of: function)
        if let kinds, head.operands == 0 {
            if typedWords[Int(head.function)] < 0,
                head.words == kinds.count || head.words == kinds.count + 1
            {
                declareTyped(function, words: head.words, kinds)
                return identifier(of: head)
            }
            if head.words == 0, head.bytes == 0 {
                return declare(.bare, function, fields: "struct { }")
            }
        }
        return declare(
            .plain, function,
            fields: "struct { x64 _words[stream.event.context.words]; "
                + "x64 _operands[stream.event.context.operands]; "
                + "x8 _bytes[stream.event.context.bytes]; }")
    }

    mutating func kernel(_ function: FunctionID) -> UInt16 {
        declare(
            .kernel, function,
            fields: "struct { u64 _signature; x64 _values[stream.event.context.operands]; }")
    }

    private mutating func declare(
        _ form: RecordForm, _ function: FunctionID, fields: String
    ) -> UInt16 {
        let identifier = form.identifier(of: function.rawValue)
        guard isDeclared.insert(identifier).inserted else { return identifier }
        registry.declare(
            UInt32(identifier), form.kind, name: registry.name(of: function), fields: fields,
            stream: TraceFormat.recordStream)
        return identifier
    }

    private mutating func declareTyped(
        _ function: FunctionID, words: Int, _ kinds: [ParameterKind]
    ) {
        let index = Int(function.rawValue)
        typedWords[index] = Int32(words)
        hasBytes[index] = kinds.contains { RecordClasses.isSpan($0) }
        var text = "struct { "
        for (place, parameter) in (registry.table[function]?.parameters ?? []).enumerated() {
            text += "\(type(of: parameter)) \(registry.fieldName(parameter.name, place)); "
        }
        if words > kinds.count { text += "x64 _returned; " }
        if hasBytes[index] {
            let element = kinds.contains(.string) ? "c8" : "x8"
            text += "\(element) _bytes[stream.event.context.bytes]; "
        }
        _ = declare(.typed, function, fields: text + "}")
    }

    /// Whether such a parameter's word says where in the record's bytes it lies.
    static func isSpan(_ kind: ParameterKind) -> Bool {
        kind == .string || kind == .bytes || kind == .array
    }

    private func type(of parameter: APIParameter) -> String {
        switch parameter.kind {
        case .integer: "i64"
        case .unsigned, .boolean: "u64"
        case .float: "f64"
        case .string, .bytes, .array: "span"
        case .out: registry.pointsToPointer(parameter.type) ? "x64" : "u64"
        case .handle, .address, .opaque, .structure: "x64"
        }
    }
}
