import Testing
import Wire

/// Bytes of `fx_item`s, as the interposer writes them.
private struct Encoder {
    var bytes: [UInt8] = []

    mutating func word(_ value: UInt64) {
        for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (UInt64(index) * 8))) }
    }

    mutating func head(
        _ kind: Character, null: Bool = false, view: Int = 0, storage: Int = 0, type: Int16 = 0,
        format: Int16 = 0, count: Int = 0
    ) {
        var first = UInt64(kind.asciiValue ?? 0) | (null ? 1 << 8 : 0)
        first |= UInt64(view) << 16 | UInt64(storage) << 24
        first |= UInt64(UInt16(bitPattern: type)) << 32 | UInt64(UInt16(bitPattern: format)) << 48
        word(first)
        word(UInt64(count))
    }

    mutating func tensor(_ shape: [Int64], type: Int16 = 0) {
        head("T", view: shape.count, storage: 1, type: type, format: 2)
        for extent in shape { word(UInt64(bitPattern: extent)) }
        var stride: Int64 = 1
        let strides = shape.reversed().map { extent -> Int64 in
            defer { stride *= extent }
            return stride
        }
        for stride in strides.reversed() { word(UInt64(bitPattern: stride)) }
        word(0)
        word(UInt64(bitPattern: shape.reduce(1, *)))
    }
}

@Suite struct SignatureTests {
    @Test func `every class of argument is read back`() throws {
        var encoder = Encoder()
        encoder.tensor([2, 3])
        encoder.head("T", null: true)
        encoder.head("L", count: 2)
        encoder.tensor([4])
        encoder.tensor([5])
        encoder.head("S", type: 9)
        encoder.word(7)
        encoder.word(0)
        encoder.head("I", count: 2)
        encoder.word(1)
        encoder.word(UInt64(bitPattern: -1))
        encoder.head("s", count: 3)
        encoder.bytes += Array("BSH".utf8) + [0, 0, 0, 0, 0]
        encoder.head("w")
        encoder.word(5)
        encoder.head("d")
        encoder.word(0.5.bitPattern)
        let signature = try SignatureDecoder.decode(encoder.bytes)
        #expect(signature.items.count == 8)
        #expect(signature.tensors.map(\.shape) == [[2, 3], [4], [5]])
        #expect(signature.items[1] == .tensor(nil))
        #expect(signature.items[3] == .scalar(SignatureScalar(type: 9, low: 7, high: 0)))
        #expect(signature.items[4] == .integers([1, -1]))
        #expect(signature.items[5] == .string(Array("BSH".utf8)))
        #expect(signature.items[7] == .real(0.5, letter: UInt8(ascii: "d")))
    }

    @Test func `bytes cut anywhere are an error, never a crash`() {
        var encoder = Encoder()
        encoder.head("L", count: 1)
        encoder.tensor([2, 3, 4])
        for length in 1..<encoder.bytes.count {
            #expect(throws: SignatureError.self) {
                try SignatureDecoder.decode(Array(encoder.bytes[..<length]))
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `random bytes are an error or a signature, never a crash`(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<2000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int(state % 96) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let kinds = Array("TLSCIBGsiwbfd".utf8)
                bytes.append(
                    bytes.count % 16 == 0
                        ? kinds[Int(state >> 33) % kinds.count]
                        : UInt8(truncatingIfNeeded: state >> 40))
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            _ = try? SignatureDecoder.decode(bytes)
        }
    }

    @Test func `a tensor's bytes include negative strides and stop before overflow`() {
        let reversed = SignatureTensor(
            type: 0, format: 2, shape: [4], strides: [-1], offset: 3, storageShape: [4])
        #expect(reversed.touchedBytes?.first == 0)
        #expect(reversed.touchedBytes?.end == 16)
        let empty = SignatureTensor(
            type: 0, format: 2, shape: [0, 4], strides: [4, 1], offset: 0, storageShape: [0])
        #expect(empty.touchedBytes == nil)
        #expect(!empty.isMalformed)
        let huge = SignatureTensor(
            type: 0, format: 2, shape: [.max, .max], strides: [.max, 1], offset: 0,
            storageShape: [1])
        #expect(huge.touchedBytes == nil)
        #expect(huge.isMalformed)
    }
}
