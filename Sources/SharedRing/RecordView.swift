/// One record, copied out of the ring and checked: its counts fit its size. Valid until the next
/// one is taken: whoever keeps more than the numbers below copies it.
///
/// The fields of `fx_record` are taken from its 64-bit words, because words are what was stored just
/// now: reading them back in any other width would wait until the stores are through.
// Safe: every index is cut to the counts that were checked against `storage`. Only its life is the
// caller's to watch, as said above.
@safe package struct RecordView {
    /// The record as it lay in the ring, in 64-bit words.
    let storage: UnsafeBufferPointer<UInt64>

    static let headWords = 6

    /// `storage` holds a whole record whose counts were checked.
    init(checked storage: UnsafeBufferPointer<UInt64>) { unsafe self.storage = unsafe storage }

    package var function: UInt16 { unsafe UInt16(truncatingIfNeeded: storage[0]) }
    package var verb: UInt8 { unsafe UInt8(truncatingIfNeeded: storage[0] >> 16) }
    package var flags: UInt8 { unsafe UInt8(truncatingIfNeeded: storage[0] >> 24) }
    /// When the call was entered (route) or returned (observe), as the processor counts.
    package var ticks: UInt64 { unsafe storage[1] }
    package var stream: UInt64 { unsafe storage[3] }
    package var sequence: UInt32 { unsafe UInt32(truncatingIfNeeded: storage[4]) }
    package var result: Int32 { unsafe Int32(truncatingIfNeeded: storage[4] >> 32) }
    package var byteCount: Int { unsafe Int(UInt32(truncatingIfNeeded: storage[5])) }
    package var operandCount: Int { unsafe Int(UInt16(truncatingIfNeeded: storage[5] >> 32)) }
    package var wordCount: Int { unsafe Int(storage[5] >> 48) }

    /// A parameter word; 0 past the last.
    package func word(_ index: Int) -> UInt64 {
        unsafe index < wordCount ? storage[Self.headWords + index] : 0
    }

    /// An operand; 0 past the last.
    package func operand(_ index: Int) -> UInt64 {
        unsafe index < operandCount ? storage[Self.headWords + wordCount + index] : 0
    }

    /// Some operands, copied. The range is cut to what is there.
    package func operands(_ range: Range<Int>) -> [UInt64] {
        var words: [UInt64] = []
        appendOperands(range, to: &words)
        return words
    }

    /// 64-bit words of the whole record.
    package var totalWords: Int { unsafe storage.count }

    /// Adds the whole record to `words`, as it lay in the ring.
    package func appendAll(to words: inout [UInt64]) { unsafe words.append(contentsOf: storage) }

    /// The record, to keep beyond the next one.
    package func copied() -> RecordCopy { unsafe RecordCopy(verb: verb, words: Array(storage)) }

    /// Adds some operands to `words`, which keeps its storage.
    package func appendOperands(_ range: Range<Int>, to words: inout [UInt64]) {
        let first = Self.headWords + wordCount
        let cut = range.clamped(to: 0..<operandCount)
        unsafe words.append(contentsOf: storage[first + cut.lowerBound..<first + cut.upperBound])
    }

    /// Adds the words that hold the first `count` bytes to `words`.
    package func appendBytes(count: Int, to words: inout [UInt64]) {
        let first = Self.headWords + wordCount + operandCount
        let whole = (max(0, min(count, byteCount)) + 7) / 8
        unsafe words.append(contentsOf: storage[first..<first + whole])
    }

    /// The first `count` of the record's bytes, or as many as there are.
    package func bytes(count: Int) -> [UInt8] {
        let start = (Self.headWords + wordCount + operandCount) * 8
        let raw = unsafe UnsafeRawBufferPointer(storage)
        return unsafe Array(raw[start..<start + max(0, min(count, byteCount))])
    }
}

/// A whole record that is kept.
package struct RecordCopy: Sendable {
    package let verb: UInt8
    /// As it lay in the ring.
    package let words: [UInt64]
}
