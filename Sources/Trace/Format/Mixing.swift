/// A hash that is the same in every process (Swift's own is seeded anew in each). 64 bits: two of
/// a million different things agree by chance once in 30 million traces.
enum Mixing {
    static let start: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inline(__always)
    static func combine(_ hash: UInt64, _ value: UInt64) -> UInt64 {
        let product = (hash ^ value).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low &+ 0xE703_7ED1_A0B4_28DB
    }

    static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var hash = combine(start, UInt64(bytes.count))
        var word: UInt64 = 0
        var filled: UInt64 = 0
        for byte in bytes {
            word |= UInt64(byte) << (filled * 8)
            filled += 1
            if filled == 8 {
                hash = combine(hash, word)
                word = 0
                filled = 0
            }
        }
        return combine(hash, word)
    }
}
