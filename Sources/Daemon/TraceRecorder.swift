import AscendCL
import CWire
import LinuxIO
import Scheduling
import SharedRing
import Synchronization
import Trace
import TraceFiles
import Wire

/// A recording: the loop leaves what happened in a queue, a thread of its own turns it into a trace
/// on disk.
///
/// When the disk is full (or anything else fails) the recording stops with a message and a count;
/// programs and the loop go on.
final class TraceRecorder: Sendable {
    let directory: String
    private let queue: TraceQueue
    private let table: APITable
    private let isStopping = Atomic<Bool>(false)
    private let wake = Semaphore()
    private let ended = Semaphore()
    private let state: Mutex<TraceStatus>

    /// How long records wait for the trace thread at most.
    private static let periodMilliseconds = 20

    /// Makes the folder, writes the trace's beginning and starts the thread.
    init(directory: String, table: APITable, environment: [String: String], limits: DaemonLimits)
        throws
    {
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
    func stop() -> TraceStatus {
        isStopping.store(true, ordering: .releasing)
        wake.signal()
        ended.wait()
        return status
    }

    func append(_ event: TraceEvent, client: ClientID? = nil) {
        queue.append(event, client: client)
    }

    func append(_ call: TraceQueue.RawCall, record: UnsafeBufferPointer<UInt64>) {
        queue.append(call, record: record)
    }

    private func run(_ writer: TraceWriter) {
        var batch = TraceQueue.Batch()
        do {
            while true {
                let stopping = isStopping.load(ordering: .acquiring)
                queue.take(reusing: &batch)
                try write(batch, with: writer)
                publish(writer, batch)
                if stopping { break }
                if batch.entries.isEmpty { try writer.flush() }
                _ = wake.wait(milliseconds: Self.periodMilliseconds)
            }
            try writer.close()
            publish(writer, TraceQueue.Batch())
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
            let count = UInt64(batch.entries.count) + batch.lost.values.reduce(0, +)
            state.withLock { $0.lost += count }
            if stopping { return }
            _ = wake.wait(milliseconds: Self.periodMilliseconds)
        }
    }

    private func publish(_ writer: TraceWriter, _ batch: TraceQueue.Batch) {
        state.withLock { status in
            status.events = writer.counters.events
            status.bytes = writer.counters.bytes
            status.lost += batch.lost.values.reduce(0, +)
        }
    }

    private func write(_ batch: TraceQueue.Batch, with writer: TraceWriter) throws(TraceError) {
        for entry in batch.entries {
            switch entry {
            case .event(let event): try writer.append(event)
            case .call(let call): try writer.append(.call(event(of: call, in: batch)))
            }
        }
        let now = MonotonicClock.now()
        for (client, count) in batch.lost.sorted(by: { $0.key < $1.key }) {
            try writer.append(
                .lost(LostEvent(time: now, client: client, thread: 0, count: count)))
        }
    }

    /// A raw record as an event.
    private func event(of call: TraceQueue.RawCall, in batch: TraceQueue.Batch) -> CallEvent {
        batch.words.withUnsafeBufferPointer { all in
            let raw = UnsafeBufferPointer(rebasing: all[call.start..<call.start + call.count])
            let record = UnsafeRawPointer(raw.baseAddress.unsafelyUnwrapped).load(
                as: fx_record.self)
            let head = MemoryLayout<fx_record>.size / 8
            let words = head + Int(record.words)
            let operands = words + Int(record.operands)
            let isKernel = Int(record.verb) == FX_VERB_KERNEL
            let bytes = isKernel || record.words == 0 ? 0 : Int(record.bytes)
            let tail = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: raw[operands...]))
            return CallEvent(
                time: call.time, durationNanoseconds: call.durationNanoseconds, client: call.client,
                thread: call.thread, sequence: record.sequence,
                function: FunctionID(rawValue: record.function), flags: record.flags,
                result: call.result, stream: record.stream, words: Array(raw[head..<words]),
                bytes: Array(tail[..<min(bytes, tail.count)]),
                signature: isKernel ? UInt32(truncatingIfNeeded: raw[words]) : 0,
                addresses: isKernel ? Array(raw[(words + 1)..<operands]) : [])
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
