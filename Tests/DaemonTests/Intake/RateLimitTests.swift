import Daemon
import Testing
import Wire

@Suite struct RateLimitTests {
    private let second: Nanoseconds = 1_000_000_000

    @Test func `without a limit nothing waits`() {
        var rate = RateLimit(perSecond: .max, now: 0)
        for _ in 0..<100_000 { rate.take() }
        #expect(rate.nextAt(0) == nil)
    }

    @Test(arguments: [1, 7, 100, 25_000]) func `so many are taken in ten seconds`(perSecond: Int) {
        var rate = RateLimit(perSecond: perSecond, now: 0)
        var (now, taken): (Nanoseconds, Int) = (0, 0)
        while true {
            if let next = rate.nextAt(now) {
                #expect(next > now)
                now = next
            }
            guard now < 10 * second else { break }
            rate.take()
            taken += 1
        }
        let share = 10 * perSecond
        #expect(taken >= share && taken <= share + max(1, perSecond / 10) + 1, "\(taken)")
    }

    @Test func `what was taken at once is owed`() {
        var rate = RateLimit(perSecond: 1000, now: 0)
        for _ in 0..<600 { rate.take() }
        // 100 were saved up; 500 are owed, and one more is to come.
        let next = rate.nextAt(0) ?? 0
        #expect(abs(next - 501_000_000) < 1000, "\(next)")
        #expect(rate.nextAt(next) == nil)
        rate.take()
        #expect(rate.nextAt(next) != nil)
    }

    @Test func `a pause saves up a tenth of a second, not more`() {
        var rate = RateLimit(perSecond: 1000, now: 0)
        #expect(rate.nextAt(3600 * second) == nil)
        for _ in 0..<101 { rate.take() }
        #expect(rate.nextAt(3600 * second) != nil)
    }

    @Test func `a rate is changed and lifted`() {
        var rate = RateLimit(perSecond: 10, now: 0)
        for _ in 0..<11 { rate.take() }
        #expect(rate.nextAt(0) != nil)
        rate.change(perSecond: .max, now: 0)
        #expect(rate.nextAt(0) == nil)
        rate.change(perSecond: 5, now: second)
        for _ in 0..<3 { rate.take() }
        #expect((rate.nextAt(second) ?? 0) > second)
        // A clock that goes back takes nothing away.
        #expect(rate.nextAt(0) != nil)
    }
}
