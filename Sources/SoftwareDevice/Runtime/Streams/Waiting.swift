/// Waiting for the device. Called with the platform's lock held, which is let go while the thread
/// sleeps.
extension Platform {
    /// Waits until `isDone`; false where the deadline comes first.
    ///
    /// A thread that would only sleep runs the device's tasks itself if nobody else does: waking a
    /// worker, and being woken by it, costs more than most tasks. One with a deadline does not, for
    /// a task may take longer.
    func wait(
        _ deadline: Deadline, on device: Device?, toward target: PacedTarget? = nil,
        until isDone: () -> Bool
    ) -> Bool {
        if pacedClock != nil { return waitPaced(deadline, toward: target, until: isDone) }
        while !isDone() {
            if deadline.isPast { return false }
            let mayHelp = runsInline || deadline.time == nil
            if mayHelp, let device = deviceToHelp(device) {
                drive(device, isEnough: isDone)
                settle()
                continue
            }
            if !progress.wait(until: deadline) { return isDone() }
        }
        return true
    }

    /// A device with something to run that nobody runs: the one asked about, or any.
    private func deviceToHelp(_ device: Device?) -> Device? {
        if let device { return !device.isDriven && !device.ready.isEmpty ? device : nil }
        return devices.first { !$0.isDriven && !$0.ready.isEmpty }
    }

    /// Waits for all that was put on `stream` before, and tells what went wrong with it.
    func synchronize(_ stream: Stream, _ deadline: Deadline) throws(Failure) {
        let target = stream.enqueuedCount
        let isDone = wait(deadline, on: stream.device, toward: .stream(stream)) {
            stream.finishedCount >= target || !stream.isAlive
        }
        guard isDone else {
            throw Failure(Status.timedOut, "stream \(stream.id) is not done within the timeout")
        }
        if let fault = stream.takeFault() { throw fault }
    }

    /// Waits for all that was put on the streams of `device` before.
    func synchronize(_ device: Device, _ deadline: Deadline) throws(Failure) {
        var fault: Failure?
        for stream in device.streams {
            do {
                try synchronize(stream, deadline)
            } catch {
                if error.code == Status.timedOut { throw error }
                fault = fault ?? error
            }
        }
        if let fault { throw fault }
    }

    /// Lets what was put on the streams of `device` before come to its end; failures stay to be
    /// told.
    func drain(_ device: Device) {
        for stream in device.streams {
            let target = stream.enqueuedCount
            _ = wait(.never, on: device, toward: .stream(stream)) {
                stream.finishedCount >= target || !stream.isAlive
            }
        }
    }

    /// Waits for the latest record of `event`.
    func synchronize(_ event: Event, _ deadline: Deadline) throws(Failure) {
        guard let mark = event.mark else { return }
        let isDone = wait(deadline, on: nil, toward: .mark(mark)) { mark.isReached }
        guard isDone else {
            throw Failure(Status.timedOut, "the event is not reached within the timeout")
        }
    }
}
