import ArgumentParser
import AscendCL
import Foundation
import Wire

/// `flexnpu api`: the table of AscendCL's functions.
struct APICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api",
        abstract: "List the functions of AscendCL and how each is treated.",
        discussion: """
            PATTERN is a part of a name, or a whole one with * in it. Letters may be large or small.

            Examples:
              flexnpu api memcpy                which copies there are
              flexnpu api 'aclnn*Norm' -v       with their arguments
              flexnpu api --class refuse        what cannot be carried, and why

            Exit code: 0 something was found, 1 nothing was.
            """)

    @Argument(help: "Part of a name, or a name with *.")
    var pattern: String?

    @Flag(name: .shortAndLong, help: "Show arguments, the value returned when refused, and the id.")
    var verbose = false

    @Option(
        name: .customLong("class"),
        help: ArgumentHelp(
            "Only functions of this class: "
                + FunctionClass.allCases.map(\.rawValue).joined(separator: ", ") + ".",
            valueName: "class"))
    var functionClass: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if let functionClass, FunctionClass(rawValue: functionClass) == nil {
            throw ValidationError("there is no class \(functionClass)")
        }
    }

    func run() throws {
        let found = APITable.standard.functions.filter(isWanted)
        if json {
            print(try jsonText(found.map(FunctionDescription.init)))
        } else {
            for line in verbose ? found.flatMap(details) : table(found) { print(line) }
        }
        if found.isEmpty { throw ExitCode(1) }
    }

    private func isWanted(_ function: APIFunction) -> Bool {
        if let functionClass, function.functionClass.rawValue != functionClass { return false }
        guard let pattern else { return true }
        return matches(function.name, pattern: pattern)
    }

    private func table(_ functions: [APIFunction]) -> [String] {
        var lines = functions.map { function in
            let row = [
                padded(function.functionClass.rawValue, 8), padded(function.name, 48),
                function.functionClass == .refuse ? function.reason : function.library,
            ]
            return row.joined(separator: " ")
        }
        let counts = FunctionClass.allCases.compactMap { one -> String? in
            let count = functions.count { $0.functionClass == one }
            return count == 0 ? nil : "\(count) \(one.rawValue)"
        }
        let sums = counts.isEmpty ? "" : ": " + counts.joined(separator: ", ")
        lines.append("\(functions.count) function\(functions.count == 1 ? "" : "s")\(sums)")
        return lines
    }

    private func details(_ function: APIFunction) -> [String] {
        let poll = function.isPoll ? ", a repeated question" : ""
        var lines = [
            "\(function.result) \(function.name)",
            "    \(function.functionClass.rawValue)\(poll), \(function.library), id \(function.id.rawValue)",
        ]
        if function.functionClass == .refuse {
            let value = function.refusal.isEmpty ? "nothing" : function.refusal
            lines.append("    refused: \(function.reason); returns \(value)")
        }
        for (index, parameter) in function.parameters.enumerated() {
            let letters = Array(function.argumentClasses)
            let letter = index < letters.count ? "  \(letters[index])" : ""
            let extent = parameter.extent.isEmpty ? "" : " (\(parameter.extent))"
            let words = "\(parameter.kind.word)\(extent)\(letter)"
            lines.append("    " + padded("\(parameter.type) \(parameter.name)", 44) + " " + words)
        }
        return lines + [""]
    }
}

/// A function as `--json` gives it.
struct FunctionDescription: Encodable {
    struct Parameter: Encodable {
        var type: String
        var name: String
        var kind: String
        var extent: String?
    }

    var id: UInt16
    var name: String
    var library: String
    var result: String
    var `class`: String
    var poll: Bool
    var refusal: String?
    var reason: String?
    var argumentClasses: String?
    var parameters: [Parameter]

    init(_ function: APIFunction) {
        id = function.id.rawValue
        name = function.name
        library = function.library
        result = function.result
        `class` = function.functionClass.rawValue
        poll = function.isPoll
        let isRefused = function.functionClass == .refuse
        refusal = isRefused && !function.refusal.isEmpty ? function.refusal : nil
        reason = isRefused ? function.reason : nil
        argumentClasses = function.argumentClasses.isEmpty ? nil : function.argumentClasses
        parameters = function.parameters.map {
            Parameter(
                type: $0.type, name: $0.name, kind: $0.kind.word,
                extent: $0.extent.isEmpty ? nil : $0.extent)
        }
    }
}

extension ParameterKind {
    /// The kind as people read it.
    var word: String {
        switch self {
        case .integer: "integer"
        case .unsigned: "unsigned"
        case .boolean: "boolean"
        case .float: "float"
        case .handle: "handle"
        case .address: "address"
        case .string: "string"
        case .bytes: "bytes"
        case .array: "array"
        case .out: "out"
        case .opaque: "pointer"
        case .structure: "structure"
        }
    }
}

/// Whether `name` has `pattern` in it, or, where that has a `*`, is like it from end to end.
func matches(_ name: String, pattern: String) -> Bool {
    let name = name.lowercased()
    let pattern = pattern.lowercased()
    guard pattern.contains("*") else { return name.contains(pattern) }
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    var rest = name[...]
    for (index, part) in parts.enumerated() {
        if index == 0 {
            guard rest.hasPrefix(part) else { return false }
            rest = rest.dropFirst(part.count)
        } else if index == parts.count - 1 {
            return rest.hasSuffix(part)
        } else if let range = rest.firstRange(of: part) {
            rest = rest[range.upperBound...]
        } else {
            return false
        }
    }
    return true
}

private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

/// Any value as JSON for people and programs: indented, keys in order.
private func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
