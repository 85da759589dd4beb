/// Colours for people, or none.
package struct Style: Equatable {
    package var isOn: Bool
    package static let plain = Style(isOn: false)

    package init(isOn: Bool) { self.isOn = isOn }

    package func strong(_ text: String) -> String { wrapped(text, "1") }
    package func dim(_ text: String) -> String { wrapped(text, "2") }
    package func good(_ text: String) -> String { wrapped(text, "32") }
    package func bad(_ text: String) -> String { wrapped(text, "31") }

    private func wrapped(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
