package import AscendCL
import LinuxIO
import SharedRing
import Synchronization
import Trace
import TraceFiles
package import Wire

/// A recording: the loop and the thread that empties the rings of observed programs leave what
/// happened in a queue, a thread of its own puts it on disk.
///
/// When the disk is full (or anything else fails) the recording stops with a message and a count;
/// programs and the loop go on.
package final class TraceRecorder: Sendable {
    let directory: String
    private let queue: TraceQueue
    private let table: APITable
    private let isStopping = Atomic<Bool>(false)
    private let wake = Semaphore()
    private let ended = Semaphore()
    private let state: Mutex<TraceStatus>

    /// How long records wait for the trace thread at most.
    private static let periodMilliseconds = 20
    /// How long a call may wait for its packet to be full.
    private static let flushNanoseconds: Nanoseconds = 200_000_000
    /// A batch after which the next is taken at once.
    private static let muchBytes = 1 << 20

    /// Makes the folder, writes the trace's beginning and starts the thread.
    package init(
        directory: String, table: APITable, environment: [String: String], limits: DaemonLimits
    ) throws {
        self.directory = directory
        self.table = table
        queue = TraceQueue(limitBytes: limits.traceQueueBytes)
        state = Mutex(TraceStatus(directory: directory))
        let sink = try FileTraceSink(directory: directory)
        let writer = try TraceWriter(
            sink: sink, table: table,
            clock: TraceClock(wallOffsetNanoseconds: MonotonicClock.wallOffsetNanoseconds()),
            environment: environment)
        // The writer is the trace thread's alone from here on.
        let handOver = SendOnce(writer)
        try startThread("flexnpu-trace") { [self] in
            if let writer = handOver.take() { run(writer) }
            ended.signal()
        }
    }

    var status: TraceStatus { state.withLock { $0 } }

    /// Writes what is there and closes the trace; returns when it is on disk.
    package func stop() -> TraceStatus {
        isStopping.store(true, ordering: .releasing)
        wake.signal()
        ended.wait()
        return status
    }

    func append(_ event: TraceEvent, client: ClientID? = nil) {
        queue.append(event, client: client)
    }

    func append(_ call: RecordedCall, record: RecordView) { queue.append(call, record: record) }
    func append(_ call: RecordedCall, record: RecordCopy) { queue.append(call, record: record) }

    /// A buffer for a piece of a ring, or nil while the disk is behind.
    func takeBuffer(words: Int) -> [UInt64]? { queue.takeBuffer(words: words) }

    func append(_ piece: RecordPiece) {
        if queue.append(piece) { wake.signal() }
    }

    private func run(_ writer: TraceWriter) {
        var batch = TraceQueue.Batch()
        var flushedAt = MonotonicClock.now()
        do {
            while true {
                let stopping = isStopping.load(ordering: .acquiring)
                queue.take(reusing: &batch)
                try write(&batch, with: writer)
                publish(writer)
                if stopping { break }
                let now = MonotonicClock.now()
                if batch.entries.isEmpty {
                    try writer.flush()
                } else if now - flushedAt > Self.flushNanoseconds {
                    // A thread that calls now and then is seen beside one that never rests.
                    try writer.flushRecords()
                    flushedAt = now
                }
                // What is much is not waited for: more of it is there by now.
                guard batch.bytes < Self.muchBytes else { continue }
                _ = wake.wait(milliseconds: Self.periodMilliseconds)
            }
            try writer.close()
            publish(writer)
        } catch {
            state.withLock { $0.failure = "\(error)" }
            drainUntilStopped()
        }
    }

    /// After a failure: what comes is counted as lost until somebody stops the recording.
    private func drainUntilStopped() {
        var batch = TraceQueue.Batch()
        while true {
            let stopping = isStopping.load(ordering: .acquiring)
            queue.take(reusing: &batch)
            countLost(batch, from: 0)
            if stopping { return }
            _ = wake.wait(milliseconds: Self.periodMilliseconds)
        }
    }

    /// Counts what a batch holds from an entry on, and what did not get into it.
    private func countLost(_ batch: TraceQueue.Batch, from first: Int) {
        var count = batch.lost.values.reduce(0, +)
        for entry in batch.entries[min(first, batch.entries.count)...] {
            switch entry {
            case .call: count += 1
            case .piece(let piece): count += UInt64(piece.records)
            case .event(.lost(let lost)): count &+= lost.count
            case .event, .taken: break
            }
        }
        let more = count
        state.withLock { $0.lost &+= more }
    }

    private func publish(_ writer: TraceWriter) {
        state.withLock { status in
            status.events = writer.counters.events
            status.bytes = writer.counters.bytes
            status.lost = writer.counters.lost
        }
    }

    private func write(
        _ batch: inout TraceQueue.Batch, with writer: TraceWriter
    ) throws(TraceError) {
        var index = 0
        do throws(TraceError) {
            while index < batch.entries.count {
                try write(entry: index, of: &batch, with: writer)
                index += 1
            }
            let now = MonotonicClock.now()
            for (client, count) in batch.lost.sorted(by: { $0.key < $1.key }) {
                try writer.append(
                    .lost(LostEvent(time: now, client: client, thread: 0, count: count)))
            }
        } catch {
            publish(writer)
            countLost(batch, from: index)
            throw error
        }
    }

    private func write(
        entry index: Int, of batch: inout TraceQueue.Batch, with writer: TraceWriter
    ) throws(TraceError) {
        switch batch.entries[index] {
        case .taken: break
        case .event(let event): try writer.append(event)
        case .call(let raw):
            try writer.append(
                raw.call, record: batch.words[raw.start..<raw.start + raw.count],
                isKernel: raw.isKernel)
        case .piece(var piece):
            // The writer changes it where it lies: the batch must not hold it as well.
            batch.entries[index] = .taken
            try writer.append(&piece)
            queue.giveBack(piece.words)
        }
    }
}

/// Hands one value from the thread that made it to the one that will own it.
// Taken at most once, under the lock, and never used by the giver again.
private final class SendOnce<Value>: @unchecked Sendable {
    private let lock = Mutex<Bool>(true)
    private var value: Value?
    init(_ value: Value) { self.value = value }
    func take() -> Value? {
        lock.withLock { _ in
            defer { value = nil }
            return value
        }
    }
}
