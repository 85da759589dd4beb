/// Reads one row of functions.tsv.
struct RowReader {
    let file: TabSeparated
    let row: TabSeparated.Row
    let types: [String: Boundary]

    private static let kinds: Set<Character> = Set("iubfhasyvopt")

    func function(id: Int, classes: ClassRules) throws -> Function {
        let cells = row.cells
        var parameters: [Parameter] = []
        var isVariadic = false
        if cells[5] != "-" {
            for text in cells[5].split(separator: ";") {
                let trimmed = text.drop { $0 == " " }
                if trimmed == "..." {
                    isVariadic = true
                } else {
                    parameters.append(try parameter(trimmed))
                }
            }
        }
        for parameter in parameters where parameter.kind == "y" || parameter.kind == "v" {
            let counter = parameter.extent.prefix { $0 != "*" }
            guard parameters.contains(where: { $0.name == counter }) else {
                throw file.trouble(
                    row, "\(parameter.name) is counted by \(counter), which is no parameter")
            }
        }
        let rule = classes.rule(for: cells[0])
        return Function(
            id: id, name: cells[0], library: cells[1], result: cells[2],
            resultBoundary: try boundary(cells[2]), refusal: cells[3],
            arguments: cells[4] == "-" ? "" : cells[4], parameters: parameters,
            isVariadic: isVariadic, functionClass: rule.functionClass, isPoll: rule.isPoll,
            reason: rule.reason, isHandwritten: false)
    }

    /// `kind[:extent] type name`
    private func parameter(_ text: Substring) throws -> Parameter {
        guard let first = text.firstIndex(of: " "), let last = text.lastIndex(of: " "), first < last
        else { throw file.trouble(row, "cannot read the parameter \(text)") }
        let mark = text[..<first].split(separator: ":", maxSplits: 1)
        guard let kind = mark.first, kind.count == 1, let letter = kind.first,
            Self.kinds.contains(letter)
        else { throw file.trouble(row, "unknown kind in the parameter \(text)") }
        let extent = mark.count > 1 ? String(mark[1]) : ""
        let needsExtent = letter == "o" || letter == "y" || letter == "v"
        guard needsExtent == !extent.isEmpty || letter == "p" else {
            throw file.trouble(
                row, "kind \(letter) \(needsExtent ? "needs an" : "has no") extent: \(text)")
        }
        let type = String(text[text.index(after: first)..<last])
        return Parameter(
            kind: letter, extent: extent, type: type,
            name: String(text[text.index(after: last)...]), boundary: try boundary(type))
    }

    private func boundary(_ type: String) throws -> Boundary {
        if type.contains("*") || type.contains("&") || type.contains("(") {
            return .pointer(const: type.hasPrefix("const "))
        }
        let plain = type.hasPrefix("const ") ? String(type.dropFirst(6)) : type
        guard let boundary = types[plain] else {
            throw file.trouble(row, "the type \(plain) is not in types.tsv")
        }
        return boundary
    }
}
