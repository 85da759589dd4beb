import Wire

/// Copies and fills that are done when the call returns. They wait for no stream.
extension Platform {
    func performDirectly(_ task: StreamTask) {
        guard let clock = pacedClock, let device = task.device(in: self), let paced = device.paced
        else {
            _ = task.perform(in: memory)
            return
        }
        lock.lock()
        catchUp()
        let stream = directStream(of: device)
        let now = MonotonicClock.nanoseconds()
        paced.lateness.noteSubmission(at: now)
        stream.noteEnqueued()
        let count = stream.enqueuedCount
        paced.submit(
            nil, work: task.chipWork(in: memory), on: stream, at: clock.chipTime(at: now))
        lock.unlock()
        _ = task.perform(in: memory)
        lock.lock()
        waitDirectly(for: stream, count: count)
        lock.unlock()
    }

    /// Lets the chip's time pass until `count` copies of `stream` are over.
    private func waitDirectly(for stream: Stream, count: UInt64) {
        let isOver = waitPaced(.never, toward: .stream(stream)) { stream.finishedCount >= count }
        precondition(isOver, "a wait without a deadline ended before its time")
    }

    /// A stream of the chip that no program knows of.
    private func directStream(of device: Device) -> Stream {
        if let stream = device.paced?.directStream { return stream }
        let stream = Stream(id: -1, device: device, priority: 0, flags: 0)
        stream.chipStream = device.paced?.addStream(priority: 0)
        device.paced?.directStream = stream
        return stream
    }
}

extension StreamTask {
    /// The device whose memory it touches, the destination's first; nil where it touches none.
    fileprivate func device(in platform: Platform) -> Device? {
        switch self {
        case .copy(let copy):
            unsafe platform.device(holding: copy.destination)
                ?? platform.device(holding: copy.source)
        case .fill(let fill): unsafe platform.device(holding: fill.address)
        case .launch, .record, .wait: nil
        }
    }
}

extension Platform {
    fileprivate func device(holding address: UnsafeRawPointer) -> Device? {
        guard case .device(let index) = unsafe memory.place(of: address) else { return nil }
        return devices[index]
    }
}
