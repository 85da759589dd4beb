import Scheduling
import Testing
import Wire

@Suite struct BusyTimeTests {
    private func busy(_ spans: [(Nanoseconds, Nanoseconds)]) -> Nanoseconds {
        var time = BusyTime()
        for (start, end) in spans { time.add(start, end) }
        return time.nanoseconds
    }

    @Test func `spans that overlap count once, in whatever order they are told`() {
        #expect(busy([(0, 100), (50, 60)]) == 100)
        #expect(busy([(50, 60), (0, 100)]) == 100)
        #expect(busy([(50, 60), (0, 40), (30, 70)]) == 70)
        #expect(busy([(0, 10), (20, 30), (40, 50), (5, 45)]) == 50)
    }

    @Test func `a span that lies in a gap leaves two gaps, which others fill`() {
        #expect(busy([(0, 10), (90, 100), (40, 60)]) == 40)
        #expect(busy([(0, 10), (90, 100), (40, 60), (0, 50)]) == 70)
        #expect(busy([(0, 10), (90, 100), (40, 60), (0, 100)]) == 100)
    }

    @Test func `what began before the first that was told counts too`() {
        #expect(busy([(100, 200), (0, 50)]) == 150)
    }

    @Test func `an empty span is nothing`() { #expect(busy([(5, 5), (9, 3), (0, 4)]) == 4) }

    @Test func `it is right against counting every nanosecond, told out of order`() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            var (time, counted) = (BusyTime(), Set<Nanoseconds>())
            time.add(0, 1)
            counted.insert(0)
            for _ in 0..<40 {
                let start = Nanoseconds(random.next() % 300)
                let end = start + Nanoseconds(random.next() % 30)
                time.add(start, end)
                counted.formUnion(start..<end)
            }
            #expect(time.nanoseconds == Nanoseconds(counted.count), "seed \(seed)")
        }
    }

    @Test func `gaps that were forgotten stay idle, and none counts twice`() {
        var time = BusyTime()
        for index in 0..<100 { time.add(Nanoseconds(index * 10), Nanoseconds(index * 10 + 5)) }
        #expect(time.nanoseconds == 500)
        time.add(0, 995)
        #expect(time.nanoseconds == 500 + 64 * 5)
    }
}
