import AscendCL
import Testing
import Trace
import Wire

/// The bytes of the format. If one of these changes, the version in the README's table must
/// change too.
@Suite("Format")
struct FormatTests {
    private func files() throws -> MemoryTrace {
        var program = SyntheticProgram(base: 0x12_0000_0000)
        program.call("aclrtSetDevice", [1], thread: 0x0102)
        program.kernel(
            "aclnnGelu", Encoded.tensor([4]) + Encoded.tensor([4]), [0, 0x200], thread: 0x0102)
        return try written(program.events, environment: ["soc": "x"])
    }

    @Test("A packet, byte by byte")
    func packet() throws {
        let bytes = try #require(try files().files.first { $0.name == "client-1" }).bytes
        func hexadecimal(_ range: Range<Int>) -> String {
            bytes[range].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        #expect(hexadecimal(0..<4) == "c11ffcc1")
        // Stream class 0, instance 1.
        #expect(hexadecimal(20..<32) == "000000000100000000000000")
        // First and last time: 1 ms and the operation's end.
        #expect(hexadecimal(32..<48) == "40420f0000000000684c0f0000000000")
        // Content and packet, in bits.
        #expect(hexadecimal(48..<56) == hexadecimal(56..<64))
        #expect(bytes.count * 8 == Int(bytes[48]) | Int(bytes[49]) << 8)
        // Packet 0, nothing lost, client 1, segment 0.
        #expect(hexadecimal(64..<88) == "000000000000000000000000000000000100000000000000")
        // Event 0, the client: attached, its pid, name, mode and one label.
        #expect(
            hexadecimal(88..<125)
                == "000040420f00" + "00" + "92100000" + "747261696e2e707900" + "726f75746500"
                + "0100"
                + "74656e616e7400" + "6100")
        // Event 1, the thread; event 2, aclrtSetDevice: thread, sequence, stream, duration,
        // result, device.
        #expect(hexadecimal(125..<140) == "0100" + "c4450f00" + "00" + "02010000" + "01000000")
        #expect(hexadecimal(140..<153) == "0200" + "c4450f00" + "000100" + "bc02" + "00" + "01")
    }

    @Test("The metadata's beginning and its classes")
    func metadata() throws {
        let bytes = try #require(try files().files.first { $0.name == "metadata" }).bytes
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("/* CTF 1.8 */\n"))
        #expect(text.contains("flexnpu_trace_version = 2;"))
        #expect(text.contains("    _soc = \"x\";\n"))
        #expect(text.contains("offset_s = 1700000000;"))
        let events = text.split(separator: "\n").filter { $0.hasPrefix("event {") }
        #expect(
            events.map(String.init).filter { $0.contains("aclrtSetDevice") } == [
                "event { id = 2; name = \"aclrtSetDevice\"; stream_id = 0; "
                    + "model.emf.uri = \"flexnpu:call\"; context := struct call_16_8; "
                    + "fields := struct { i8 _deviceId; }; };"
            ])
        #expect(
            events.map(String.init).filter { $0.contains("name = \"aclnnGelu\"") } == [
                "event { id = 6; name = \"aclnnGelu\"; stream_id = 0; "
                    + "model.emf.uri = \"flexnpu:kernel\"; context := struct call_16_8; "
                    + "fields := struct kernel_16_32_values; };"
            ])
    }

    @Test("A function has few classes, however many widths its arguments take")
    func classes() throws {
        var program = SyntheticProgram()
        var random = SeededGenerator(seed: 5)
        for _ in 0..<5000 {
            program.call(
                "aclrtMemcpyAsync",
                (0..<6).map { _ in random.next() >> UInt64.random(in: 0..<64, using: &random) })
        }
        let memory = try written(program.events)
        let metadata = try #require(memory.files.first { $0.name == "metadata" }).bytes
        let events = String(decoding: metadata, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("event {") && $0.contains("aclrtMemcpyAsync") }
        #expect(events.count <= 26)
        var read: [TraceEvent] = []
        try TraceReader(source: memory, table: testTable).events { read.append($0) }
        #expect(read == program.events)
    }

    @Test("Signatures are written in words")
    func signature() {
        let add = testTable.function(named: "aclnnAdd")?.id ?? FunctionID(rawValue: 0)
        let encoded = Encoded.tensor([2, 3], type: 27) + Encoded.tensor([]) + Encoded.scalar(2)
        let text = SignatureText(encoded, of: add, in: testTable)
        #expect(text.description == "self=bf16[2,3], other=f32[], alpha=2.0")
        #expect(text.arguments.map(\.isOutput) == [false, false, false])
        #expect(SignatureText([1, 2], of: add, in: testTable).failure != nil)
        let gelu = testTable.function(named: "aclnnGelu")?.id ?? FunctionID(rawValue: 0)
        let both = SignatureText(Encoded.tensor([1]) + Encoded.tensor([1]), of: gelu, in: testTable)
        #expect(both.arguments.map(\.isOutput) == [false, true])
    }
}
