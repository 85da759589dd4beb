package import Wire

/// So many operations a second, on average: a program that has had its share waits, with its records
/// in its rings.
///
/// It may save up a tenth of a second's share. What a pass takes at once may be more than is left;
/// that is owed.
package struct RateLimit {
    private var saved: Double = 0
    private var countedAt: Nanoseconds
    private var perSecond: Int

    package init(perSecond: Int, now: Nanoseconds) {
        self.perSecond = perSecond
        countedAt = now
        saved = Self.most(perSecond)
    }

    private static func most(_ perSecond: Int) -> Double { max(1, Double(perSecond) / 10) }

    /// Changes the rate from now on; what is owed stays owed.
    package mutating func change(perSecond rate: Int, now: Nanoseconds) {
        guard rate != perSecond else { return }
        count(now)
        perSecond = rate
        saved = min(saved, Self.most(rate))
    }

    /// An operation was taken.
    package mutating func take() {
        if perSecond != .max { saved -= 1 }
    }

    /// When the next operation may be taken; nil: now.
    package mutating func nextAt(_ now: Nanoseconds) -> Nanoseconds? {
        guard perSecond != .max else { return nil }
        count(now)
        guard saved < 1 else { return nil }
        let wait = (1 - saved) / Double(perSecond) * 1e9
        return now + Nanoseconds(min(wait, 1e15)) + 1
    }

    private mutating func count(_ now: Nanoseconds) {
        let passed = Double(max(0, now - countedAt)) / 1e9
        if perSecond != .max {
            saved = min(Self.most(perSecond), saved + passed * Double(perSecond))
        }
        countedAt = max(now, countedAt)
    }
}
