package import Wire

/// Something that a device is done with.
///
/// Times are the device's, on the monotonic clock of this host. Within a stream, completions come
/// in the order of the commands.
package enum DeviceCompletion: Sendable, Equatable {
    case operation(ticket: UInt64, startedAt: Nanoseconds, finishedAt: Nanoseconds)
    case failed(
        ticket: UInt64, error: DeviceError, startedAt: Nanoseconds, finishedAt: Nanoseconds)
    case markReached(mark: UInt32, at: Nanoseconds)
    /// Nothing more will come of the mark: it could not be put on the device, or work before it
    /// failed. Streams that wait for it on the device go on in the second case only.
    case markFailed(mark: UInt32, error: DeviceError)
    case answer(ticket: UInt64, DeviceAnswer)
}
