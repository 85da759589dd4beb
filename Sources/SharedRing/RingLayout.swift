import CWire

/// Where the words of a ring that both sides use lie, in bytes from its start.
enum RingLayout {
    static let tail = offset(\.tail)
    static let dropped = offset(\.dropped)
    static let head = offset(\.head)
    static let spaceFreed = offset(\.space_freed)
    static let producerWaiting = offset(\.producer_waiting)
    static let finished = offset(\.finished)
    static let replySequence = offset(\.reply_sequence)
    static let replyWaiting = offset(\.reply_waiting)
    static let replyWords = offset(\.reply_words)
    static let reply = offset(\.reply)
    /// Within a record.
    static let ticks = MemoryLayout<fx_record>.offset(of: \.ticks) ?? 8

    private static func offset<Value>(_ field: KeyPath<fx_ring, Value>) -> Int {
        // The header's _Static_asserts hold the layout, and an imported C field always has an
        // offset.
        MemoryLayout<fx_ring>.offset(of: field) ?? 0
    }
}
