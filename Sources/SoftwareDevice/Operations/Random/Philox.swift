/// Philox 4x32 with ten rounds: numbers by counter, so that the i-th number of a seed and offset is
/// the same however many are asked for.
struct Philox {
    private let key: SIMD2<UInt32>
    private let offset: UInt64

    init(seed: Int64, offset: Int64) {
        let bits = UInt64(bitPattern: seed)
        key = SIMD2(UInt32(truncatingIfNeeded: bits), UInt32(truncatingIfNeeded: bits >> 32))
        self.offset = UInt64(bitPattern: offset)
    }

    /// The four numbers of a block.
    func block(_ index: Int) -> SIMD4<UInt32> {
        let low = UInt64(index)
        var counter = SIMD4<UInt32>(
            UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low >> 32),
            UInt32(truncatingIfNeeded: offset), UInt32(truncatingIfNeeded: offset >> 32))
        var key = key
        for _ in 0..<10 {
            let a = UInt64(0xD251_1F53) &* UInt64(counter.x)
            let b = UInt64(0xCD9E_8D57) &* UInt64(counter.z)
            counter = SIMD4(
                UInt32(truncatingIfNeeded: b >> 32) ^ counter.y ^ key.x,
                UInt32(truncatingIfNeeded: b),
                UInt32(truncatingIfNeeded: a >> 32) ^ counter.w ^ key.y,
                UInt32(truncatingIfNeeded: a))
            key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return counter
    }

    /// The i-th number.
    func number(_ index: Int) -> UInt32 { block(index >> 2)[index & 3] }

    /// In [0, 1), of 24 bits.
    static func unit(_ number: UInt32) -> Float { Float(number >> 8) * 0x1p-24 }

    /// Calls `body` with numbers 0..<count in order.
    @inline(__always)
    func forEach(_ count: Int, _ body: (Int, UInt32) -> Void) {
        var index = 0
        while index < count, !Cancellation.isRequested {
            let numbers = block(index >> 2)
            for k in 0..<min(4, count &- index) { body(index &+ k, numbers[k]) }
            index &+= 4
        }
    }
}
