import Wire

/// Reads the embedded text of `FunctionTable`.
///
/// A row is separated by spaces: name, library, result, class, marks (1 a poll, 2 a query that is
/// answered by hand), refusal value, reason, argument classes, which of them travel, and then a
/// parameter each: its kind, the number of its type, `.`, the number of its name, and where it has one
/// `.` and its extent. Types, names, libraries and reasons are numbers into lists, so that a string is
/// made once.
///
/// The text is generated, and a test reads all of it, so what does not parse is left out rather
/// than reported.
enum TableReader {
    static func functions() -> [APIFunction] {
        let lists = WordLists(
            types: lines(FunctionTable.types), names: lines(FunctionTable.names),
            libraries: lines(FunctionTable.libraries), reasons: lines(FunctionTable.reasons))
        var functions: [APIFunction] = []
        functions.reserveCapacity(3000)
        for chunk in FunctionTable.rows {
            var cursor = TextCursor(text: Array(chunk.description.utf8))
            while !cursor.isAtEnd {
                functions.append(function(&cursor, id: functions.count, lists))
            }
        }
        return functions
    }

    private struct WordLists {
        var types: [String]
        var names: [String]
        var libraries: [String]
        var reasons: [String]
    }

    private static func function(
        _ cursor: inout TextCursor, id: Int, _ lists: WordLists
    ) -> APIFunction {
        let name = cursor.word()
        let library = word(lists.libraries, cursor.number())
        let result = word(lists.types, cursor.number())
        let classIndex = cursor.number()
        let marks = cursor.number()
        let refusal = cursor.word()
        let reason = word(lists.reasons, cursor.number())
        let arguments = cursor.word()
        let travelling = UInt64(cursor.number())
        var parameters: [APIParameter] = []
        while !cursor.isAtEndOfLine { parameters.append(parameter(&cursor, lists)) }
        cursor.skipEndOfLine()
        return APIFunction(
            id: FunctionID(rawValue: UInt16(id)), name: name, library: library, result: result,
            functionClass: classes[min(classIndex, classes.count - 1)],
            refusal: refusal == "-" ? "" : refusal, reason: reason,
            isPoll: marks & 1 != 0, isAnsweredByHand: marks & 2 != 0,
            argumentClasses: arguments == "-" ? "" : arguments, travellingArguments: travelling,
            parameters: parameters)
    }

    private static func parameter(_ cursor: inout TextCursor, _ lists: WordLists) -> APIParameter {
        let kind = ParameterKind(rawValue: Character(Unicode.Scalar(cursor.byte())))
        let type = word(lists.types, cursor.number())
        let name = word(lists.names, cursor.number())
        return APIParameter(type: type, name: name, kind: kind ?? .opaque, extent: cursor.rest())
    }

    private static let classes = FunctionClass.allCases

    private static func word(_ list: [String], _ index: Int) -> String {
        index < list.count ? list[index] : ""
    }

    static func lines(_ text: StaticString) -> [String] {
        Array(text.description.utf8)
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A place in the text of the table.
private struct TextCursor {
    private let text: [UInt8]
    private var place = 0

    init(text: [UInt8]) { self.text = text }

    private static let space = UInt8(ascii: " ")
    private static let newline = UInt8(ascii: "\n")
    private static let dot = UInt8(ascii: ".")
    private static let zero = UInt8(ascii: "0")

    var isAtEnd: Bool { place >= text.count }
    var isAtEndOfLine: Bool { isAtEnd || text[place] == Self.newline }

    mutating func skipEndOfLine() { if !isAtEnd { place += 1 } }

    mutating func byte() -> UInt8 {
        guard !isAtEnd else { return Self.space }
        defer { place += 1 }
        return text[place]
    }

    /// Up to the next space, which is passed over.
    mutating func word() -> String {
        let start = place
        while !isAtEndOfLine, text[place] != Self.space { place += 1 }
        let word = String(decoding: text[start..<place], as: UTF8.self)
        if !isAtEndOfLine { place += 1 }
        return word
    }

    /// A decimal number, and one separator after it. A dot before an extent stays for `rest`.
    mutating func number() -> Int {
        var value = 0
        while !isAtEndOfLine, text[place] != Self.space, text[place] != Self.dot {
            value = value &* 10 &+ Int(text[place] &- Self.zero)
            place += 1
        }
        if !isAtEndOfLine { place += 1 }
        return value
    }

    /// What is left of a parameter: its extent, if it has one.
    mutating func rest() -> String {
        // After the name's number stands a space (passed over: no extent) or a dot (the extent
        // follows).
        guard place > 0, text[place - 1] == Self.dot else { return "" }
        return word()
    }
}
