package import Wire

/// A chip's time beside the host's: chip time stretched by the scale, from the moment of start on.
package struct PacedClock: Sendable {
    /// On the monotonic clock.
    package let originNanoseconds: UInt64
    package let scale: Double

    package init(originNanoseconds: UInt64, scale: Double) {
        self.originNanoseconds = originNanoseconds
        self.scale = scale
    }

    /// The chip's time when the monotonic clock shows `host`; rounded down, so that nothing that
    /// has happened by then on the chip is early on the host.
    package func chipTime(at host: UInt64) -> Nanoseconds {
        let elapsed = host > originNanoseconds ? host - originNanoseconds : 0
        return scale == 1 ? Nanoseconds(elapsed) : Nanoseconds(Double(elapsed) / scale)
    }

    /// What the monotonic clock shows at the chip's `time`.
    package func hostTime(at time: Nanoseconds) -> UInt64 {
        let elapsed = UInt64(max(0, time))
        return originNanoseconds &+ (scale == 1 ? elapsed : UInt64(Double(elapsed) * scale))
    }
}
