import LinuxIO
import Wire

/// Tells when an event was reached, on this host's monotonic clock.
///
/// The software device says so itself. Elsewhere an event has a time stamp in microseconds of the
/// device's clock; its distance from ours is measured by recording an event on an idle stream and
/// watching it for a moment, and held between bounds by every event since: none is reached before
/// it was submitted or after it was seen.
struct EventClock {
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
        guard runtime.calls.more.eventNanoseconds == nil,
            runtime.calls.more.eventTimestamp != nil,
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
            if stream == nil { stream = try runtime.createStream(priority: 0, flags: 0) }
            if event == nil { event = try runtime.createEvent() }
            guard let stream, let event else { return nil }
            let before = MonotonicClock.now()
            try runtime.record(event, on: stream)
            while try !runtime.isComplete(event) {
                if MonotonicClock.now() - before > Self.watchNanoseconds { return nil }
            }
            let after = MonotonicClock.now()
            guard let stamp = timestamp(of: event) else { return nil }
            return (after - before, before + (after - before) / 2 - stamp)
        } catch { return nil }
    }

    private func timestamp(of event: DeviceHandle) -> Nanoseconds? {
        guard let call = runtime.calls.more.eventTimestamp else { return nil }
        var microseconds: UInt64 = 0
        guard call(event, &microseconds) == 0 else { return nil }
        let (value, overflow) = Int64(clamping: microseconds).multipliedReportingOverflow(by: 1000)
        return overflow ? nil : value
    }

    /// When a reached event was reached: not before `earliest`, and not after `seen`.
    mutating func time(
        of event: DeviceHandle, earliest: Nanoseconds, seen: Nanoseconds
    ) -> Nanoseconds {
        if let call = runtime.calls.more.eventNanoseconds {
            var time: UInt64 = 0
            guard call(event, &time) == 0 else { return seen }
            return min(seen, max(earliest, Int64(clamping: time)))
        }
        guard let offset, let stamp = timestamp(of: event) else { return seen }
        let time = stamp &+ offset
        if time > seen { self.offset = seen &- stamp }
        return min(seen, max(earliest, time))
    }
}
