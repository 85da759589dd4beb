/// The bytes of a packet while it grows, little-endian.
struct PacketBuffer {
    private(set) var bytes: [UInt8]
    private(set) var count = 0

    init(capacity: Int) { bytes = [UInt8](repeating: 0, count: capacity) }

    mutating func removeAll() { count = 0 }

    /// Forgets what was written from `count` bytes on.
    mutating func cut(to count: Int) { self.count = count }

    /// What was written.
    var contents: [UInt8] { Array(bytes[..<count]) }

    /// Room for `more` bytes; what follows may then be put without asking again.
    mutating func reserve(_ more: Int) {
        guard count + more > bytes.count else { return }
        let missing = max(count + more - bytes.count, bytes.count)
        bytes.append(contentsOf: repeatElement(0, count: missing))
    }

    /// The low `width` bytes of a value. Room must have been reserved.
    @inline(__always)
    mutating func put(_ value: UInt64, bytes width: Int) {
        var rest = value
        for index in count..<count + width {
            bytes[index] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
        }
        count += width
    }

    mutating func put(_ value: UInt8) { put(UInt64(value), bytes: 1) }
    mutating func put(_ value: UInt16) { put(UInt64(value), bytes: 2) }
    mutating func put(_ value: UInt32) { put(UInt64(value), bytes: 4) }
    mutating func put(_ value: UInt64) { put(value, bytes: 8) }

    /// An event's class and time, and room for what it has that does not vary. `since` is the
    /// time before.
    mutating func putHeader(
        _ identifier: UInt32, at time: UInt64, since: UInt64, fixedBytes: Int
    ) {
        reserve(fixedBytes + 16)
        if identifier < 65_535, time - since < 1 << 32 {
            put(UInt16(identifier))
            put(UInt32(truncatingIfNeeded: time))
        } else {
            put(UInt16.max)
            put(identifier)
            put(time)
        }
    }

    mutating func append(_ more: ArraySlice<UInt8>) {
        reserve(more.count)
        for byte in more {
            bytes[count] = byte
            count += 1
        }
    }

    /// A string of the metadata's kind: up to its first zero byte, and a zero byte.
    mutating func append(string: ArraySlice<UInt8>) {
        append(string.prefix { $0 != 0 })
        reserve(1)
        put(UInt8(0))
    }

    mutating func append(string: String) { append(string: Array(string.utf8)[...]) }
}
