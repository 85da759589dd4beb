/// Small numbers that come again once they are given back: of streams, plans and marks, by which
/// devices keep tables.
package struct NumberPool: Sendable {
    private var free: ContiguousArray<UInt32> = []
    private var next: UInt32 = 0

    package init() {}

    /// A number that nobody has.
    package mutating func takeNumber() -> UInt32 {
        if let number = free.popLast() { return number }
        defer { next += 1 }
        return next
    }

    /// A number below `limit` that nobody has; nil where there is none left.
    package mutating func takeNumber(below limit: UInt32) -> UInt32? {
        free.isEmpty && next >= limit ? nil : takeNumber()
    }

    package mutating func giveBack(_ number: UInt32) { free.append(number) }
}
