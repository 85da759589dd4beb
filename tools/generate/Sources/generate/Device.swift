import Foundation

/// A function that the software device exports by generated code.
struct Offer {
    enum How: String {
        case operation
        /// Both phases of an operation that has a time and no arithmetic.
        case timing
        case refused
    }

    var function: Function
    var how: How

    /// Sources/SoftwareDevice/offered.tsv, an operation as both of its functions.
    static func load(repository: URL, table: Table) throws -> [Offer] {
        let file = try TabSeparated(
            repository: repository, path: "Sources/SoftwareDevice/offered.tsv",
            columns: ["name", "how"])
        var offers: [Offer] = []
        var seen: Set<String> = []
        for row in file.rows {
            guard let how = How(rawValue: row.cells[1]) else {
                throw file.trouble(
                    row, "unknown `how`: \(row.cells[1]) (operation, timing or refused)")
            }
            guard seen.insert(row.cells[0]).inserted else {
                throw file.trouble(row, "\(row.cells[0]) is there twice")
            }
            guard let id = table.idsByName[row.cells[0]] else {
                throw file.trouble(row, "\(row.cells[0]) is not in the table")
            }
            let function = table.functions[id]
            if how != .refused {
                guard let one = function.phaseOne else {
                    throw file.trouble(row, "\(row.cells[0]) is no aclnn operation")
                }
                offers.append(Offer(function: table.functions[one], how: how))
            }
            offers.append(Offer(function: function, how: how))
        }
        return offers
    }
}

/// Sources/SoftwareDevice/Generated and the device library's exports.
func addDevice(_ table: Table, _ offers: [Offer], to output: inout OutputSet) {
    let folder = "Sources/SoftwareDevice/Generated"
    let heading = banner() + "// swift-format-ignore-file\n"
    let operations = offers.filter { $0.how != .refused }
    for (index, part) in parts(operations, of: 100).enumerated() {
        let text = part.reduce(heading) { $0 + "\n" + deviceEntry($1, table.letters) }
        output.add(text, at: "\(folder)/OperationEntries\(index).swift")
    }
    output.add(refusals(table, offers), at: "Sources/CDeviceRefusals/Generated/refusals.c")
    let launches = operations.filter { $0.function.phaseOne != nil }
    let names = launches.filter { $0.how == .operation }.map(\.function.name)
    var list =
        heading
        + "\n/// The operations that have entry points, by name.\nlet offeredOperations: [String] = [\n"
    for name in names { list += "    \"\(name)\",\n" }
    output.add(list + "]\n", at: "\(folder)/OfferedOperations.swift")
    output.add(
        launches.filter { $0.how == .timing }.reduce(timingHeading) {
            $0 + timingRow($1.function, table)
        } + "]\n", at: "\(folder)/TimingOnlyTable.swift")

    let patterns = [
        "acl*", "Hccl*", "Msprof*", "mstx*", "rt*", "InitHugeMem*", "UnInitHugeMem*",
        "ReleaseHugeMem",
        "flexnpu_device_*",
    ]
    output.add(
        banner("#") + "{\n    global:\n" + patterns.map { "        \($0);\n" }.joined()
            + "    local:\n        *;\n};\n", at: "Sources/SoftwareDeviceLibrary/exports.map")
}

private let timingHeading =
    banner() + "// swift-format-ignore-file\n\n"
    + "/// Operations with a time and no arithmetic: name, class letters, parameters.\n"
    + "let timingOnlyOperations: [TimingOnlyOperation] = [\n"

private func timingRow(_ launch: Function, _ table: Table) -> String {
    guard let one = launch.phaseOne.map({ table.functions[$0] }) else { return "" }
    let names = one.parameters.dropLast(2).map(\.name).joined(separator: " ")
    return "    TimingOnlyOperation(\"\(launch.name)\", \"\(one.arguments)\", \"\(names)\"),\n"
}

private func deviceEntry(_ offer: Offer, _ letters: LetterTable) -> String {
    let function = offer.function
    let parameters = function.parameters.map { parameter in
        "_ \(swiftName(parameter.name)): \(swiftType(function, parameter))"
    }
    let result = swiftResult(function.resultBoundary)
    let head =
        "@c(\(function.name))\npublic func \(function.name)(\(parameters.joined(separator: ", ")))"
    let body: String
    if function.phaseOne != nil {
        let handles = function.parameters.suffix(2).map { swiftName($0.name) }
        body = "    phaseTwo(\(handles.joined(separator: ", ")))\n"
    } else {
        let arguments = zip(function.arguments, function.parameters).map { letter, parameter in
            let name = swiftName(parameter.name)
            return switch letters[letter]?.passed {
            case .integer where parameter.boundary == .bool: ".integer(\(name) ? 1 : 0)"
            case .integer where parameter.boundary == .integer("uint64_t"):
                ".integer(Int64(bitPattern: \(name)))"
            case .integer: ".integer(Int64(\(name)))"
            case .real: ".real(Double(\(name)))"
            default: ".pointer(UnsafeRawPointer(\(name)))"
            }
        }
        let launch = function.name.dropLast("GetWorkspaceSize".count)
        let outs = function.parameters.suffix(2).map { swiftName($0.name) }.joined(separator: ", ")
        body =
            "    unsafe phaseOne(\"\(launch)\", [\(arguments.joined(separator: ", "))], \(outs))\n"
    }
    return head + (result.isEmpty ? "" : " -> \(result)") + " {\n\(body)}\n"
}

/// A function of the table that nobody implements: it says so and returns its refusal value. Those of
/// offered.tsv can be looked up; the others are weak, which says that only linking finds them.
private func refusals(_ table: Table, _ offers: [Offer]) -> String {
    let offered = Set(offers.filter { $0.how != .refused }.map(\.function.name))
    let visible = Set(offers.filter { $0.how == .refused }.map(\.function.name))
    var text = banner() + "#include \"../refusal.h\"\n\n"
    for function in table.functions where !offered.contains(function.name) {
        let isVisible = visible.contains(function.name)
        let result = function.resultBoundary.c.trimmingCharacters(in: .whitespaces)
        let kind = isVisible ? "VISIBLE" : "LINKED"
        if function.resultBoundary == .void {
            text += "FX_REFUSE_\(kind)(void, \(function.name), 0, )\n"
        } else {
            let code = function.resultIsStatus ? function.refusal : "0"
            text += "FX_REFUSE_\(kind)(\(result), \(function.name), \(code), \(function.refusal))\n"
        }
    }
    return text
}

private func swiftName(_ name: String) -> String {
    ["self", "in", "func", "where", "default", "switch", "operator", "repeat", "init", "is", "as"]
        .contains(name)
        ? "`\(name)`" : name
}

private func swiftType(_ function: Function, _ parameter: Parameter) -> String {
    if function.phaseTwo != nil {
        if parameter.kind == "o" && parameter.type == "uint64_t *" {
            return "UnsafeMutablePointer<UInt64>?"
        }
        if parameter.kind == "o" { return "UnsafeMutablePointer<UnsafeMutableRawPointer?>?" }
    }
    if case .pointer(let const) = parameter.boundary {
        return const ? "UnsafeRawPointer?" : "UnsafeMutableRawPointer?"
    }
    return swiftResult(parameter.boundary)
}

private func swiftResult(_ boundary: Boundary) -> String {
    switch boundary {
    case .void: ""
    case .bool: "Bool"
    case .float: "Float"
    case .double: "Double"
    case .pointer: "UnsafeMutableRawPointer?"
    case .structure: "Never"
    case .integer(let name):
        switch name {
        case "size_t": "Int"
        case "int8_t": "Int8"
        case "int16_t": "Int16"
        case "int32_t": "Int32"
        case "int64_t": "Int64"
        case "uint8_t": "UInt8"
        case "uint16_t": "UInt16"
        case "uint32_t": "UInt32"
        default: "UInt64"
        }
    }
}
