/// Small numbers for the marks that devices keep; a number comes again once its mark is forgotten.
struct MarkNumbers {
    /// More marks than this are not put on devices: waits for them are kept here instead.
    private static let limit: Int32 = 1 << 20

    private var free: ContiguousArray<Int32> = []
    private var next: Int32 = 0

    /// A number that no mark has; nil where there is none left.
    mutating func takeNumber() -> Int32? {
        if let number = free.popLast() { return number }
        guard next < Self.limit else { return nil }
        defer { next += 1 }
        return next
    }

    mutating func giveBack(_ number: Int32) { free.append(number) }
}
