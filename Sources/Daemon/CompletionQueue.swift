import Device
import LinuxIO
import Scheduling
import Wire

/// Learns from the device when operations are done, where they do not run in the loop itself: an
/// event is recorded after each, and the oldest of every stream is asked about.
struct CompletionQueue {
    private struct Expected {
        var dispatch: DispatchedOperation
        var event: DeviceHandle
        var startedAt: Nanoseconds
    }

    private let runtime: AscendRuntime
    private var streams: [(stream: StreamSlot, expected: [Expected])] = []
    private var freeEvents: [(event: DeviceHandle, device: Int32)] = []
    /// Between two looks at the device while something is in flight and nothing else is to do.
    private static let pollNanoseconds: Nanoseconds = 20_000

    init(runtime: AscendRuntime) { self.runtime = runtime }

    /// Records an event behind the operation that was just put on `stream`.
    mutating func expect(
        _ dispatch: DispatchedOperation, on stream: StreamSlot, startedAt: Nanoseconds
    )
        throws(DeviceError)
    {
        let event = try takeEvent(of: stream.device)
        try runtime.record(event, on: stream.deviceStream)
        let expected = Expected(dispatch: dispatch, event: event, startedAt: startedAt)
        if let index = streams.firstIndex(where: { $0.stream === stream }) {
            streams[index].expected.append(expected)
        } else {
            streams.append((stream, [expected]))
        }
    }

    private mutating func takeEvent(of device: Int32) throws(DeviceError) -> DeviceHandle {
        if let index = freeEvents.lastIndex(where: { $0.device == device }) {
            return freeEvents.remove(at: index).event
        }
        return try runtime.createEvent()
    }

    /// Whether something of that stream is still on the device.
    func isBusy(_ stream: StreamSlot) -> Bool { streams.contains { $0.stream === stream } }

    /// When to look again; nil while nothing is in flight.
    func nextPoll(now: Nanoseconds) -> Nanoseconds? {
        streams.isEmpty ? nil : now + Self.pollNanoseconds
    }

    /// Finishes what the device is done with. Returns whether anything was.
    mutating func poll(on loop: DispatchLoop) -> Bool {
        guard !streams.isEmpty else { return false }
        var progress = false
        for index in streams.indices {
            while let first = streams[index].expected.first {
                let stream = streams[index].stream
                let failure = outcome(of: first.event, on: stream.device)
                guard let failure else { break }
                streams[index].expected.removeFirst()
                freeEvents.append((first.event, stream.device))
                progress = true
                loop.finish(
                    first.dispatch, loop.store[first.dispatch.payload], startedAt: first.startedAt,
                    finishedAt: loop.clock.now(), failure)
            }
        }
        streams.removeAll { $0.expected.isEmpty }
        return progress
    }

    /// Nil: not yet. Else nil or the error inside.
    private func outcome(of event: DeviceHandle, on device: Int32) -> DeviceError?? {
        do throws(DeviceError) {
            try runtime.select(device)
            return try runtime.isComplete(event) ? .some(nil) : nil
        } catch {
            return .some(error)
        }
    }
}
