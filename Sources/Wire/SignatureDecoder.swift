/// Reads the bytes of `fx_item`s. Every count is checked against what is left before it is
/// believed.
package struct SignatureDecoder {
    private let bytes: [UInt8]
    private var position = 0

    /// Elements one signature may hold in all, so that a hostile count cannot ask for more memory
    /// than its bytes are worth.
    private static let itemLimit = 65_536

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Decodes everything, or says where it went wrong.
    package static func decode(_ bytes: [UInt8]) throws(SignatureError) -> Signature {
        var decoder = SignatureDecoder(bytes)
        var items: [SignatureItem] = []
        while decoder.position < bytes.count {
            guard items.count < itemLimit else {
                throw SignatureError("more than \(itemLimit) arguments")
            }
            items.append(try decoder.item())
        }
        return Signature(items: items)
    }

    private struct Head {
        var kind: UInt8
        var isNull: Bool
        var viewDimensions: Int
        var storageDimensions: Int
        var type: Int16
        var format: Int16
        var count: Int
    }

    private mutating func item() throws(SignatureError) -> SignatureItem {
        let head = try head()
        switch head.kind {
        case UInt8(ascii: "T"): return .tensor(try tensor(head))
        case UInt8(ascii: "S"): return .scalar(try scalar(head))
        case UInt8(ascii: "L"):
            guard !head.isNull else { return .tensorList(nil) }
            return .tensorList(
                try list(head) { (one) throws(SignatureError) in try one.tensorItem() })
        case UInt8(ascii: "C"):
            guard !head.isNull else { return .scalarList(nil) }
            return .scalarList(
                try list(head) { (one) throws(SignatureError) in try one.scalarItem() })
        case UInt8(ascii: "I"):
            guard !head.isNull else { return .integers(nil) }
            return .integers(try words(head.count).map { Int64(bitPattern: $0) })
        case UInt8(ascii: "B"):
            return head.isNull ? .booleans(nil) : .booleans(try padded(head.count).map { $0 != 0 })
        case UInt8(ascii: "G"): return .reals(head.isNull ? nil : try floats(head.count))
        case UInt8(ascii: "s"):
            return head.isNull ? .string(nil) : .string(Array(try padded(head.count)))
        case UInt8(ascii: "i"), UInt8(ascii: "w"), UInt8(ascii: "b"):
            return .integer(Int64(bitPattern: try word()), letter: head.kind)
        case UInt8(ascii: "f"), UInt8(ascii: "d"):
            return .real(Double(bitPattern: try word()), letter: head.kind)
        default:
            throw SignatureError("unknown argument class \(head.kind) at byte \(position - 16)")
        }
    }

    private mutating func head() throws(SignatureError) -> Head {
        let first = try word()
        let second = try word()
        return Head(
            kind: UInt8(truncatingIfNeeded: first), isNull: (first >> 8) & 0xff != 0,
            viewDimensions: Int((first >> 16) & 0xff), storageDimensions: Int((first >> 24) & 0xff),
            type: Int16(truncatingIfNeeded: first >> 32),
            format: Int16(truncatingIfNeeded: first >> 48), count: Int(second & 0xffff_ffff))
    }

    private mutating func tensorItem() throws(SignatureError) -> SignatureTensor? {
        let head = try head()
        guard head.kind == UInt8(ascii: "T") else {
            throw SignatureError("a tensor list holds class \(head.kind) at byte \(position - 16)")
        }
        return try tensor(head)
    }

    private mutating func scalarItem() throws(SignatureError) -> SignatureScalar? {
        let head = try head()
        guard head.kind == UInt8(ascii: "S") else {
            throw SignatureError("a scalar list holds class \(head.kind) at byte \(position - 16)")
        }
        return try scalar(head)
    }

    private mutating func tensor(_ head: Head) throws(SignatureError) -> SignatureTensor? {
        guard !head.isNull else { return nil }
        let shape = try words(head.viewDimensions).map { Int64(bitPattern: $0) }
        let strides = try words(head.viewDimensions).map { Int64(bitPattern: $0) }
        let offset = Int64(bitPattern: try word())
        let storage = try words(head.storageDimensions).map { Int64(bitPattern: $0) }
        return SignatureTensor(
            type: head.type, format: head.format, shape: shape, strides: strides, offset: offset,
            storageShape: storage)
    }

    private mutating func scalar(_ head: Head) throws(SignatureError) -> SignatureScalar? {
        guard !head.isNull else { return nil }
        return SignatureScalar(type: head.type, low: try word(), high: try word())
    }

    private mutating func list<Element>(
        _ head: Head, _ element: (inout SignatureDecoder) throws(SignatureError) -> Element
    ) throws(SignatureError) -> [Element] {
        // Every element has a head of 16 bytes at least.
        guard head.count <= (bytes.count - position) / 16 else {
            throw SignatureError("a list of \(head.count) does not fit at byte \(position)")
        }
        var elements: [Element] = []
        elements.reserveCapacity(head.count)
        for _ in 0..<head.count { elements.append(try element(&self)) }
        return elements
    }

    private mutating func floats(_ count: Int) throws(SignatureError) -> [Float] {
        let raw = Array(try padded(count * 4))
        return (0..<count).map { index in
            let start = index * 4
            let bits =
                UInt32(raw[start]) | UInt32(raw[start + 1]) << 8 | UInt32(raw[start + 2]) << 16
                | UInt32(raw[start + 3]) << 24
            return Float(bitPattern: bits)
        }
    }

    private mutating func padded(_ count: Int) throws(SignatureError) -> ArraySlice<UInt8> {
        let whole = (count + 7) & ~7
        guard whole <= bytes.count - position else {
            throw SignatureError("\(count) bytes do not fit at byte \(position) of \(bytes.count)")
        }
        let slice = bytes[position..<position + count]
        position += whole
        return slice
    }

    private mutating func words(_ count: Int) throws(SignatureError) -> [UInt64] {
        guard count <= (bytes.count - position) / 8 else {
            throw SignatureError("\(count) words do not fit at byte \(position) of \(bytes.count)")
        }
        var result: [UInt64] = []
        result.reserveCapacity(count)
        for _ in 0..<count { result.append(try word()) }
        return result
    }

    private mutating func word() throws(SignatureError) -> UInt64 {
        guard position + 8 <= bytes.count else {
            throw SignatureError("the arguments end at byte \(bytes.count), inside a word")
        }
        var value: UInt64 = 0
        for index in 0..<8 { value |= UInt64(bytes[position + index]) << (UInt64(index) * 8) }
        position += 8
        return value
    }
}
