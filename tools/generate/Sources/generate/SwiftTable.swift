/// Sources/AscendCL/Generated: the table as text that `TableReader` reads in a millisecond or two.
///
/// Types, parameter names, libraries and reasons are said once; rows refer to them by number.
func addSwiftTable(_ table: Table, to output: inout OutputSet) {
    let folder = "Sources/AscendCL/Generated"
    var types = WordList()
    var names = WordList()
    var libraries = WordList()
    for library in table.libraries { _ = libraries.index(of: library) }
    var reasons = WordList()
    _ = reasons.index(of: "")
    var rows: [String] = []
    for function in table.functions {
        let parameters = function.parameters.map { parameter in
            "\(parameter.kind)\(types.index(of: parameter.type)).\(names.index(of: parameter.name))"
                + (parameter.extent.isEmpty ? "" : "." + parameter.extent)
        }
        let fields = [
            function.name, "\(libraries.index(of: function.library))",
            "\(types.index(of: function.result))",
            "\(Table.classes.firstIndex(of: function.functionClass) ?? 0)",
            "\((function.isPoll ? 1 : 0) + (function.isAnsweredByHand ? 2 : 0))", function.refusal,
            "\(reasons.index(of: function.reason))",
            function.arguments.isEmpty ? "-" : function.arguments,
            "\(function.travelling)",
        ]
        rows.append((fields + parameters).joined(separator: " "))
    }
    let chunks = parts(rows, of: 1000)
    var text = banner() + "// swift-format-ignore-file\n\n"
    text += "/// The API table as text; `TableReader` reads it.\nenum FunctionTable {\n"
    text += "    static let rows: [StaticString] = ["
    text += chunks.indices.map { "functionRows\($0)" }.joined(separator: ", ") + "]\n"
    for (name, list) in [
        ("types", types.words), ("names", names.words), ("libraries", libraries.words),
        ("emptyLibraries", table.emptyLibraries), ("reasons", reasons.words),
    ] {
        text += "    static let \(name): StaticString = \(literal(list, indent: "        "))\n"
    }
    output.add(text + "}\n", at: "\(folder)/FunctionTable.swift")
    for (index, chunk) in chunks.enumerated() {
        var text = banner() + "// swift-format-ignore-file\n\n"
        text += "let functionRows\(index): StaticString = \(literal(chunk, indent: "    "))\n"
        output.add(text, at: "\(folder)/FunctionTable\(index).swift")
    }
}

private func literal(_ lines: [String], indent: String) -> String {
    "\"\"\"\n" + lines.map { $0.isEmpty ? "\n" : "\(indent)\($0)\n" }.joined() + "\(indent)\"\"\""
}

private struct WordList {
    private(set) var words: [String] = []
    private var indices: [String: Int] = [:]

    mutating func index(of word: String) -> Int {
        if let known = indices[word] { return known }
        indices[word] = words.count
        words.append(word)
        return words.count - 1
    }
}
