/// Why an object file could not be read or fitted; names the file and what to do.
package struct ObjectFileError: Error, Equatable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        /// The system said no; the text is the system's.
        case system(String)
        /// Not an ELF file.
        case notELF
        /// An ELF file without a dynamic section: static, or an object that is not linked yet.
        case notDynamic
        /// The file ends early or its tables point outside it.
        case malformed(String)
        /// A folder in which no shared library is.
        case noLibrary
    }

    package var path: String
    package var reason: Reason

    package init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }

    package var description: String {
        switch reason {
        case .system(let message): "\(path): \(message)"
        case .notELF: "\(path): not an ELF program or library"
        case .notDynamic: "\(path): has no dynamic section (a static program, or an object file)"
        case .malformed(let what): "\(path): damaged ELF file: \(what)"
        case .noLibrary: "\(path): no shared library (.so) in this folder"
        }
    }
}
