import Daemon
import Scheduling
import Testing
import Wire

@Suite struct DeviceTimeTests {
    @Test func `a scale stretches from the origin on`() {
        let time = DeviceTime(origin: 1000, scale: 10)
        #expect(time.chip(1000) == 1000)
        #expect(time.chip(1100) == 1010)
        #expect(time.host(1010) == 1100)
        #expect(time.hostSpan(10) == 100)
    }

    @Test func `without a scale both times are the same`() {
        let time = DeviceTime(origin: 1 << 60, scale: 1)
        #expect(time.chip(5) == 5)
        #expect(time.host(.max) == .max)
        #expect(time.hostSpan(.max) == .max)
    }

    @Test func `a scale that makes no sense is none`() {
        #expect(DeviceTime(origin: 0, scale: 0).chip(7) == 7)
        #expect(DeviceTime(origin: 0, scale: -3).host(7) == 7)
    }

    @Test func `a span that no clock can show is cut`() {
        #expect(DeviceTime(origin: 0, scale: 1000).hostSpan(.max) == 4_600_000_000_000_000_000)
    }

    @Test(arguments: [0.001, 0.5, 300])
    func `a time that no clock can show is one that sums can be made of`(scale: Double) {
        let time = DeviceTime(origin: 123_456_789, scale: scale)
        for chip in [Nanoseconds.max, .max - 1, 1 << 62, .min, 0] {
            let host = time.host(chip)
            #expect(abs(host) < Nanoseconds.max / 2)
            #expect(abs(time.chip(chip)) < Nanoseconds.max / 2 || chip == .max)
            _ = time.chip(host)
        }
    }

    @Test(arguments: [0.3, 0.7, 1.1, 2, 3, 10, 33.3, 1000])
    func `there and back is never earlier, and at most one step later`(scale: Double) {
        let seed = UInt64.random(in: 1 ... .max)
        var random = SeededRandom(seed: seed)
        let time = DeviceTime(origin: 123_456_789, scale: scale)
        // A month of the host's time.
        let end = UInt64(2.6e15 / max(1, scale))
        for _ in 0..<20_000 {
            let chip = 123_456_789 + Nanoseconds(random.next() % end)
            let back = time.chip(time.host(chip))
            #expect(back >= chip, "chip \(chip), scale \(scale), seed \(seed)")
            #expect(back <= chip + Nanoseconds(1 / scale) + 1, "chip \(chip), seed \(seed)")
        }
    }

    @Test func `later on the host is never earlier on the chip`() {
        let time = DeviceTime(origin: 50, scale: 3.7)
        var last = time.chip(50)
        for host in 51...20_000 as ClosedRange<Nanoseconds> {
            let chip = time.chip(host)
            #expect(chip >= last)
            last = chip
        }
    }
}
