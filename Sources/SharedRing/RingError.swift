/// How a program broke the ring's protocol. The daemon lets such a program go; nobody else notices.
package enum RingError: Error, Sendable, Equatable, CustomStringConvertible {
    case foreign(magic: UInt32, version: UInt32)
    case tooSmall(bytes: Int)
    case tailAhead(tail: UInt64, head: UInt64)
    case recordSize(UInt32, available: UInt64)
    case recordCounts(words: Int, operands: Int, bytes: Int, size: UInt32)
    case function(UInt16)

    package var description: String {
        switch self {
        case .foreign(let magic, let version):
            "the ring has magic \(magic) and version \(version), which are not ours"
        case .tooSmall(let bytes): "a ring of \(bytes) bytes is too small"
        case .tailAhead(let tail, let head):
            "the ring's tail \(tail) is not within one ring of its head \(head)"
        case .recordSize(let size, let available):
            "a record of \(size) bytes where \(available) are there"
        case .recordCounts(let words, let operands, let bytes, let size):
            "a record of \(size) bytes cannot hold \(words) words, \(operands) operands, \(bytes) bytes"
        case .function(let id): "a record of function \(id), which is past the limit"
        }
    }
}
