import Wire

/// Why a command could not do what it was asked; the text says what to do about it.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description.printableLines }
}
