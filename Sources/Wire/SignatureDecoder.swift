/// Reads the bytes of `fx_item`s: `null` is 0 for a value that follows, 1 for NULL, 2 for a value
/// that travels with the launch. Every count is checked against what is left before it is
/// believed.
package struct SignatureDecoder {
    private let bytes: [UInt8]
    private var position = 0
    /// What was found to travel with the launch, and how many words that takes.
    private var travelling: Set<ValuePlace> = []
    private var valueCount = 0
    /// The item that is being read.
    private var place = ValuePlace(argument: 0)

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
            decoder.place = ValuePlace(argument: items.count)
            items.append(try decoder.item())
        }
        return Signature(items: items, travelling: decoder.travelling)
    }

    private struct Head {
        var kind: UInt8
        var isNull: Bool
        /// The value comes with the launch; nothing of it follows.
        var travels: Bool
        var viewDimensions: Int
        var storageDimensions: Int
        var type: Int16
        var format: Int16
        var count: Int
    }

    private mutating func item() throws(SignatureError) -> SignatureItem {
        let head = try head()
        switch ArgumentClass(rawValue: head.kind) {
        case .tensor: return .tensor(try tensor(head))
        case .scalar: return .scalar(try scalar(head))
        case .tensorList:
            guard !head.isNull else { return .tensorList(nil) }
            return .tensorList(
                try list(head) { (one) throws(SignatureError) in try one.tensorItem() })
        case .scalarList:
            guard !head.isNull else { return .scalarList(nil) }
            return .scalarList(
                try list(head) { (one) throws(SignatureError) in try one.scalarItem() })
        case .integers:
            guard !head.isNull else { return .integers(nil) }
            if try travels(head, as: .integers(head.count)) {
                return .integers(Array(repeating: 0, count: head.count))
            }
            return .integers(try words(head.count).map { Int64(bitPattern: $0) })
        case .booleans:
            guard !head.isNull else { return .booleans(nil) }
            if try travels(head, as: .booleans(head.count)) {
                return .booleans(Array(repeating: false, count: head.count))
            }
            return .booleans(try padded(head.count).map { $0 != 0 })
        case .reals:
            guard !head.isNull else { return .reals(nil) }
            if try travels(head, as: .reals(head.count)) {
                return .reals(Array(repeating: 0, count: head.count))
            }
            return .reals(try floats(head.count))
        case .string:
            guard !head.travels else {
                throw SignatureError("a string cannot travel with the launch (byte \(position))")
            }
            return head.isNull ? .string(nil) : .string(Array(try padded(head.count)))
        case .integer64, .integer32, .integer8:
            let bits = try travels(head, as: .integer) ? 0 : try word()
            return .integer(Int64(bitPattern: bits), letter: head.kind)
        case .float, .double:
            let bits = try travels(head, as: .real) ? 0 : try word()
            return .real(Double(bitPattern: bits), letter: head.kind)
        case nil:
            throw SignatureError("unknown argument class \(head.kind) at byte \(position - 16)")
        }
    }

    /// Whether the item's value comes with the launch; notes so, within the bounds of one launch.
    private mutating func travels(_ head: Head, as kind: ValueField.Kind)
        throws(SignatureError) -> Bool
    {
        guard head.travels else { return false }
        try reserve(kind)
        travelling.insert(place)
        return true
    }

    private mutating func reserve(_ kind: ValueField.Kind) throws(SignatureError) {
        valueCount += kind.wordCount
        guard valueCount <= Signature.valueCountMax else {
            throw SignatureError(
                "the values of a launch are more than \(Signature.valueCountMax) words")
        }
    }

    private mutating func head() throws(SignatureError) -> Head {
        let first = try word()
        let second = try word()
        let mode = (first >> 8) & 0xff
        return Head(
            kind: UInt8(truncatingIfNeeded: first), isNull: mode != 0 && mode != 2,
            travels: mode == 2, viewDimensions: Int((first >> 16) & 0xff),
            storageDimensions: Int((first >> 24) & 0xff),
            type: Int16(truncatingIfNeeded: first >> 32),
            format: Int16(truncatingIfNeeded: first >> 48), count: Int(second & 0xffff_ffff))
    }

    private mutating func tensorItem() throws(SignatureError) -> SignatureTensor? {
        let head = try head()
        guard head.kind == ArgumentClass.tensor.rawValue else {
            throw SignatureError("a tensor list holds class \(head.kind) at byte \(position - 16)")
        }
        return try tensor(head)
    }

    private mutating func scalarItem() throws(SignatureError) -> SignatureScalar? {
        let head = try head()
        guard head.kind == ArgumentClass.scalar.rawValue else {
            throw SignatureError("a scalar list holds class \(head.kind) at byte \(position - 16)")
        }
        return try scalar(head)
    }

    private mutating func tensor(_ head: Head) throws(SignatureError) -> SignatureTensor? {
        guard !head.isNull else { return nil }
        try reserve(.tensor)
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
        if try travels(head, as: .scalar) {
            return SignatureScalar(type: head.type, low: 0, high: 0)
        }
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
        for index in 0..<head.count {
            place.element = index
            elements.append(try element(&self))
        }
        place.element = nil
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
