import Testing
import Wire

@Suite struct PrintableTextTests {
    @Test func `what a terminal obeys is written out`() {
        let hostile = "a\u{1b}[2Jb\u{7}c\rd\u{202e}e\u{9b}31mf\u{7f}g\u{2028}h\u{200b}i"
        let text = hostile.printable
        #expect(
            text == "a\\u{1b}[2Jb\\u{7}c\\rd\\u{202e}e\\u{9b}31mf\\u{7f}g\\u{2028}h\\u{200b}i")
        #expect("one\ntwo\u{1b}".printable == "one\\ntwo\\u{1b}")
        #expect("one\ntwo\u{1b}".printableLines == "one\ntwo\\u{1b}")
    }

    @Test func `every control character is written out, and no letter`() {
        for value in (0..<0x20).map(UInt32.init) + (0x7f..<0xa0).map(UInt32.init)
            + Array(0x202a...0x202e) + Array(0x2066...0x2069) + [0x61c, 0x200e, 0x200f, 0xfeff]
        {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = String(Character(scalar))
            #expect(text.printable != text, "\(value)")
            #expect(text.printable.unicodeScalars.allSatisfy { $0.isASCII }, "\(value)")
        }
        for text in ["naïve Ünïcode", "训练", "→ × µs …", "a\\b\"c", ""] {
            #expect(text.printable == text)
            #expect(text.printableLines == text)
            #expect(text.printableJSON == text)
        }
    }

    @Test func `JSON stays JSON`() {
        #expect("{\"a\": \"x\u{9b}y\u{202e}\"}".printableJSON == "{\"a\": \"x\\u009by\\u202e\"}")
        #expect("\"\u{e0001}\"".printableJSON == "\"\\udb40\\udc01\"")
        #expect("{\n  \"a\": 1\n}".printableJSON == "{\n  \"a\": 1\n}")
    }
}
