/// Words of a call that point into its bytes: offset in the upper half, length in the lower.
enum CallWord {
    /// The bytes a word points to; nil when they are not there. A null pointer is the word 0.
    static func slice(_ word: UInt64, in bytes: [UInt8]) -> ArraySlice<UInt8>? {
        let start = Int(word >> 32)
        let length = Int(word & 0xffff_ffff)
        guard length > 0 else { return [] }
        guard start <= bytes.count, length <= bytes.count - start else { return nil }
        return bytes[start..<start + length]
    }

    /// The 64-bit elements a word points to; nil when they are not there, or are no whole elements.
    static func elements(_ word: UInt64, in bytes: [UInt8]) -> [Int64]? {
        guard let slice = slice(word, in: bytes), slice.count % 8 == 0 else { return nil }
        return stride(from: slice.startIndex, to: slice.endIndex, by: 8).map { start in
            var value: UInt64 = 0
            for byte in (start..<start + 8).reversed() {
                value = value << 8 | UInt64(bytes[byte])
            }
            return Int64(bitPattern: value)
        }
    }
}
