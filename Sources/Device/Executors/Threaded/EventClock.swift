import LinuxIO
import Wire

/// Tells when an event was reached, on this host's monotonic clock.
///
/// The software device says so itself. Elsewhere an event has a time stamp in microseconds of the
/// device's clock; its distance from ours is measured by recording an event on an idle stream and
/// watching it for a moment, and held between bounds by every event since: none is reached before
/// it was submitted or after it was seen.
// Safe: the library's handles are opaque; nothing reads through them here.
@safe struct EventClock {
    private let runtime: AscendRuntime
    /// What to add to the device's time; nil where there are no time stamps: the time at which the
    /// event was seen must do.
    private var offset: Nanoseconds?
    private var calibratedAt: Nanoseconds = 0
    private var stream: DeviceHandle?
    private var event: DeviceHandle?

    /// How long a measurement is believed.
    private static let calibrationInterval: Nanoseconds = 1_000_000_000
    private static let readings = 5
    /// How long one event is watched: a device that is busy with somebody else's work is measured
    /// another time.
    private static let watchNanoseconds: Nanoseconds = 200_000

    init(_ runtime: AscendRuntime) { self.runtime = runtime }

    /// Measures the offset anew where that is due. Called while the device has nothing to do.
    mutating func calibrate(now: Nanoseconds) {
        guard unsafe runtime.calls.more.eventNanoseconds == nil,
            unsafe runtime.calls.more.eventTimestamp != nil,
            calibratedAt == 0 || now - calibratedAt > Self.calibrationInterval
        else { return }
        calibratedAt = now
        var best: (width: Nanoseconds, offset: Nanoseconds)?
        for _ in 0..<Self.readings {
            guard let reading = read() else { break }
            if best.map({ reading.width < $0.width }) ?? true { best = reading }
        }
        if let best { offset = best.offset }
    }

    private mutating func read() -> (width: Nanoseconds, offset: Nanoseconds)? {
        do throws(DeviceError) {
            if unsafe stream == nil {
                unsafe stream = unsafe try runtime.createStream(priority: 0, flags: 0)
            }
            if unsafe event == nil { unsafe event = unsafe try runtime.createEvent() }
            guard let stream = unsafe stream, let event = unsafe event else { return nil }
            let before = MonotonicClock.now()
            try unsafe runtime.record(event, on: stream)
            while try unsafe !runtime.isComplete(event) {
                if MonotonicClock.now() - before > Self.watchNanoseconds { return nil }
            }
            let after = MonotonicClock.now()
            guard let stamp = unsafe timestamp(of: event) else { return nil }
            return (after - before, before + (after - before) / 2 - stamp)
        } catch { return nil }
    }

    private func timestamp(of event: DeviceHandle) -> Nanoseconds? {
        guard let call = unsafe runtime.calls.more.eventTimestamp else { return nil }
        var microseconds: UInt64 = 0
        guard unsafe call(event, &microseconds) == 0 else { return nil }
        let (value, overflow) = Int64(clamping: microseconds).multipliedReportingOverflow(by: 1000)
        return overflow ? nil : value
    }

    /// When a reached event was reached: not before `earliest`, and not after `seen`.
    mutating func time(
        of event: DeviceHandle, earliest: Nanoseconds, seen: Nanoseconds
    ) -> Nanoseconds {
        if let call = unsafe runtime.calls.more.eventNanoseconds {
            var time: UInt64 = 0
            guard unsafe call(event, &time) == 0 else { return seen }
            return min(seen, max(earliest, Int64(clamping: time)))
        }
        guard let offset, let stamp = unsafe timestamp(of: event) else { return seen }
        let time = stamp &+ offset
        if time > seen { self.offset = seen &- stamp }
        return min(seen, max(earliest, time))
    }
}
