import CLinux
import Glibc
import Synchronization

/// The system's monotonic clock.
package enum MonotonicClock {
    /// Nanoseconds since an arbitrary start.
    package static func now() -> Int64 { cl_monotonic_ns() }
}

/// Turns the processor's time stamps into nanoseconds of the monotonic clock.
///
/// Programs stamp their calls with the counter (12 ns; a system clock is 21); the daemon, on the
/// same machine, measures its rate once against the monotonic clock.
package struct TickClock: Sendable {
    private let ticksAtStart: UInt64
    private let nanosecondsAtStart: Int64
    /// With 32 binary places. Whole numbers, because stamps come from other processes: any value
    /// must do.
    private let nanosecondsPerTick: Int64

    /// Measures for a moment (10 ms), keeping the tightest of several readings at each end.
    package init() {
        let first = Self.reading()
        while MonotonicClock.now() - first.nanoseconds < 10_000_000 { cl_relax() }
        let last = Self.reading()
        ticksAtStart = last.ticks
        nanosecondsAtStart = last.nanoseconds
        let rate = Double(last.nanoseconds - first.nanoseconds) / Double(last.ticks - first.ticks)
        nanosecondsPerTick = Int64(rate * 4_294_967_296)
    }

    private static func reading() -> (ticks: UInt64, nanoseconds: Int64) {
        var best: (ticks: UInt64, nanoseconds: Int64) = (0, 0)
        var bestWidth = UInt64.max
        for _ in 0..<16 {
            let before = cl_ticks()
            let nanoseconds = MonotonicClock.now()
            let width = cl_ticks() - before
            if width < bestWidth {
                bestWidth = width
                best = (before + width / 2, nanoseconds)
            }
        }
        return best
    }

    /// The monotonic time of a stamp.
    package func nanoseconds(ticks: UInt64) -> Int64 {
        nanosecondsAtStart &+ length(of: Int64(bitPattern: ticks &- ticksAtStart))
    }

    /// The length of a span of ticks.
    package func nanoseconds(span: UInt64) -> Int64 {
        max(0, length(of: Int64(clamping: span)))
    }

    private func length(of ticks: Int64) -> Int64 {
        let product = ticks.multipliedFullWidth(by: nanosecondsPerTick)
        return product.high << 32 | Int64(truncatingIfNeeded: product.low >> 32)
    }

    /// Now, by the counter.
    package func now() -> Int64 { nanoseconds(ticks: cl_ticks()) }
}

/// One turn of a loop that looks for work.
///
/// It does not yield: each yield puts a thread a whole time slice behind the threads of its group,
/// so that one which yields all the time gets no processor for seconds once another of them computes.
package func pauseProcessor() { cl_pause() }

/// Sleeping and waking on a word, in this process or shared with another.
package enum Futex {
    package static func wake(_ word: UnsafeMutablePointer<UInt32>, count: Int32 = .max) {
        _ = unsafe cl_futex_wake(word, count)
    }

    /// Sleeps while the word is `value`, at most `timeoutNanoseconds`.
    package static func wait(
        _ word: UnsafeMutablePointer<UInt32>, while value: UInt32, timeoutNanoseconds: Int64 = -1
    ) {
        _ = unsafe cl_futex_wait(word, value, timeoutNanoseconds)
    }
}

extension MonotonicClock {
    /// What to add to this clock to get the time of day (nanoseconds since 1970), as of now.
    package static func wallOffsetNanoseconds() -> Int64 { cl_wall_ns() - cl_monotonic_ns() }
}

extension MonotonicClock {
    /// Lets the calling thread sleep that long; a signal does not shorten it.
    package static func sleep(nanoseconds: Int64) {
        let until = now() + max(0, nanoseconds)
        var deadline = timespec(
            tv_sec: Int(until / 1_000_000_000), tv_nsec: Int(until % 1_000_000_000))
        while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nil) == EINTR {}
    }
}
