import Wire

/// The file of one thread's records. Routed calls gather here until there is a packet of them.
final class RecordStreamWriter {
    let file: Int
    let client: ClientID
    let thread: UInt32
    /// The time of the last record that was written: those behind it are not before it.
    var clock: UInt64 = 0
    /// A packet that grows: room for its beginning, then records.
    var gathered: [UInt64] = []
    private var packetNumber: UInt64 = 0

    init(file: Int, client: ClientID, thread: UInt32) {
        self.file = file
        self.client = client
        self.thread = thread
    }

    var isEmpty: Bool { gathered.isEmpty }
    var isFull: Bool { gathered.count * 8 >= TraceFormat.packetBytes }

    /// Writes the beginning of a packet into the room that `words` has for it.
    func putPrefix(_ words: inout [UInt64], count: Int, begin: UInt64, uuid: [UInt8]) {
        func uuidWord(_ start: Int, _ bytes: Int) -> UInt64 {
            uuid[start..<start + bytes].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let bits = UInt64(count) * 64
        let prefix = [
            UInt64(TraceFormat.packetMagic) | uuidWord(0, 4) << 32, uuidWord(4, 8),
            uuidWord(12, 4) | UInt64(TraceFormat.recordStream) << 32, UInt64(file), begin, clock,
            bits, bits, packetNumber, 0, UInt64(client.rawValue) | UInt64(thread) << 32,
        ]
        for (index, word) in prefix.enumerated() { words[index] = word }
        packetNumber += 1
    }
}
