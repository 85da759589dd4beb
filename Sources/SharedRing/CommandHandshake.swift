import CWire

/// How a command introduces itself to the daemon: the bytes of its hello, and what the welcome
/// says.
package enum CommandHandshake {
    /// The version of everything that programs, commands and the daemon say to each other.
    package static let wireVersion = UInt32(FX_WIRE_VERSION)
    package static let welcomeBytes = fx_welcome.byteCount

    /// The first bytes on a command's connection.
    package static func hello(pid: Int32) -> [UInt8] {
        var hello = fx_hello()
        hello.magic = UInt32(FX_MAGIC)
        hello.version = wireVersion
        hello.kind = UInt32(FX_HELLO_COMMAND)
        hello.pid = pid
        return hello.bytes
    }

    /// Why the daemon does not talk to us, or nil where it does. `bytes` are `welcomeBytes` long.
    package static func refusal(inWelcome bytes: [UInt8]) -> String? {
        guard let welcome = fx_welcome(bytes: bytes) else { return "its answer is too short" }
        guard welcome.magic == UInt32(FX_MAGIC) else {
            return "what listens there is no FlexNPU daemon"
        }
        guard welcome.status != Int32(FX_WELCOME_OK) else { return nil }
        let text = unsafe withUnsafeBytes(of: welcome.message) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if welcome.version != wireVersion && text.isEmpty {
            return "it speaks version \(welcome.version), this command version \(wireVersion)"
        }
        return text.isEmpty ? "it refused with status \(welcome.status)" : text
    }
}
