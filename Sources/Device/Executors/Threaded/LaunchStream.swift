import Wire

/// A stream as the device's thread has it: what was put on it and is not known to be done.
final class LaunchStream: StreamWork {
    /// An operation on the device, or one that failed and waits for its turn to be told.
    // Safe to hold: `data` is the device's to read; the stream frees it once, when the copy is
    // done.
    @safe struct Operation {
        var ticket: UInt64
        var submittedAt: Nanoseconds
        var predicted: Nanoseconds
        var failure: DeviceError?
        /// When it was done, where the device computes in the thread that launches.
        var doneAt: Nanoseconds?
        /// A copy's data, which must stay until the device has read it.
        var data: UnsafeMutableRawPointer?
    }

    /// Operations with an event behind them.
    struct Batch {
        var operationCount: Int
        var predicted: Nanoseconds
        var event: EventRecord
        /// After an abort: the event that says that the device is past all of it.
        var gate: EventRecord?
        var mark: UInt32?
        /// Records of other streams that the batch's first operation waited for.
        var waits: [EventRecord]
        var isAborted = false
    }

    var operations = Fifo<Operation>()
    var batches = Fifo<Batch>()
    /// Of `operations`, those behind the last event; and what they wait for.
    private(set) var openCount = 0
    private(set) var openPredicted: Nanoseconds = 0
    var openWaits: [EventRecord] = []
    var lastEnd: Nanoseconds = 0
    var nextLook: Nanoseconds = 0
    /// It is in the thread's list of streams with something on the device.
    var isListed = false
    /// It is in the thread's list of streams with operations behind which no event is recorded.
    var isOpen = false
    /// No command for it follows.
    var isLeaving = false
    /// Why nothing more may be put on it: order would be broken.
    var fault: DeviceError?

    /// Nothing on it can wait for another stream.
    var isFree: Bool { openWaits.isEmpty && !batches.contains { !$0.waits.isEmpty } }

    var isEmpty: Bool { operations.isEmpty && batches.isEmpty && openWaits.isEmpty }

    /// When the next event is reached, as far as predictions go.
    var predictedEnd: Nanoseconds {
        guard let batch = batches.first else { return lastEnd }
        return max(lastEnd, operations.first?.submittedAt ?? lastEnd) + batch.predicted
    }

    func append(_ operation: Operation) {
        operations.append(operation)
        openCount += 1
        openPredicted += max(1, operation.predicted)
    }

    /// Puts what is open into a batch that `event` ends.
    func close(with event: EventRecord, mark: UInt32?) {
        batches.append(
            Batch(
                operationCount: openCount, predicted: openPredicted, event: event, mark: mark,
                waits: openWaits))
        forgetOpen()
        openWaits.removeAll()
    }

    /// Nothing is behind the last event any more.
    func forgetOpen() {
        openCount = 0
        openPredicted = 0
    }

    /// When an event is to be recorded behind what is open, as far as is known now.
    ///
    /// Before the stream runs dry, or its end would be learned late; but an event is a task of the
    /// device too, so while two are to be reached, or one that is not near, what comes gathers
    /// behind them.
    func recordTime(margin: Nanoseconds) -> Nanoseconds {
        batches.isEmpty ? 0 : batches.count == 1 ? predictedEnd - margin : .max
    }
}
