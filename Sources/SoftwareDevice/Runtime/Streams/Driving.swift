/// Running tasks. Everything here is called with the platform's lock held, and returns with it
/// held; the lock is let go only while a task computes.
extension Platform {
    /// Puts a task on a stream, and sees to it that somebody runs it.
    func enqueue(_ task: StreamTask, on stream: Stream) throws(Failure) {
        if pacedClock != nil { return try enqueuePaced(task, on: stream) }
        if stream.isIdle {
            switch task {
            case .record(let mark):
                reach(mark)
                settle()
                return
            case .wait(let mark, _) where mark.isReached: return
            case .wait: break
            case .launch, .copy, .fill:
                if runsAtOnce(on: stream) {
                    runAtOnce(task, on: stream)
                    return
                }
            }
        }
        if stream.tasks.count >= Stream.depthMax { try waitForRoom(in: stream) }
        if case .wait(_, let event) = task { event.pendingWaitCount += 1 }
        stream.append(task)
        if stream.isIdle { makeReady(stream) }
        settle()
    }

    /// Whether work put on `stream` now would be done before the call returns.
    func runsAtOnce(on stream: Stream) -> Bool {
        runsInline && stream.isIdle && !stream.device.isDriven && pacedClock == nil
    }

    /// Runs everything that can run, where this thread is the one that must; wakes workers, where
    /// they are.
    func settle() {
        while mayNeedDriver {
            mayNeedDriver = false
            for device in devices where !device.ready.isEmpty && !device.isDriven {
                if runsInline { drive(device) } else { wakeWorker(of: device) }
            }
        }
        progress.announce()
    }

    /// Runs tasks of `device` until none is ready, or until `isEnough`.
    func drive(_ device: Device, isEnough: () -> Bool = { false }) {
        device.isDriven = true
        while !isEnough(), let stream = device.ready.popFirst() {
            step(stream)
            progress.announce()
        }
        stopDriving(device)
    }

    private func stopDriving(_ device: Device) {
        device.isDriven = false
        if !device.ready.isEmpty { mayNeedDriver = true }
    }

    /// Notes that a mark is reached, and lets go of the streams that wait for it.
    private func reach(_ mark: Mark) {
        for stream in mark.reach(at: MonotonicClock.nanoseconds()) where stream.state == .blocked {
            makeReady(stream)
        }
    }

    private func makeReady(_ stream: Stream) {
        stream.state = .ready
        stream.device.ready.append(stream)
        mayNeedDriver = true
    }

    /// Runs a task on an idle stream of a device that nobody drives, without queueing it.
    private func runAtOnce(_ task: StreamTask, on stream: Stream) {
        let device = stream.device
        stream.noteEnqueued()
        stream.state = .running
        device.isDriven = true
        stream.finish(perform(task, of: stream))
        leave(stream)
        stopDriving(device)
        settle()
    }

    /// Computes a task without the lock; what went wrong with it, if something did.
    func perform(_ task: StreamTask, of stream: Stream) -> Failure? {
        stream.beginComputing()
        lock.unlock()
        let failure = task.perform(in: memory)
        lock.lock()
        // What an abort stopped is no failure, as what it dropped is none.
        return stream.endComputing() ? nil : failure
    }

    /// Runs the next task of a stream that was ready.
    private func step(_ stream: Stream) {
        stream.state = .running
        switch stream.tasks.first {
        case .record(let mark)?:
            _ = stream.tasks.popFirst()
            stream.finish(nil)
            reach(mark)
        case .wait(let mark, let event)?:
            guard mark.isReached else {
                stream.state = .blocked
                mark.addWaiting(stream)
                return
            }
            event.pendingWaitCount -= 1
            _ = stream.tasks.popFirst()
            stream.finish(nil)
        case .launch?, .copy?, .fill?:
            if let task = stream.tasks.popFirst() {
                stream.finish(perform(task, of: stream))
            }
        case nil: break
        }
        leave(stream)
    }

    /// After a task: on to the next one, when it is this stream's turn again.
    private func leave(_ stream: Stream) {
        if stream.tasks.isEmpty {
            stream.state = .idle
        } else {
            makeReady(stream)
        }
    }

    /// Drops what a stream has not begun; records in it count as reached, so that nobody waits for
    /// them for ever.
    func discardTasks(of stream: Stream) {
        stream.cancelComputing()
        if pacedClock != nil { return discardPaced(stream) }
        while let task = stream.tasks.popFirst() {
            stream.finish(nil)
            switch task {
            case .record(let mark): reach(mark)
            case .wait(_, let event): event.pendingWaitCount -= 1
            case .launch, .copy, .fill: task.discard()
            }
        }
        // A ready or running stream goes idle in its turn.
        if stream.state == .blocked { stream.state = .idle }
    }

    func waitForRoom(in stream: Stream) throws(Failure) {
        if pacedClock != nil {
            let limit = UInt64(Stream.pacedDepthMax)
            _ = waitPaced(.never, toward: nil) { stream.pendingCount < limit || !stream.isAlive }
            return
        }
        guard !runsInline else {
            throw Failure(
                Status.overLimit, "stream \(stream.id) holds \(Stream.depthMax) tasks, its limit")
        }
        settle()
        _ = wait(.never, on: stream.device) {
            stream.tasks.count < Stream.depthMax || !stream.isAlive
        }
    }
}
