/// Text that comes from programs, policies, traces or a daemon, made fit to be shown to a person.
///
/// A terminal takes some characters as commands: to move, to colour, to set its title, in some to
/// type. Others change what a reader sees without being seen. Each is written as `\u{1b}`, so that
/// whoever reads the text sees that it is there.
extension StringProtocol {
    /// The text in one line, without anything that a terminal would obey.
    package var printable: String { printable { _ in false } }

    /// The same, line by line: for what we wrote ourselves, with others' words in it.
    package var printableLines: String { printable { $0 == "\n" } }

    private func printable(except isKept: (Unicode.Scalar) -> Bool) -> String {
        guard unicodeScalars.contains(where: { $0.isUnprintable && !isKept($0) }) else {
            return String(self)
        }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isUnprintable, !isKept(scalar) {
                text.append(contentsOf: scalar.escaped.unicodeScalars)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }

    /// JSON with the same characters as escapes of its own. What JSON's own rules let stand, the C1
    /// controls and those of the direction of writing, would reach a terminal as well.
    package var printableJSON: String {
        guard unicodeScalars.contains(where: { $0.isUnprintable && $0 != "\n" }) else {
            return String(self)
        }
        var text = ""
        for scalar in unicodeScalars {
            guard scalar.isUnprintable, scalar != "\n" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Controls, format characters, and line and paragraph separators.
    fileprivate var isUnprintable: Bool {
        if value >= 0x20 && value < 0x7f { return false }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    fileprivate var escaped: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(value, radix: 16))}"
        }
    }
}
