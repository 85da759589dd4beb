import Wire

/// Reads a file of a trace packet by packet.
struct PacketReader {
    let name: String
    private(set) var bytes: [UInt8] = []
    /// Where in the file the packet begins.
    private(set) var packetOffset = 0
    /// Where the packet's content ends.
    private(set) var limit = 0
    private(set) var begin: UInt64 = 0
    private(set) var end: UInt64 = 0
    private(set) var stream = 0
    private(set) var client: UInt32 = 0
    /// The segment, or the thread of a packet of records.
    private(set) var segment: UInt32 = 0
    private(set) var discarded: UInt64 = 0
    private let source: any TraceSource
    private let size: Int
    private var nextOffset = 0

    init(source: any TraceSource, name: String) throws(TraceError) {
        self.source = source
        self.name = name
        size = try source.size(of: name)
    }

    /// Goes to the next packet; false at the end of the file. Throws where the file goes on with
    /// something else.
    mutating func next() throws(TraceError) -> Bool {
        guard nextOffset < size else { return false }
        packetOffset = nextOffset
        let prefix = try source.read(name, at: packetOffset, count: TraceFormat.packetPrefixBytes)
        guard prefix.count == TraceFormat.packetPrefixBytes else { throw torn() }
        guard word(prefix, 0, 4) == UInt64(TraceFormat.packetMagic) else {
            throw TraceError(
                packetOffset == 0 ? .foreign : .damaged, file: name, offset: packetOffset,
                "no packet begins here",
                remedy: "what was before can be read; the rest of this file cannot")
        }
        let contentBits = word(prefix, 48, 8)
        let packetBits = word(prefix, 56, 8)
        let least = UInt64(TraceFormat.packetPrefixBytes * 8)
        let streamClass = word(prefix, 20, 4)
        guard contentBits >= least, contentBits <= packetBits, packetBits % 8 == 0, streamClass < 3
        else {
            throw TraceError(
                .damaged, file: name, offset: packetOffset, "the packet's sizes make no sense",
                remedy: "what was before can be read; the rest of this file cannot")
        }
        guard packetBits / 8 <= UInt64(size - packetOffset) else { throw torn() }
        bytes = try source.read(name, at: packetOffset, count: Int(packetBits / 8))
        guard bytes.count == Int(packetBits / 8) else { throw torn() }
        limit = Int(contentBits / 8)
        stream = Int(streamClass)
        begin = word(prefix, 32, 8)
        end = word(prefix, 40, 8)
        discarded = word(prefix, 72, 8)
        client = UInt32(truncatingIfNeeded: word(prefix, 80, 4))
        segment = UInt32(truncatingIfNeeded: word(prefix, 84, 4))
        nextOffset = packetOffset + bytes.count
        return true
    }

    private func torn() -> TraceError {
        TraceError(
            .torn, file: name, offset: packetOffset,
            "the last packet is cut off (its writer was stopped)",
            remedy: "everything before it can be read")
    }

    private func word(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in (offset..<offset + count).reversed() {
            value = value << 8 | UInt64(bytes[index])
        }
        return value
    }
}
