import Glibc

enum MonotonicClock {
    static func nanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }
}

/// What time it is on a device: the seam at which a paced clock, whose starts and finishes are
/// computed from a cost model, takes the place of the free one.
enum DeviceClock {
    /// As fast as the CPU: the device's time is the host's.
    case free

    /// The moment at which work that is done by now finished on the device.
    func nanoseconds() -> UInt64 {
        switch self {
        case .free: MonotonicClock.nanoseconds()
        }
    }
}
