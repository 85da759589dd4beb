import Synchronization

/// Streams that are destroyed once the device's thread has let go of them.
///
/// Commands and asks travel beside each other. A record or wait that is still on its way, or an
/// event that is not known to be reached, would find its stream gone, or another in its place.
final class StreamDepartures: Sendable {
    private let waiting = Mutex<[UInt32: (lane: Lane, ticket: UInt64)]>([:])

    func add(_ stream: UInt32, lane: Lane, ticket: UInt64) {
        waiting.withLock { $0[stream] = (lane, ticket) }
    }

    /// The device's thread has let go of the stream.
    func depart(_ stream: UInt32) {
        guard let (lane, ticket) = waiting.withLock({ $0.removeValue(forKey: stream) }) else {
            return
        }
        lane.appendExpected(.destroyStream(stream), ticket: ticket)
    }
}
