/// How a plain query is put to the device library: its parameters' kinds, read off the table.
package struct QueryForm: Sendable, Equatable {
    /// One letter a parameter: i an integer, h a stream, s a string, 4 an out-parameter of 32 bits, 8
    /// one of 64 bits, b memory that is filled, l an array of the library's own.
    package var letters: String
    /// Bytes of the memory that is filled, where the table says them.
    package var bufferBytes: Int
    /// Else: the in-argument that counts them, from 0.
    package var bufferCounter: Int?
    /// Whether what is filled is text, which ends at its NUL.
    package var isText: Bool
    /// The function returns its answer (a size) and not an error code.
    package var returnsValue: Bool

    package init(
        letters: String, bufferBytes: Int = 0, bufferCounter: Int? = nil, isText: Bool = false,
        returnsValue: Bool = false
    ) {
        self.letters = letters
        self.bufferBytes = bufferBytes
        self.bufferCounter = bufferCounter
        self.isText = isText
        self.returnsValue = returnsValue
    }
}

extension APIFunction {
    /// The form of a query that is asked as it stands; nil for any other function, and for the queries
    /// that are answered by code of their own.
    package var queryForm: QueryForm? {
        guard functionClass == .query, !isAnsweredByHand else { return nil }
        var form = QueryForm(
            letters: "", bufferBytes: 0, bufferCounter: nil, isText: false,
            returnsValue: !Self.codes.contains(result))
        for parameter in parameters {
            guard let letter = Self.queryLetter(parameter) else { return nil }
            form.letters.append(letter)
            guard letter == "b" else { continue }
            form.isText = parameter.type == "char *"
            form.bufferBytes = Int(parameter.extent) ?? 0
            form.bufferCounter = inArguments.firstIndex { $0.name == parameter.extent }
        }
        return form
    }

    private var inArguments: [APIParameter] {
        parameters.filter { $0.kind != .out && $0.kind != .opaque }
    }

    /// Results that are error codes.
    private static let codes: Set<String> = ["aclError", "aclnnStatus", "HcclResult"]

    private static func queryLetter(_ parameter: APIParameter) -> Character? {
        switch parameter.kind {
        case .integer, .unsigned, .boolean: "i"
        case .handle: "h"
        case .string: "s"
        case .out: parameter.extent.first
        case .opaque: parameter.extent.isEmpty ? nil : "b"
        case .float, .address, .bytes, .array, .structure: nil
        }
    }
}
