import Glibc

/// The host's time, which is the device's as well where it is as fast as the CPU.
enum MonotonicClock {
    static func nanoseconds() -> UInt64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }
}
