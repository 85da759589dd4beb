/// An input read from its beginning as a row of choices. Past its end every choice is 0.
struct Choices {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isOver: Bool { position >= bytes.count }

    mutating func byte() -> UInt8 {
        defer { position += 1 }
        return position < bytes.count ? bytes[position] : 0
    }

    /// `count` bytes, least first.
    mutating func number(bytes count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(byte()) << (8 * UInt64($1)) }
    }

    /// At most `count` bytes, fewer where the input ends before.
    mutating func slice(_ count: Int) -> [UInt8] {
        let start = min(position, bytes.count)
        let end = min(start + count, bytes.count)
        position = end
        return Array(bytes[start..<end])
    }

    /// What comes before the next byte `end`, which is taken as well, or before the input's end.
    mutating func slice(until end: UInt8) -> [UInt8] {
        let rest = bytes[min(position, bytes.count)...]
        let found = rest.prefix { $0 != end }
        position = min(bytes.count, found.endIndex + 1)
        return Array(found)
    }

    mutating func rest() -> [UInt8] { slice(bytes.count) }
}
