import AscendCL
import Wire

/// The event classes of a trace: each is declared in the metadata when it is first used, and has
/// the narrowest fields that hold what is to be written.
final class EventClassRegistry {
    /// Text to append to the metadata before the next packet is written.
    private(set) var pendingText = ""
    let table: APITable
    private var nextIdentifier: [UInt32] = [0, 0]
    private var known: [UInt64: UInt32] = [:]
    /// The class that was found last for a kernel, and for an operation, of each function.
    private var recent: [[(key: UInt64, identifier: UInt32)]] = [[], []]
    private var fixed: [String: UInt32] = [:]
    private var calls: [[CallClass]] = []
    private var parameterKinds: [[ParameterKind]?] = []

    /// Classes a function may have before a wider one is used where a new one would fit better.
    private static let classLimit = 24

    /// A class of a function's calls: a width code a word.
    struct CallClass {
        var identifier: UInt32
        var common: UInt64
        var widths: [UInt8]
    }

    init(table: APITable) { self.table = table }

    func takePendingText() -> String {
        defer { pendingText = "" }
        return pendingText
    }

    /// How the words of the function's calls are to be read; nil when the table lacks it.
    func kinds(of function: FunctionID) -> [ParameterKind]? {
        let index = Int(function.rawValue)
        while parameterKinds.count <= index { parameterKinds.append(nil) }
        if let known = parameterKinds[index] { return known }
        guard let found = table[function] else { return nil }
        let kinds = found.parameters.map(\.kind)
        parameterKinds[index] = kinds
        return kinds
    }

    func kernel(_ function: FunctionID, _ common: CallCommon, _ shape: KernelShape) -> UInt32 {
        let key = UInt64(function.rawValue) << 16 | common.code << 8 | shape.code
        return identifier(for: key, function, among: 0) {
            declare(
                .kernel, name: name(of: function), context: "struct \(common.structure)",
                fields: "struct \(shape.structure)")
        }
    }

    func operation(_ function: FunctionID, _ shape: OperationEventShape) -> UInt32 {
        let key = 1 << 40 | UInt64(function.rawValue) << 16 | shape.code
        return identifier(for: key, function, among: 1) {
            declare(
                .operation, name: "operation:" + name(of: function), context: nil,
                fields: "struct \(shape.structure)")
        }
    }

    func decision(_ shape: DecisionShape) -> UInt32 {
        let key =
            3 << 40 | UInt64(shape.isNarrow ? 4 : 0) | UInt64(shape.isOperation ? 2 : 0)
            | UInt64(shape.hasNote ? 1 : 0)
        if let found = known[key] { return found }
        let made = declare(
            .decision, name: "decision", context: nil, fields: "struct \(shape.structure)",
            stream: TraceFormat.daemonStream)
        known[key] = made
        return made
    }

    func plain(_ function: FunctionID, _ common: CallCommon) -> UInt32 {
        let key = 2 << 40 | UInt64(function.rawValue) << 16 | common.code << 8
        return identifier(for: key, function, among: 0) {
            declare(
                .plain, name: name(of: function), context: "struct \(common.structure)",
                fields: "struct plain")
        }
    }

    private func identifier(
        for key: UInt64, _ function: FunctionID, among slot: Int, make: () -> UInt32
    ) -> UInt32 {
        let index = Int(function.rawValue)
        while recent[slot].count <= index { recent[slot].append((.max, 0)) }
        if recent[slot][index].key == key { return recent[slot][index].identifier }
        let found = known[key] ?? make()
        known[key] = found
        recent[slot][index] = (key, found)
        return found
    }

    /// The class for a call whose words need at least `widths`; the class may be wider.
    func call(_ function: FunctionID, _ common: CallCommon, _ widths: [UInt8]) -> CallClass {
        let index = Int(function.rawValue)
        while calls.count <= index { calls.append([]) }
        var best: CallClass?
        for known in calls[index] where known.common == common.code {
            if known.widths == widths { return known }
            if covers(known.widths, widths), best == nil || sum(known) < best.map(sum) ?? 0 {
                best = known
            }
        }
        var chosen = widths
        if calls[index].count >= Self.classLimit {
            if let best { return best }
            chosen = widestForms(of: function, widths.count)
        }
        let fields = callFields(function, chosen)
        let made = CallClass(
            identifier: declare(
                .call, name: name(of: function), context: "struct \(common.structure)",
                fields: "struct { \(fields)}"),
            common: common.code, widths: chosen)
        calls[index].append(made)
        return made
    }

    /// The one class of an event that is no call.
    func fixed(_ kind: EventKind, fields: String, stream: UInt32 = TraceFormat.clientStream)
        -> UInt32
    {
        let key = "\(stream) \(kind.rawValue)"
        if let known = fixed[key] { return known }
        let made = declare(
            kind, name: kind.rawValue, context: nil, fields: "struct { \(fields) }",
            stream: stream)
        fixed[key] = made
        return made
    }

    func name(of function: FunctionID) -> String {
        table[function]?.name ?? "function-\(function.rawValue)"
    }

    private func sum(_ known: CallClass) -> Int { known.widths.reduce(0) { $0 + Int($1) } }

    private func covers(_ wide: [UInt8], _ narrow: [UInt8]) -> Bool {
        guard wide.count == narrow.count else { return false }
        for index in wide.indices where wide[index] < narrow[index] { return false }
        return true
    }

    private func widestForms(of function: FunctionID, _ count: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(Width.bytes.count - 1), count: count)
    }

    private func callFields(_ function: FunctionID, _ widths: [UInt8]) -> String {
        let parameters = table[function]?.parameters ?? []
        var text = ""
        for (index, width) in widths.enumerated() {
            let bits = Width.bytes[Int(width)] * 8
            guard index < parameters.count else {
                text += "x\(bits) _returned; "
                continue
            }
            let name = fieldName(parameters[index].name, index)
            switch parameters[index].kind {
            case .integer: text += "i\(bits) \(name); "
            case .unsigned, .boolean: text += "u\(bits) \(name); "
            case .float: text += "f64 \(name); "
            case .string: text += "string \(name); "
            case .bytes: text += "u32 length_of\(name); x8 \(name)[length_of\(name)]; "
            case .array: text += "u16 length_of\(name); i\(bits) \(name)[length_of\(name)]; "
            case .out where !pointsToPointer(parameters[index].type):
                text += "u\(bits) \(name); "
            case .handle, .address, .opaque, .structure, .out: text += "x\(bits) \(name); "
            }
        }
        return text
    }

    func pointsToPointer(_ type: String) -> Bool {
        type.filter { $0 == "*" }.count > 1 || !type.contains("int")
    }

    /// The parameter's name as a field: an underscore before it, which babeltrace2 takes off, keeps
    /// keywords of the metadata language out.
    func fieldName(_ name: String, _ index: Int) -> String {
        let safe = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        return safe.isEmpty ? "_argument\(index)" : "_" + safe
    }

    private func declare(
        _ kind: EventKind, name: String, context: String?, fields: String,
        stream: UInt32 = TraceFormat.clientStream
    ) -> UInt32 {
        let identifier = nextIdentifier[Int(stream)]
        nextIdentifier[Int(stream)] += 1
        declare(
            identifier, kind, name: name, context: context, fields: fields, stream: stream)
        return identifier
    }

    func declare(
        _ identifier: UInt32, _ kind: EventKind, name: String, context: String? = nil,
        fields: String, stream: UInt32
    ) {
        pendingText += "event { id = \(identifier); name = \(MetadataText.quoted(name)); "
        pendingText += "stream_id = \(stream); model.emf.uri = \"\(kind.uri)\"; "
        if let context { pendingText += "context := \(context); " }
        pendingText += "fields := \(fields); };\n"
    }
}
