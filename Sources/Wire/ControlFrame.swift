/// How requests and replies lie on the socket: a 32-bit little-endian length and that many bytes.
package enum ControlFrame {
    /// Bytes before the message.
    package static let headBytes = 4

    /// The message's length, from its head.
    package static func length(_ head: [UInt8]) -> Int {
        head.prefix(headBytes).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// A message with its length before it.
    package static func framed(_ message: some Collection<UInt8>) -> [UInt8] {
        let count = UInt32(message.count)
        return (0..<headBytes).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + message
    }
}
