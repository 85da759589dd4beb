import Glibc
import LinuxIO
import Wire

/// What each command does.
extension LaunchThread {
    func perform(_ command: DeviceCommand, _ words: UnsafeBufferPointer<UInt64>) {
        switch command {
        case .launch(let launch):
            unsafe start(launch.ticket, launch.stream, launch.predictedNanoseconds) {
                (stream) throws(DeviceError) in
                unsafe (try starter.launch(launch, values: words, on: stream), nil)
            }
        case .copy(let copy):
            unsafe start(copy.ticket, copy.stream, copy.predictedNanoseconds) {
                (stream) throws(DeviceError) in try unsafe self.copy(copy, words, on: stream)
            }
        case .fill(let fill):
            unsafe start(fill.ticket, fill.stream, fill.predictedNanoseconds) {
                (stream) throws(DeviceError) in (try starter.fill(fill, on: stream), nil)
            }
        case .record(let stream, let mark): record(mark, on: stream)
        case .wait(let stream, let mark): wait(for: mark, on: stream)
        case .forgetMark(let mark): forget(mark)
        case .abort(let stream): abort(stream)
        case .limit(let stream, let cube, let vector):
            try? starter.stream(stream).limits = CoreLimits(cube: cube, vector: vector)
        }
    }

    // MARK: Operations

    /// Puts an operation on a stream. A failure is told in the stream's order.
    private func start(
        _ ticket: UInt64, _ number: UInt32, _ predicted: Nanoseconds,
        _ body: (LaunchStream) throws(DeviceError) -> (Nanoseconds, UnsafeMutableRawPointer?)
    ) {
        let stream: LaunchStream
        do throws(DeviceError) {
            stream = try starter.stream(number)
        } catch {
            let now = MonotonicClock.now()
            return completions.write(
                CompletionCoding.failed(ticket: ticket, error, startedAt: now, finishedAt: now))
        }
        var operation = unsafe LaunchStream.Operation(
            ticket: ticket, submittedAt: 0, predicted: max(0, predicted))
        do throws(DeviceError) {
            if let fault = stream.fault { throw fault }
            if shared.aborts.contains(number) { throw .aborted }
            unsafe (operation.submittedAt, operation.data) = try body(stream)
            if runtime.runsInline, stream.isFree { operation.doneAt = MonotonicClock.now() }
        } catch {
            operation.submittedAt = MonotonicClock.now()
            operation.predicted = 0
            operation.failure = error
        }
        append(operation, to: stream)
        // It was computed in this thread, and stopped where the abort found it.
        if runtime.runsInline, operation.failure == nil, shared.aborts.contains(number) {
            stream.operations.updateLast { $0.failure = .aborted }
        }
    }

    private func append(_ operation: LaunchStream.Operation, to stream: LaunchStream) {
        if operation.failure != nil, stream.isEmpty { return report(operation) }
        if !stream.isOpen {
            stream.isOpen = true
            open.append(stream)
        }
        stream.append(operation)
        if stream.openPredicted >= batchNanoseconds { closeBatch(of: stream, mark: nil) }
    }

    /// Tells of an operation that never got to the device and has nobody before it.
    private func report(_ operation: LaunchStream.Operation) {
        guard let failure = operation.failure else { return }
        completions.write(
            CompletionCoding.failed(
                ticket: operation.ticket, failure, startedAt: operation.submittedAt,
                finishedAt: operation.submittedAt))
    }

    private func copy(
        _ copy: CopyCommand, _ words: UnsafeBufferPointer<UInt64>, on stream: LaunchStream
    ) throws(DeviceError) -> (Nanoseconds, UnsafeMutableRawPointer?) {
        guard !words.isEmpty else {
            return unsafe (try starter.copy(copy, data: nil, on: stream), nil)
        }
        guard UInt64(words.count) * 8 >= copy.bytes else {
            throw DeviceError(
                code: 107_000, message: "a copy of \(copy.bytes) bytes from \(words.count) words")
        }
        // The command's words go as soon as this returns; the device reads them later.
        let data = UnsafeMutableRawBufferPointer.allocate(byteCount: words.count * 8, alignment: 64)
        unsafe data.copyMemory(from: UnsafeRawBufferPointer(words))
        do throws(DeviceError) {
            let bytes = data.baseAddress
            return unsafe (
                try starter.copy(copy, data: bytes.map { UnsafeRawPointer($0) }, on: stream),
                unsafe bytes
            )
        } catch {
            unsafe data.deallocate()
            throw error
        }
    }

    // MARK: Batches

    /// Records events where a stream would run dry without one.
    func closeOpenBatches() {
        guard !open.isEmpty else { return }
        let now = MonotonicClock.now()
        for stream in open
        where stream.openCount > 0 && stream.recordTime(margin: marginNanoseconds) <= now {
            closeBatch(of: stream, mark: nil)
        }
        open.removeAll { stream in
            stream.isOpen = stream.openCount > 0
            return !stream.isOpen
        }
    }

    /// Records an event behind what is open on a stream. Where that fails the stream's work cannot
    /// be followed any more: the stream is synchronized instead, and takes nothing more.
    func closeBatch(of stream: LaunchStream, mark: UInt32?) {
        do throws(DeviceError) {
            try runtime.select(shared.device)
            figures.eventsRecorded += 1
            let event = try unsafe events.record(on: stream.handle)
            stream.close(with: event, mark: mark)
            if let mark {
                events.hold(event)
                marks[mark] = .recorded(event)
            }
            list(stream)
        } catch {
            failStream(stream, error)
            if let mark { failMark(mark, error) }
        }
    }

    /// Fails everything on a stream whose end cannot be learned from events.
    private func failStream(_ stream: LaunchStream, _ error: DeviceError) {
        stream.fault = error
        try? unsafe runtime.synchronize(stream.handle)
        lookAtStreams()
        stream.lastEnd = max(stream.lastEnd, MonotonicClock.now())
        while let operation = stream.operations.popFirst() {
            unsafe operation.data?.deallocate()
            completions.write(
                CompletionCoding.failed(
                    ticket: operation.ticket, operation.failure ?? error,
                    startedAt: operation.submittedAt, finishedAt: stream.lastEnd))
        }
        while let batch = stream.batches.popFirst() {
            if let mark = batch.mark {
                forget(mark)
                failMark(mark, error)
            }
            releaseEvents(of: batch)
        }
        stream.forgetOpen()
        releaseOpenWaits(of: stream)
    }

    /// Nothing more comes of what a stream was to wait for next.
    func releaseOpenWaits(of stream: LaunchStream) {
        for wait in stream.openWaits { events.release(wait) }
        stream.openWaits.removeAll()
    }

    // MARK: Marks

    private func record(_ mark: UInt32, on number: UInt32) {
        do throws(DeviceError) {
            guard mark < ExecutorLimits.numbers else {
                throw DeviceError(code: 207_006, message: "mark \(mark) is beyond the limit")
            }
            let stream = try starter.stream(number)
            if stream.isEmpty {
                let now = MonotonicClock.now()
                marks[mark] = .reached
                return completions.write(CompletionCoding.markReached(mark, at: now))
            }
            closeBatch(of: stream, mark: mark)
        } catch { failMark(mark, error) }
    }

    func failMark(_ mark: UInt32, _ error: DeviceError) {
        if mark < ExecutorLimits.numbers { marks[mark] = .failed(error) }
        completions.write(CompletionCoding.markFailed(mark, error))
    }

    /// Where a wait cannot be put on the device, what comes behind it must not run.
    private func wait(for mark: UInt32, on number: UInt32) {
        guard let stream = try? starter.stream(number) else { return }
        switch marks[mark] {
        case .reached: return
        case .failed(let error): stream.fault = error
        case .unknown:
            stream.fault = DeviceError(
                code: 107_000, message: "stream \(number) waits for mark \(mark), never recorded")
        case .recorded(let event):
            do throws(DeviceError) {
                if stream.openCount > 0 { closeBatch(of: stream, mark: nil) }
                try runtime.select(shared.device)
                try unsafe runtime.wait(for: event.handle, on: stream.handle)
                events.hold(event)
                stream.openWaits.append(event)
            } catch { stream.fault = error }
        }
    }

    private func forget(_ mark: UInt32) {
        if case .recorded(let event) = marks[mark] { events.release(event) }
        if case .unknown = marks[mark] { return }
        marks[mark] = .unknown
    }

    func isRecorded(_ mark: UInt32, by event: EventRecord) -> Bool {
        if case .recorded(let known) = marks[mark] { known === event } else { false }
    }

    // MARK: Abort

    private func abort(_ number: UInt32) {
        shared.aborts.remove(number)
        guard let stream = try? starter.stream(number) else { return }
        stream.fault = nil
        if stream.isEmpty { return }
        lookAtStreams()
        do throws(DeviceError) {
            try runtime.select(shared.device)
            try unsafe runtime.abort(stream.handle)
        } catch {
            // What is on the stream goes on, and completes as it does.
            return
        }
        // Events that were dropped with the rest may read as reached while an operation still runs:
        // only one recorded now says that the device is past all of it.
        closeBatch(of: stream, mark: nil)
        guard let gate = stream.batches.last?.event else { return }
        stream.operations.updateEach { $0.failure = $0.failure ?? .aborted }
        stream.batches.updateEach { batch in
            guard batch.event !== gate, batch.gate == nil else { return }
            events.hold(gate)
            batch.gate = gate
        }
    }
}
