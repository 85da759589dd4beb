/// Why a trace could not be written or read: where, what, and what to do about it.
package struct TraceError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, Codable {
        /// The system refused: no space, no permission, no such file.
        case io
        /// A trace, but not one of ours.
        case foreign
        /// Ours, of a later version.
        case newer
        /// The end is missing: the writer was cut off.
        case torn
        /// The bytes contradict the format.
        case damaged
        /// The writer was closed.
        case closed
    }

    package var code: Code
    package var file: String
    package var offset: Int?
    package var message: String
    package var remedy: String

    package init(
        _ code: Code, file: String, offset: Int? = nil, _ message: String, remedy: String = ""
    ) {
        self.code = code
        self.file = file
        self.offset = offset
        self.message = message
        self.remedy = remedy
    }

    package var description: String {
        let place = offset.map { "\(file), byte \($0)" } ?? file
        return remedy.isEmpty ? "\(place): \(message)" : "\(place): \(message); \(remedy)"
    }
}
