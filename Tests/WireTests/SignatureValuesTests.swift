import Testing
import Wire

/// Plans: what of an argument list travels with each launch, and how it is made whole again.
@Suite struct SignatureValuesTests {
    private struct Encoder {
        var bytes: [UInt8] = []

        mutating func word(_ value: UInt64) {
            for index in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: value >> (UInt64(index) * 8)))
            }
        }

        /// `mode`: 0 a value follows, 1 NULL, 2 the value travels.
        mutating func head(
            _ kind: Character, mode: UInt64 = 0, view: UInt64 = 0, storage: UInt64 = 0,
            type: UInt64 = 0, count: UInt64 = 0
        ) {
            word(
                UInt64(kind.asciiValue ?? 0) | mode << 8 | view << 16 | storage << 24 | type << 32)
            word(count)
        }

        mutating func row(_ count: UInt64, offset: UInt64 = 0, mode: UInt64 = 0) {
            head("T", mode: mode, view: 1, storage: 1)
            for value in [count, 1, offset, count] { word(value) }
        }
    }

    @Test func `values go where the plan says, class by class`() throws {
        var encoder = Encoder()
        encoder.row(4, mode: 2)
        encoder.head("T", mode: 1)
        encoder.head("L", count: 3)
        encoder.row(5)
        encoder.head("T", mode: 1)
        encoder.row(6, offset: 1)
        encoder.head("S", mode: 2, type: 9)
        encoder.head("S", type: 3)
        encoder.word(70)
        encoder.word(0)
        encoder.head("C", count: 2)
        encoder.head("S", mode: 2, type: 1)
        encoder.head("S", mode: 1)
        encoder.head("i", mode: 2)
        encoder.head("w")
        encoder.word(33)
        encoder.head("d", mode: 2)
        encoder.head("I", mode: 2, count: 2)
        encoder.head("G", mode: 2, count: 3)
        encoder.head("B", mode: 2, count: 9)
        let plan = try SignatureDecoder.decode(encoder.bytes)
        #expect(plan.valueCount == 2 + 4 + 2 + 2 + 1 + 1 + 2 + 2 + 2)
        #expect(plan.tensorPositions == [0, 2, 4])
        #expect(plan.travels(argument: 3) && !plan.travels(argument: 4))
        let reals = [UInt64(Float(1.5).bitPattern) | UInt64(Float(-2).bitPattern) << 32, 0]
        let values: [UInt64] =
            [0x1000, 1, 0x2000, 2, 0x3000, 3, 44, 55, 66, 77, 88, 0.25.bitPattern]
            + [UInt64(bitPattern: -1), 9] + reals + [0x01_00_01, 1]
        let whole = try plan.completed(by: values.span)
        #expect(whole.tensors.map(\.offset) == [1, 2, 4])
        #expect(whole.items[1] == .tensor(nil))
        #expect(whole.items[3] == .scalar(SignatureScalar(type: 9, low: 44, high: 55)))
        #expect(whole.items[4] == .scalar(SignatureScalar(type: 3, low: 70, high: 0)))
        #expect(whole.items[5] == .scalarList([SignatureScalar(type: 1, low: 66, high: 77), nil]))
        #expect(whole.items[6] == .integer(88, letter: UInt8(ascii: "i")))
        #expect(whole.items[7] == .integer(33, letter: UInt8(ascii: "w")))
        #expect(whole.items[8] == .real(0.25, letter: UInt8(ascii: "d")))
        #expect(whole.items[9] == .integers([-1, 9]))
        #expect(whole.items[10] == .reals([1.5, -2, 0]))
        let flags = [true, false, true, false, false, false, false, false, true]
        #expect(whole.items[11] == .booleans(flags))
        #expect(throws: SignatureError.self) { try plan.completed(by: [1, 2].span) }
    }

    @Test func `counts beyond a launch's words are refused before they are believed`() {
        for (kind, count) in [("I", 16_385), ("G", 4_294_967_295), ("B", 4_294_967_295)] {
            var encoder = Encoder()
            encoder.head(Character(kind), mode: 2, count: UInt64(count))
            #expect(throws: SignatureError.self) { try SignatureDecoder.decode(encoder.bytes) }
        }
        var text = Encoder()
        text.head("s", mode: 2, count: 3)
        #expect(throws: SignatureError.self) { try SignatureDecoder.decode(text.bytes) }
    }

    @Test func `offsets that overflow are errors`() throws {
        var encoder = Encoder()
        encoder.row(4, offset: UInt64(Int64.max))
        let plan = try SignatureDecoder.decode(encoder.bytes)
        #expect(throws: SignatureError.self) { try plan.completed(by: [0, 1].span) }
        let row = SignatureTensor(
            type: 0, format: 2, shape: [4], strides: [1], offset: 0, storageShape: [4])
        #expect(row.touchedBytes(shiftedBy: 2).map { $0 == (8, 24) } == true)
        #expect(row.touchedBytes(shiftedBy: .max / 4) == nil)
        #expect(row.touchedBytes(shiftedBy: -1).map { $0 == (-4, 12) } == true)
    }
}
