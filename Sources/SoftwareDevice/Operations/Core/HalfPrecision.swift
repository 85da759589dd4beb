// Sixteen-bit floating point by bits: the x86-64 baseline has no conversion instructions and calls
// the run-time library once an element, where these are branchless and vectorise.

/// IEEE binary16.
struct Half {
    var bits: UInt16

    @inline(__always)
    init(_ value: Float) {
        let all = value.bitPattern
        let magnitude = all & 0x7FFF_FFFF
        // Normal: round to nearest even at bit 13 and move the exponent's bias from 127 to 15.
        let normal = (magnitude &+ 0xFFF &+ ((magnitude &>> 13) & 1) &- 0x3800_0000) &>> 13
        // Subnormal: adding 0.5, whose last place is 2^-24, makes the addition round for us.
        let small = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3F00_0000
        var result = magnitude < 0x3880_0000 ? small : normal
        result = magnitude >= 0x477F_F000 ? 0x7C00 : result
        result = magnitude > 0x7F80_0000 ? 0x7E00 : result
        bits = UInt16(truncatingIfNeeded: result | (all &>> 16) & 0x8000)
    }

    @inline(__always)
    var value: Float {
        let magnitude = UInt32(bits & 0x7FFF) &<< 13
        // The multiplication moves the exponent's bias, subnormals included.
        let finite = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
        let pattern = magnitude >= 0x0F80_0000 ? magnitude | 0x7F80_0000 : finite
        return Float(bitPattern: pattern | UInt32(bits & 0x8000) &<< 16)
    }
}

/// The upper half of a binary32.
struct BrainFloat {
    var bits: UInt16

    @inline(__always)
    init(_ value: Float) {
        let all = value.bitPattern
        let rounded = (all &+ 0x7FFF &+ ((all &>> 16) & 1)) &>> 16
        bits = UInt16(truncatingIfNeeded: all & 0x7FFF_FFFF > 0x7F80_0000 ? 0x7FC0 : rounded)
    }

    @inline(__always)
    var value: Float { Float(bitPattern: UInt32(bits) &<< 16) }
}

/// One byte, 0 or 1; any other byte counts as true.
struct Truth {
    var bits: UInt8
}
