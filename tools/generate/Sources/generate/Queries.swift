import Foundation

/// How one parameter of a plain query travels.
enum QueryPart {
    /// An in-argument; the C expression of its word.
    case word(String)
    case stream
    case text
    /// An out-parameter of 4 or 8 bytes.
    case out(Int)
    /// Memory that is filled: text or a structure, with the C expression of its size.
    case buffer(size: String, isText: Bool)
}

/// A query that goes to the device library as it stands: its entry point and its shape are generated.
struct PlainQuery {
    var function: Function
    var parts: [QueryPart]

    /// All plain queries of the table; one that is not plain and not listed stops the generator.
    static func all(_ table: Table) throws -> [PlainQuery] {
        try table.functions.filter { $0.functionClass == "query" && !$0.isAnsweredByHand }.map {
            try PlainQuery($0)
        }
    }

    private init(_ function: Function) throws {
        self.function = function
        parts = try function.parameters.map { try Self.part($0, of: function) }
        let single = parts.filter { if case .out = $0 { false } else { Self.isSingle($0) } }
        guard single.count <= 3, parts.count <= Self.wordLimit,
            function.resultIsCode || outs.isEmpty
        else { throw Self.notPlain(function, "has more than a question can carry") }
    }

    /// Words that `fx_query` has room for.
    static let wordLimit = 8

    /// The out-parameters with their sizes, as C names them.
    var outs: [(name: String, bytes: Int)] {
        zip(function.parameters, parts).compactMap { parameter, part in
            if case .out(let bytes) = part { (parameter.cName, bytes) } else { nil }
        }
    }

    private static func isSingle(_ part: QueryPart) -> Bool {
        switch part {
        case .stream, .text, .buffer: true
        case .word, .out: false
        }
    }

    private static func part(_ parameter: Parameter, of function: Function) throws -> QueryPart {
        switch parameter.kind {
        case "i": return .word("(uint64_t)(int64_t)\(parameter.cName)")
        case "u", "b": return .word("(uint64_t)\(parameter.cName)")
        case "h" where parameter.type.hasSuffix("aclrtStream"): return .stream
        case "s": return .text
        case "o":
            guard let bytes = Int(parameter.extent), bytes == 4 || bytes == 8 else { break }
            return .out(bytes)
        case "p" where !parameter.extent.isEmpty:
            let counter = function.parameters.first { $0.name == parameter.extent }
            return .buffer(
                size: counter?.cName ?? parameter.extent, isText: parameter.type == "char *")
        default: break
        }
        throw notPlain(function, "has \(parameter.name), which is nothing that a question carries")
    }

    private static func notPlain(_ function: Function, _ why: String) -> Trouble {
        Trouble(
            "\(Table.folder)/classes.tsv: the query \(function.name) \(why): write "
                + "fx_route_\(function.name) and list it in queries.tsv")
    }
}

/// queries.c: what plain queries do in route mode.
func queryEntries(_ queries: [PlainQuery]) -> String {
    var text = banner() + "#include \"../Route/query.h\"\n#include \"route.h\"\n"
    for query in queries { text += "\n" + queryEntry(query) }
    return text
}

private func queryEntry(_ query: PlainQuery) -> String {
    let function = query.function
    var words: [String] = []
    var asked: [Int] = []
    var fields: [String] = []
    for (index, (parameter, part)) in zip(function.parameters, query.parts).enumerated() {
        switch part {
        case .word(let expression):
            words.append(expression)
            asked.append(index)
        case .stream:
            words.append("(uint64_t)\(parameter.cName)")
            asked.append(index)
            fields.append(".stream_at = \(index + 1)")
        case .text:
            words.append("0")
            asked.append(index)
            fields.append(".text_at = \(index + 1)")
            fields.append(".text = \(parameter.cName)")
        case .out: words.append("0")
        case .buffer(let size, let isText):
            words.append("0")
            fields.append(".buffer = {\(parameter.cName), \(size), \(isText ? 1 : 0)}")
            fields.append(".has_buffer = 1")
        }
    }
    let outs =
        function.resultIsCode
        ? query.outs.map { "{\($0.name), \($0.bytes)}" } : ["{&result, sizeof(result)}"]
    let mask = asked.reduce(0) { $0 | 1 << $1 }
    if !words.isEmpty { fields.append(".words = {\(words.joined(separator: ", "))}") }
    fields.append(".word_count = \(words.count)")
    fields.append(".asked = 0x\(String(mask, radix: 16))")
    if !outs.isEmpty { fields.append(".outs = {\(outs.joined(separator: ", "))}") }
    fields.append(".out_count = \(outs.count)")
    var text = "\(signature(function, prefix: "fx_route_")) {\n"
    if !function.resultIsCode { text += "    uint64_t result = 0;\n" }
    text += "    struct fx_query query = {\n        .function = FX_FUNCTION_\(function.name),\n"
    for field in fields { text += "        \(field),\n" }
    text += "    };\n"
    text +=
        function.resultIsCode
        ? "    return fx_query_run(&query);\n"
        : "    return fx_query_run(&query) == 0 ? (\(function.resultBoundary.c))result : \(function.refusal);\n"
    return text + "}\n"
}
