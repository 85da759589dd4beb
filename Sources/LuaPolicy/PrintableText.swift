extension String {
    /// The text as a line on a terminal: what would move the cursor, or turn the direction of what
    /// follows, is replaced. A tab stays; the end of a line becomes a space.
    package var printable: String {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f || $0 == 0x09 }) { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map(Self.printable)))
    }

    private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "\t": "\t"
        case "\n": " "
        // Line and paragraph separators, and what turns the direction of writing.
        case "\u{2028}"..."\u{202e}", "\u{2066}"..."\u{2069}": "\u{fffd}"
        default: scalar.properties.generalCategory == .control ? "\u{fffd}" : scalar
        }
    }
}
