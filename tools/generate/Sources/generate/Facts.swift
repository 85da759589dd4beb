import Foundation

/// Data types and error codes, said once in datatypes.tsv and errors.tsv.
struct Facts {
    struct DataType {
        var number: Int
        var name: String
        var short: String
        var bits: Int
    }
    struct ErrorCode {
        var code: Int
        var name: String
        var meaning: String
    }

    let dataTypes: [DataType]
    let errors: [ErrorCode]

    init(repository: URL) throws {
        let types = try TabSeparated(
            repository: repository, path: Table.folder + "/datatypes.tsv",
            columns: ["number", "name", "short", "bits"])
        dataTypes = try types.rows.map { row in
            guard let number = Int(row.cells[0]), let bits = Int(row.cells[3]) else {
                throw types.trouble(row, "the type and its bits are numbers")
            }
            return DataType(number: number, name: row.cells[1], short: row.cells[2], bits: bits)
        }
        let codes = try TabSeparated(
            repository: repository, path: Table.folder + "/errors.tsv",
            columns: ["code", "name", "meaning"])
        errors = try codes.rows.map { row in
            guard let code = Int(row.cells[0]) else { throw codes.trouble(row, "no code") }
            return ErrorCode(code: code, name: row.cells[1], meaning: row.cells[2])
        }
    }

    /// codes.h: both for libflexnpu.so.
    var header: String {
        var text = banner()
        text += "#ifndef FX_CODES_H\n#define FX_CODES_H\n\n#include <stdint.h>\n\n"
        text += "/// AscendCL's codes.\nenum {\n"
        for error in errors {
            text += "    FX_ERROR_\(snakeName(error.name).uppercased()) = \(error.code),"
            text += "  // \(error.meaning)\n"
        }
        text += "};\n\n/// Bits of a value of an aclDataType; 0 for strings and unknown ones.\n"
        text += "static inline uint32_t fx_data_type_bits(int32_t type) {\n    switch (type) {\n"
        for type in dataTypes where type.bits != 0 {
            text += "        case \(type.number): return \(type.bits);  // \(type.name)\n"
        }
        return text + "        default: return 0;\n    }\n}\n\n#endif\n"
    }

    /// Both for Swift.
    var swift: String {
        var text = banner() + "// swift-format-ignore-file\n\n"
        text += "/// AscendCL's codes that this project gives or tells apart.\n"
        text += "package enum AclStatus {\n"
        for error in errors {
            text += "    /// \(error.meaning.prefix(1).uppercased() + error.meaning.dropFirst()).\n"
            text += "    package static let \(error.name): Int32 = \(error.code)\n"
        }
        text += "}\n\n/// The numbers of aclDataType.\npackage enum AclDataType {\n"
        for type in dataTypes {
            text += "    package static let \(type.name): Int32 = \(type.number)\n"
        }
        text += function("Bits of a value; 0 for strings and unknown ones.", "bits", "Int") {
            "\($0.bits)"
        }
        text += function("The type's name; nil for an unknown one.", "name", "String?") {
            "\"\($0.name)\""
        }
        text += function("Its name in traces.", "shortName", "String?") {
            "\"\($0.short)\""
        }
        return text + "}\n"
    }

    private func function(
        _ summary: String, _ name: String, _ result: String, _ value: (DataType) -> String
    ) -> String {
        var text = "\n    /// \(summary)\n"
        text += "    package static func \(name)(_ type: Int32) -> \(result) {\n"
        text += "        switch type {\n"
        for type in dataTypes { text += "        case \(type.number): \(value(type))\n" }
        return text + "        default: \(result == "Int" ? "0" : "nil")\n        }\n    }\n"
    }
}
