import CostModel
import Wire

/// Streams whose time a chip tells. Everything here is called with the platform's lock held, and
/// returns with it held.
extension Platform {
    /// Puts a task on a stream of a paced device, at the host's time of now.
    func enqueuePaced(_ task: StreamTask, on stream: Stream) throws(Failure) {
        catchUp()
        if stream.pendingCount >= UInt64(Stream.pacedDepthMax) {
            try waitForRoom(in: stream)
        }
        if case .wait(_, let event) = task { event.pendingWaitCount += 1 }
        stream.noteEnqueued()
        stream.device.paced?.lateness.noteSubmission(at: MonotonicClock.nanoseconds())
        if stream.tasks.isEmpty, !task.mustBeHeld(on: stream.device) {
            submit(task, on: stream)
        } else {
            hold(task, on: stream)
        }
    }

    /// A wait that the chip cannot make holds its stream here, and all that comes after it: one for
    /// another device, or for a record that is itself held.
    private func hold(_ task: StreamTask, on stream: Stream) {
        stream.tasks.append(task)
        if stream.tasks.count == 1 { block(stream, on: task) }
    }

    private func block(_ stream: Stream, on task: StreamTask) {
        guard case .wait(let mark, _) = task else { return }
        heldStreamCount += 1
        stream.state = .blocked
        mark.addWaiting(stream)
    }

    /// Lets the chip have what was held, up to the next wait that it cannot make.
    private func release(_ stream: Stream) {
        heldStreamCount -= 1
        stream.state = .idle
        while let task = stream.tasks.first {
            if task.mustBeHeld(on: stream.device) { return block(stream, on: task) }
            _ = stream.tasks.popFirst()
            submit(task, on: stream)
        }
    }

    private func submit(_ task: StreamTask, on stream: Stream) {
        guard let paced = stream.device.paced, let clock = pacedClock else { return }
        paced.submit(
            task, work: task.chipWork(in: memory), on: stream,
            at: clock.chipTime(at: MonotonicClock.nanoseconds()))
        paced.advance(to: paced.timeline.now)
        wakeWorkerIfNeeded(of: stream.device)
    }

    /// Lets everything happen that has happened by now, on all chips: one may wait for another.
    func catchUp() {
        guard let clock = pacedClock else { return }
        let now = clock.chipTime(at: MonotonicClock.nanoseconds())
        while heldStreamCount > 0 {
            let changes = devices.compactMap { $0.paced?.timeline.nextChange }
            guard let next = changes.min(), next <= now else { break }
            for device in devices { advance(device, to: next) }
        }
        for device in devices { advance(device, to: now) }
    }

    private func advance(_ device: Device, to time: Nanoseconds) {
        device.paced?.advance(to: time)
        completePaced(device)
    }

    /// Tells streams and marks about what is over on the chip and computed.
    private func completePaced(_ device: Device) {
        guard let paced = device.paced, let clock = pacedClock else { return }
        while let (entry, time) = paced.takeCompleted() {
            let host = clock.hostTime(at: time)
            entry.stream.lastEndNanoseconds = host
            paced.lateness.noteEnd(at: host)
            end(entry, at: host)
            if entry.isAwaited || openWaitCount > 0 { progress.announce() }
        }
    }

    private func end(_ entry: PacedEntry, at time: UInt64) {
        entry.stream.finish(entry.failure)
        switch entry.task {
        case .record(let mark)?:
            for stream in mark.reach(at: time) where stream.state == .blocked { release(stream) }
        case .wait(_, let event)?: event.pendingWaitCount -= 1
        case .launch?, .copy?, .fill?, nil: break
        }
    }

    // MARK: Arithmetic

    /// Computes what is next on `device`; false where nothing is.
    func computeNext(on device: Device) -> Bool {
        guard let paced = device.paced, let clock = pacedClock, !device.isDriven,
            let slot = paced.nextComputation(), let (task, stream) = paced.beginComputing(slot)
        else { return false }
        device.isDriven = true
        let failure = perform(task, of: stream)
        device.isDriven = false
        let now = MonotonicClock.nanoseconds()
        if let end = paced.endComputing(slot, failure) {
            paced.lateness.noteCompletion(due: clock.hostTime(at: end), at: now)
        }
        completePaced(device)
        return true
    }

    /// Wakes the worker where there is something to compute, or will be before it wakes.
    private func wakeWorkerIfNeeded(of device: Device) {
        guard let paced = device.paced, let clock = pacedClock, paced.uncomputedCount > 0 else {
            return
        }
        if device.hasWorker, paced.nextComputation() == nil {
            guard let next = paced.timeline.nextChange,
                clock.hostTime(at: next) < paced.workerSleepsUntil
            else { return }
        }
        wakeWorker(of: device)
    }

    /// Drops what a stream of a paced device has not begun. Records in it count as reached.
    func discardPaced(_ stream: Stream) {
        guard let clock = pacedClock else { return }
        catchUp()
        let now = MonotonicClock.nanoseconds()
        let dropped = stream.device.paced?.drop(stream, at: clock.chipTime(at: now)) ?? []
        for entry in dropped {
            if case .copy(let copy)? = entry.task { copy.releaseStaging() }
            end(entry, at: now)
        }
        if stream.state == .blocked {
            heldStreamCount -= 1
            stream.state = .idle
        }
        while let task = stream.tasks.popFirst() {
            task.discard()
            end(PacedEntry(task: task, stream: stream, serial: 0, isToCompute: false), at: now)
        }
        progress.announce()
    }
}

extension StreamTask {
    /// Whether it is a wait for a mark that the chip of `device` does not know of.
    fileprivate func mustBeHeld(on device: Device) -> Bool {
        guard case .wait(let mark, _) = self, !mark.isReached else { return false }
        return mark.place?.device !== device.paced
    }
}
