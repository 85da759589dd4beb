package import Wire

/// What the loop tells a device to do, in order.
///
/// Plain integers: no closures, no pointers, no references, so that whoever does it may be another
/// process. Words that belong to a command travel beside it.
///
/// Streams, plans and marks are small numbers that the loop hands out and uses again; an executor
/// keeps a table of each by number (`ExecutorLimits`). Tickets may be any number.
package enum DeviceCommand: Sendable, Equatable {
    case launch(LaunchCommand)
    case copy(CopyCommand)
    case fill(FillCommand)
    /// `mark` is reached when all that the stream was told before is done. Each record completes
    /// once, as `markReached` or `markFailed`.
    case record(stream: UInt32, mark: UInt32)
    /// Later work of the stream waits until `mark`, recorded before on this device, is reached.
    case wait(stream: UInt32, mark: UInt32)
    /// Nobody will wait for the mark any more; waits that were submitted before still hold. Its
    /// number may be used for another once its record has completed.
    case forgetMark(UInt32)
    /// Work of the stream that the device has not begun is dropped. What of it was submitted before
    /// and is not done completes as failed with `DeviceError.aborted`, when the device is past it.
    case abort(stream: UInt32)
    /// Cores that later operations of the stream may hold; 0: as many as there are.
    case limit(stream: UInt32, cube: UInt16, vector: UInt16)
}

/// An operation of a plan; the words beside it are the plan's values.
package struct LaunchCommand: Sendable, Equatable {
    package var ticket: UInt64
    package var stream: UInt32
    package var plan: UInt32
    /// How long it will run, as far as anybody knows. Decides when the device is looked at, and how
    /// a batch's time is divided among its operations.
    package var predictedNanoseconds: Nanoseconds
    /// Cores that this operation may hold; 0: the stream's limit holds.
    package var cubeCores: UInt16
    package var vectorCores: UInt16
    /// Options of the system that it is prepared under: a bit an aclSysParamOpt.
    package var options: UInt8

    package init(
        ticket: UInt64, stream: UInt32, plan: UInt32, predictedNanoseconds: Nanoseconds,
        cubeCores: UInt16 = 0, vectorCores: UInt16 = 0, options: UInt8 = 0
    ) {
        self.options = options
        self.ticket = ticket
        self.stream = stream
        self.plan = plan
        self.predictedNanoseconds = predictedNanoseconds
        self.cubeCores = cubeCores
        self.vectorCores = vectorCores
    }
}

/// A copy on a stream. Host addresses are this process's.
package struct CopyCommand: Sendable, Equatable {
    package var ticket: UInt64
    package var stream: UInt32
    package var destination: UInt64
    /// Not used where words travel beside the command: they hold the data then.
    package var source: UInt64
    package var bytes: UInt64
    package var kind: CopyKind
    package var predictedNanoseconds: Nanoseconds

    package init(
        ticket: UInt64, stream: UInt32, destination: UInt64, source: UInt64, bytes: UInt64,
        kind: CopyKind, predictedNanoseconds: Nanoseconds
    ) {
        self.ticket = ticket
        self.stream = stream
        self.destination = destination
        self.source = source
        self.bytes = bytes
        self.kind = kind
        self.predictedNanoseconds = predictedNanoseconds
    }
}

/// Bytes of device memory set to one value, on a stream.
package struct FillCommand: Sendable, Equatable {
    package var ticket: UInt64
    package var stream: UInt32
    package var address: UInt64
    package var bytes: UInt64
    package var value: Int32
    package var predictedNanoseconds: Nanoseconds

    package init(
        ticket: UInt64, stream: UInt32, address: UInt64, bytes: UInt64, value: Int32,
        predictedNanoseconds: Nanoseconds
    ) {
        self.ticket = ticket
        self.stream = stream
        self.address = address
        self.bytes = bytes
        self.value = value
        self.predictedNanoseconds = predictedNanoseconds
    }
}

/// How much one executor takes; beyond it, a command or an ask fails and says so.
package enum ExecutorLimits {
    /// Stream numbers are below this.
    package static let streams: UInt32 = 65_536
    /// Plan and mark numbers are below this.
    package static let numbers: UInt32 = 1 << 20
    /// Words beside one command.
    package static let commandWords = 16_384
    /// Words of commands that wait for the device's thread.
    package static let backlogWords = 16 << 20
    /// Lanes at a time, and asks that wait in one of them.
    package static let lanes = 4096
    package static let asksPerLane = 65_536
}
