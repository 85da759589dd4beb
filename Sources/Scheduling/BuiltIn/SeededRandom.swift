/// Numbers that follow from a seed alone, the same on every machine (SplitMix64).
package struct SeededRandom: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to before `end`; 0 when `end` is not positive.
    package mutating func below(_ end: Int) -> Int {
        guard end > 0 else { return 0 }
        return Int(next().multipliedFullWidth(by: UInt64(end)).high)
    }

    /// True `percent` times of a hundred.
    package mutating func chance(percent: Int) -> Bool { below(100) < percent }
}
