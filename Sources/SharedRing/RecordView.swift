import CWire

/// One record, copied out of the ring and checked: its counts fit its size. Valid until the next
/// one is taken.
package struct RecordView: ~Copyable {
    /// The record as it lay in the ring, in 64-bit words.
    package let storage: UnsafeBufferPointer<UInt64>
    private let head: fx_record

    /// `storage` holds a whole record whose counts were checked.
    init(checked storage: UnsafeBufferPointer<UInt64>, head: fx_record) {
        self.storage = storage
        self.head = head
    }

    package var function: UInt16 { head.function }
    package var verb: UInt8 { head.verb }
    package var flags: UInt8 { head.flags }
    package var sequence: UInt32 { head.sequence }
    package var result: Int32 { head.result }
    package var enterTicks: UInt64 { head.enter_ticks }
    package var durationTicks: UInt64 { head.duration_ticks }
    package var stream: UInt64 { head.stream }
    package var wordCount: Int { Int(head.words) }
    package var operandCount: Int { Int(head.operands) }
    package var byteCount: Int { Int(head.bytes) }

    private static let headWords = MemoryLayout<fx_record>.size / 8

    /// A parameter word; 0 past the last.
    package func word(_ index: Int) -> UInt64 {
        index < wordCount ? storage[Self.headWords + index] : 0
    }

    /// An operand; 0 past the last.
    package func operand(_ index: Int) -> UInt64 {
        index < operandCount ? storage[Self.headWords + wordCount + index] : 0
    }

    /// The first `count` of the record's bytes, or as many as there are.
    package func bytes(count: Int) -> [UInt8] {
        let start = (Self.headWords + wordCount + operandCount) * 8
        let raw = UnsafeRawBufferPointer(storage)
        return Array(raw[start..<start + max(0, min(count, byteCount))])
    }
}
