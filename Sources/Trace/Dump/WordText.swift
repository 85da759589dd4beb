import AscendCL

/// A word of a call as people read it.
enum WordText {
    static func describe(
        _ word: UInt64, _ kind: ParameterKind, _ type: String, in bytes: [UInt8]
    ) -> String {
        switch kind {
        case .integer: return "\(Int64(bitPattern: word))"
        case .unsigned: return "\(word)"
        case .boolean: return word == 0 ? "false" : "true"
        case .float: return "\(Double(bitPattern: word))"
        case .handle, .address, .opaque, .structure: return hexadecimal(word)
        case .out:
            return type.contains("int") && !type.contains("**") ? "\(word)" : hexadecimal(word)
        case .string:
            guard let slice = CallWord.slice(word, in: bytes) else { return "?" }
            return word == 0 ? "null" : JSONText.quoted(String(decoding: slice, as: UTF8.self))
        case .bytes:
            guard let slice = CallWord.slice(word, in: bytes) else { return "?" }
            let shown = slice.prefix(16).map { byte in
                byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
            }
            return "<\(slice.count) bytes: \(shown.joined())\(slice.count > 16 ? "…" : "")>"
        case .array:
            guard let elements = CallWord.elements(word, in: bytes) else { return "?" }
            return "[" + elements.map { "\($0)" }.joined(separator: ",") + "]"
        }
    }

    static func hexadecimal(_ word: UInt64) -> String {
        word == 0 ? "null" : "0x" + String(word, radix: 16)
    }
}
