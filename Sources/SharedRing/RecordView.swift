/// One record, copied out of the ring and checked: its counts fit its size. Valid until the next
/// one is taken.
///
/// The fields of `fx_record` are taken from its 64-bit words, because words are what was stored just
/// now: reading them back in any other width would wait until the stores are through.
package struct RecordView: ~Copyable {
    /// The record as it lay in the ring, in 64-bit words.
    package let storage: UnsafeBufferPointer<UInt64>

    static let headWords = 6

    /// `storage` holds a whole record whose counts were checked.
    init(checked storage: UnsafeBufferPointer<UInt64>) { self.storage = storage }

    package var function: UInt16 { UInt16(truncatingIfNeeded: storage[0] >> 32) }
    package var verb: UInt8 { UInt8(truncatingIfNeeded: storage[0] >> 48) }
    package var flags: UInt8 { UInt8(truncatingIfNeeded: storage[0] >> 56) }
    package var sequence: UInt32 { UInt32(truncatingIfNeeded: storage[1]) }
    package var result: Int32 { Int32(truncatingIfNeeded: storage[1] >> 32) }
    package var enterTicks: UInt64 { storage[2] }
    package var durationTicks: UInt64 { storage[3] }
    package var stream: UInt64 { storage[4] }
    package var wordCount: Int { Int(UInt16(truncatingIfNeeded: storage[5])) }
    package var operandCount: Int { Int(UInt16(truncatingIfNeeded: storage[5] >> 16)) }
    package var byteCount: Int { Int(storage[5] >> 32) }

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
