/// How wide an aclDataType's elements are.
enum ElementWidth {
    /// In bits, or 0 for types without a width (strings, unknown ones).
    static func bits(_ type: Int32) -> Int {
        switch type {
        case 30: 1
        case 29, 40, 41: 4
        case 38, 39: 6
        case 2, 4, 12, 34, 35, 36, 37: 8
        case 1, 6, 7, 27: 16
        case 0, 3, 8, 33: 32
        case 9, 10, 11, 16: 64
        case 17: 128
        default: 0
        }
    }

    /// In whole bytes, rounded up.
    static func bytes(_ type: Int32) -> Int {
        (bits(type) + 7) / 8
    }
}
