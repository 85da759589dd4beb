import CWire
import SharedRing
import Testing

@Suite struct SocketStructureTests {
    @Test func `what is sent is read as it was`() throws {
        var ask = fx_socket_ask()
        ask.kind = 3
        ask.a = .max
        let read = try #require(fx_socket_ask(bytes: ask.bytes))
        #expect(ask.bytes.count == fx_socket_ask.byteCount)
        #expect(read.kind == 3 && read.a == .max && read.b == 0)
    }

    @Test func `too few bytes are nothing`() {
        #expect(fx_hello(bytes: []) == nil)
        #expect(fx_hello(bytes: Array(fx_hello().bytes.dropLast())) == nil)
    }

    @Test func `a text fills its field and ends with a NUL`() {
        var answer = fx_socket_answer()
        let length = MemoryLayout.size(ofValue: answer.message)
        setText(String(repeating: "é", count: length), in: &answer.message)
        let bytes = withUnsafeBytes(of: answer.message) { Array($0) }
        #expect(bytes.last == 0)
        #expect(bytes.dropLast().allSatisfy { $0 != 0 })
        setText("short", in: &answer.message)
        let text = withUnsafeBytes(of: answer.message) { Array($0.prefix { $0 != 0 }) }
        #expect(String(decoding: text, as: UTF8.self) == "short")
        #expect(answer.status == 0)
    }
}
