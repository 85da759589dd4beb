import Foundation

/// A class letter of an aclnn operation's arguments, from letters.tsv.
struct Letter {
    enum Passed: String {
        case pointer
        case integer
        case real
    }

    var letter: Character
    var name: String
    var passed: Passed
    /// The object in libflexnpu.so that a pointer is to; empty for none.
    var object: String
    /// Value words: `2`, `1/2` …; empty where it cannot travel.
    var words: String
    var meaning: String

    var canTravel: Bool { !words.isEmpty }
}

/// All class letters.
struct LetterTable {
    let letters: [Letter]

    init(repository: URL) throws {
        let file = try TabSeparated(
            repository: repository, path: Table.folder + "/letters.tsv",
            columns: ["letter", "name", "passed", "object", "words", "meaning"])
        letters = try file.rows.map { row in
            guard let letter = row.cells[0].first, row.cells[0].count == 1,
                let passed = Letter.Passed(rawValue: row.cells[2])
            else { throw file.trouble(row, "a letter, and how C passes it") }
            guard (row.cells[3] == "-") || passed == .pointer else {
                throw file.trouble(row, "only a pointer is to an object")
            }
            return Letter(
                letter: letter, name: row.cells[1], passed: passed,
                object: row.cells[3] == "-" ? "" : row.cells[3],
                words: row.cells[4] == "-" ? "" : row.cells[4], meaning: row.cells[5])
        }
    }

    subscript(letter: Character) -> Letter? { letters.first { $0.letter == letter } }
}

/// letters.h: the letters for the encoder of arguments.
func letterHeader(_ table: LetterTable) -> String {
    var text = banner()
    text += """
        #ifndef FX_LETTERS_H
        #define FX_LETTERS_H

        #include "../Objects/objects.h"

        // The class letters of an operation's arguments.
        enum {

        """
    for letter in table.letters {
        text += "    FX_LETTER_\(snakeName(letter.name).uppercased()) = '\(letter.letter)',"
        text += "  // \(letter.meaning)\n"
    }
    text += "};\n\n/// Whether C passes a pointer; else an integer or a real.\n"
    text += "static inline int fx_letter_is_pointer(char letter) {\n    switch (letter) {\n"
    for letter in table.letters where letter.passed != .pointer {
        text += "        case '\(letter.letter)':\n"
    }
    text += "            return 0;\n        default: return 1;\n    }\n}\n\n"
    text += "/// The kind of the object that the pointer is to; FX_OBJECT_FREE for none.\n"
    text += "static inline enum fx_object_kind fx_letter_object(char letter) {\n"
    text += "    switch (letter) {\n"
    for letter in table.letters where !letter.object.isEmpty {
        text += "        case '\(letter.letter)': return FX_OBJECT_\(letter.object.uppercased());\n"
    }
    return text + "        default: return FX_OBJECT_FREE;\n    }\n}\n\n#endif\n"
}

/// ArgumentClass.swift: the letters for Swift.
func argumentClasses(_ table: LetterTable) -> String {
    var text = banner() + "// swift-format-ignore-file\n\n"
    text += "/// The class of an aclnn operation's argument; the raw value is its letter.\n"
    text += "package enum ArgumentClass: UInt8, Sendable, CaseIterable {\n"
    for letter in table.letters {
        let code = letter.letter.asciiValue ?? 0
        text +=
            "    /// `\(letter.letter)`: \(letter.meaning).\n    case \(letter.name) = \(code)\n"
    }
    text +=
        "\n    /// How C passes it.\n    package enum Passing: Sendable { case pointer, integer, real }\n"
    text += "    package var passing: Passing {\n        switch self {\n"
    for letter in table.letters {
        text += "        case .\(letter.name): .\(letter.passed.rawValue)\n"
    }
    return text + "        }\n    }\n}\n"
}
