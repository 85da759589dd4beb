package import CWire

/// A C structure that programs and the daemon send each other over their socket. It holds numbers
/// and text alone, so any bytes of its length are a value of it.
package protocol SocketStructure {
    init()
}

extension fx_hello: SocketStructure {}
extension fx_welcome: SocketStructure {}
extension fx_socket_ask: SocketStructure {}
extension fx_socket_answer: SocketStructure {}

extension SocketStructure {
    package static var byteCount: Int { MemoryLayout<Self>.size }

    /// Reads what was received; nil where it is too short.
    package init?(bytes: [UInt8]) {
        guard bytes.count >= Self.byteCount else { return nil }
        self = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Self.self) }
    }

    /// As it is sent.
    package var bytes: [UInt8] { unsafe withUnsafeBytes(of: self) { unsafe Array($0) } }
}

/// Writes as much of `text` as fits a field of characters, and a NUL.
package func setText<Field>(_ text: String, in field: inout Field) {
    unsafe withUnsafeMutableBytes(of: &field) { all in
        let bytes = text.utf8.prefix(max(0, all.count - 1))
        unsafe all.copyBytes(from: bytes)
        if unsafe !all.isEmpty { unsafe all[bytes.count] = 0 }
    }
}
