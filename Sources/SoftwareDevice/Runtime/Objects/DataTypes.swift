import Wire

/// How wide an aclDataType's elements are.
enum ElementWidth {
    /// In bits, or 0 for types without a width (strings, unknown ones).
    static func bits(_ type: Int32) -> Int { AclDataType.bits(type) }

    /// In whole bytes, rounded up.
    static func bytes(_ type: Int32) -> Int {
        (bits(type) + 7) / 8
    }
}
