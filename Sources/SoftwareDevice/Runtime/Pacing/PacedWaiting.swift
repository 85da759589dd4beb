import CLinux
import CostModel
import Wire

/// What a thread waits for on a paced device.
enum PacedTarget {
    /// All that was put on the stream.
    case stream(Stream)
    case mark(Mark)

    fileprivate var place: PacedPlace? {
        switch self {
        case .stream(let stream): stream.tasks.isEmpty ? stream.lastPlace : nil
        case .mark(let mark): mark.place
        }
    }

    /// When it was over, on the host's clock.
    fileprivate var endNanoseconds: UInt64 {
        switch self {
        case .stream(let stream): stream.lastEndNanoseconds
        case .mark(let mark): mark.nanoseconds
        }
    }

    fileprivate var device: PacedDevice? {
        switch self {
        case .stream(let stream): stream.device.paced
        case .mark(let mark): mark.place?.device
        }
    }
}

/// Waiting for a chip's time. Called with the platform's lock held, which is let go while the
/// thread sleeps.
extension Platform {
    /// Waits until `isDone`; false where the deadline comes first.
    ///
    /// The thread sleeps to the time that the chip is projected to be done, and looks again. What
    /// its wake-up takes is what a completion costs; a scale stretches that too.
    func waitPaced(
        _ deadline: Deadline, toward target: PacedTarget?, until isDone: () -> Bool
    ) -> Bool {
        let paced = target?.device
        let place = target?.place
        var hasSlept = false
        catchUp()
        while true {
            if isDone() {
                guard hasSlept, let target else { return true }
                let due = target.endNanoseconds &+ wakeUpStretchNanoseconds
                let now = MonotonicClock.nanoseconds()
                guard now < due else {
                    paced?.lateness.noteCompletion(due: due, at: now)
                    return true
                }
                sleepPaced(until: due, deadline)
            } else {
                if deadline.isPast { return false }
                if computeWithoutWorker() { continue }
                hasSlept = true
                sleepPaced(toward: place, deadline)
            }
            catchUp()
        }
    }

    /// Where no worker is left or could be made, whoever waits computes.
    private func computeWithoutWorker() -> Bool {
        for device in devices where !device.hasWorker {
            if computeNext(on: device) { return true }
        }
        return false
    }

    /// Sleeps until `place` is projected to be over, or complete; without one, until anything
    /// happens.
    private func sleepPaced(toward place: PacedPlace?, _ deadline: Deadline) {
        guard let clock = pacedClock else { return }
        if let place, place.device.await(place) {
            let end = place.device.projectedEnd(of: place)
            let wake = end.map { clock.hostTime(at: $0) &+ wakeUpStretchNanoseconds }
            return sleepPaced(until: wake, deadline)
        }
        let next = devices.compactMap { $0.paced?.timeline.nextChange }.min()
        openWaitCount += 1
        sleepPaced(until: next.map(clock.hostTime), deadline)
        openWaitCount -= 1
    }

    private func sleepPaced(until time: UInt64?, _ deadline: Deadline) {
        // The system may let a thread's timers be late; for this sleep it must not.
        let slack = cl_timer_slack(1)
        _ = progress.wait(until: deadline.earlier(than: time))
        if slack > 0 { _ = cl_timer_slack(UInt(slack)) }
    }
}
