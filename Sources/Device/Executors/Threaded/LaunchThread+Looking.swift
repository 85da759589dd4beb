import LinuxIO
import Wire

/// How the end of work is learned.
extension LaunchThread {
    /// Looks at the next event of each stream that is due, and finishes what is reached.
    ///
    /// A batch that waited for another stream's event is finished after that one is: the loop never
    /// hears of an effect before its cause.
    func lookAtStreams() {
        guard !busy.isEmpty else { return }
        let now = MonotonicClock.now()
        var includesAll = false
        while true {
            isHeldByOther = false
            var hasProgress = false
            for stream in busy where includesAll || stream.nextLook <= now {
                if finishReached(stream) { hasProgress = true }
            }
            // A stream is done, but what it waited for is not known to be: that is found at once by
            // looking at all of them, due or not.
            guard isHeldByOther, hasProgress || !includesAll else { break }
            includesAll = true
        }
        unlistIdle()
    }

    private func unlistIdle() {
        busy.removeAll { stream in
            guard stream.batches.isEmpty else { return false }
            stream.isListed = false
            departIfIdle(stream)
            return true
        }
    }

    /// Finishes the stream's batches whose events are reached; whether there was any.
    private func finishReached(_ stream: LaunchStream) -> Bool {
        var hasProgress = false
        while let batch = stream.batches.first {
            guard let result = outcome(of: batch) else {
                stream.nextLook = LookSchedule.nextLook(
                    now: MonotonicClock.now(), predictedEnd: stream.predictedEnd)
                return hasProgress
            }
            // An abort drops waits with the rest.
            let isHeld = batch.gate == nil && batch.waits.contains { $0.reachedAt == nil }
            if isHeld {
                isHeldByOther = true
                stream.nextLook = MonotonicClock.now() + LookSchedule.shortest
                return hasProgress
            }
            finish(batch, of: stream, result)
            hasProgress = true
        }
        return hasProgress
    }

    private enum Outcome {
        case reached
        case failed(DeviceError)
    }

    /// Nil: not yet.
    private func outcome(of batch: LaunchStream.Batch) -> Outcome? {
        if batch.event.reachedAt != nil { return .reached }
        figures.looks += 1
        do throws(DeviceError) {
            try runtime.select(shared.device)
            return try unsafe runtime.isComplete((batch.gate ?? batch.event).handle)
                ? .reached : nil
        } catch { return .failed(error) }
    }

    private func finish(
        _ batch: LaunchStream.Batch, of stream: LaunchStream, _ result: Outcome
    ) {
        _ = stream.batches.popFirst()
        let seen = MonotonicClock.now()
        var begin = stream.lastEnd
        for wait in batch.waits { begin = max(begin, wait.reachedAt ?? begin) }
        if batch.operationCount > 0, let first = stream.operations.first {
            begin = max(begin, first.submittedAt)
        }
        var failure: DeviceError?
        var end = seen
        switch result {
        case .failed(let error): failure = error
        case .reached:
            let event = unsafe (batch.gate ?? batch.event).handle
            end = unsafe clock.time(of: event, earliest: min(begin, seen), seen: seen)
        }
        batch.event.reachedAt = end
        let isDry = stream.operations.count == batch.operationCount && stream.batches.isEmpty
        let late = isDry && failure == nil ? lateFailure(of: stream) : nil
        reportOperations(
            of: batch, stream,
            BatchTimes(begin: begin, end: end, predictedTotal: batch.predicted), failure, late)
        stream.lastEnd = max(stream.lastEnd, end)
        reportMark(of: batch, at: end, failure ?? (batch.operationCount == 0 ? late : nil))
        releaseEvents(of: batch)
        if isDry { starter.freeWorkspaces(of: stream) }
    }

    /// What went wrong on a stream that has run dry: the device library tells at a synchronize,
    /// which waits for nothing then.
    private func lateFailure(of stream: LaunchStream) -> DeviceError? {
        do throws(DeviceError) {
            try unsafe runtime.synchronize(stream.handle)
            return nil
        } catch { return error }
    }

    /// `failure` is of all of them; `late` of some operation since the stream last ran dry, and is
    /// told with the last.
    private func reportOperations(
        of batch: LaunchStream.Batch, _ stream: LaunchStream, _ times: BatchTimes,
        _ failure: DeviceError?, _ late: DeviceError?
    ) {
        var times = times
        for index in 0..<batch.operationCount {
            guard let operation = stream.operations.popFirst() else { return }
            unsafe operation.data?.deallocate()
            let isLast = index == batch.operationCount - 1
            let (start, end) = times.next(
                submittedAt: operation.submittedAt, predicted: max(1, operation.predicted),
                doneAt: operation.doneAt, isLast: isLast)
            if let error = operation.failure ?? failure ?? (isLast ? late : nil) {
                completions.write(
                    CompletionCoding.failed(
                        ticket: operation.ticket, error, startedAt: start, finishedAt: end))
            } else {
                completions.write(
                    CompletionCoding.operation(
                        ticket: operation.ticket, startedAt: start, finishedAt: end))
            }
        }
    }

    private func reportMark(
        of batch: LaunchStream.Batch, at time: Nanoseconds, _ failure: DeviceError?
    ) {
        guard let mark = batch.mark else { return }
        if isRecorded(mark, by: batch.event) {
            events.release(batch.event)
            // Reached also where work before it failed: streams that wait for it go on, as they do
            // on the device.
            marks[mark] = .reached
        }
        if let failure {
            completions.write(CompletionCoding.markFailed(mark, failure))
        } else {
            completions.write(CompletionCoding.markReached(mark, at: time))
        }
    }

    func releaseEvents(of batch: LaunchStream.Batch) {
        for wait in batch.waits { events.release(wait) }
        if let gate = batch.gate { events.release(gate) }
        events.release(batch.event)
    }
}
