/// The fixed part of a frame: a head word and up to seven more. More words may follow it.
///
/// The head word: kind (8 bits), words of the fixed part (8 bits), words of the whole (32 bits,
/// from bit 32).
package struct WordFrame {
    private var words: [8 of UInt64]
    private(set) var count: Int

    static let paddingKind: UInt8 = 0

    /// `restCount` words follow the fixed part.
    package init(kind: UInt8, restCount: Int, fieldCount: Int) {
        words = .init(repeating: 0)
        count = fieldCount + 1
        words[0] =
            UInt64(kind) | UInt64(count) << 8 | UInt64(count + restCount) << 32
    }

    package subscript(field: Int) -> UInt64 {
        get { words[field + 1] }
        set { words[field + 1] = newValue }
    }

    func copy(to target: UnsafeMutablePointer<UInt64>) {
        for index in 0..<count { unsafe target[index] = words[index] }
    }

    /// The head of a frame of nothing, `count` words long with it.
    static func padding(_ count: Int) -> UInt64 { UInt64(paddingKind) | UInt64(count) << 32 }
    static func isPadding(_ head: UInt64) -> Bool { kind(of: head) == paddingKind }
    package static func kind(of head: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: head) }
    static func fixedCount(of head: UInt64) -> Int { Int((head >> 8) & 0xff) }
    static func count(of head: UInt64) -> Int { Int(head >> 32) }

    /// What follows the fixed part of `frame`.
    package static func rest(of frame: UnsafeBufferPointer<UInt64>) -> UnsafeBufferPointer<UInt64> {
        unsafe UnsafeBufferPointer(rebasing: frame[min(fixedCount(of: frame[0]), frame.count)...])
    }
}
