import CostModel
import Scheduling
import Wire

/// The chips of a simulation and the operations that are meant for them.
///
/// Each stream of a program is one stream of its chip. An operation is a sequence of chip works,
/// done one after another on its stream: it starts with the first and is complete with the last.
struct ChipFleet {
    /// An operation that a chip did.
    struct Completion {
        var operation: DispatchedOperation
        var startedAt: Nanoseconds
        var finishedAt: Nanoseconds
    }
    private struct Stream {
        var id: StreamID
        /// By which the scheduler names it in its orders; never used again.
        var number: UInt32
        var device: Int
        var chipStream: ChipStream
        /// Operations that were handed in and are neither done nor dropped.
        var open = 0
        var isClosed = false
    }
    private struct Operation {
        var works: [ChipWork]
        var stream: Int
        var dispatched: DispatchedOperation?
        var startedAt: Nanoseconds = 0
    }
    /// What a tag says besides the operation's place.
    private enum TagBits {
        static let first: UInt64 = 1
        static let last: UInt64 = 2
        static let shift: UInt64 = 2
    }
    /// Whether an operation's number is never used again, so that it names it in a history.
    private let keepsNumbers: Bool
    private var chips: ContiguousArray<ChipTimeline>
    private var streams: ContiguousArray<Stream> = []
    private var freeStreams: ContiguousArray<Int> = []
    private var streamPlaces: [StreamID: Int] = [:]
    private var numberedPlaces: [UInt32: Int] = [:]
    /// What the next stream will be numbered.
    private(set) var nextStreamNumber: UInt32 = 0
    private var operations: ContiguousArray<Operation> = []
    private var freeOperations: ContiguousArray<Int> = []
    private var completions: ContiguousArray<Completion> = []

    init(count: Int, chip: Chip, settings: ChipSettings, keepsNumbers: Bool) {
        let chip = ChipTimeline(chip: chip, settings: settings)
        chips = ContiguousArray(repeating: chip, count: count)
        self.keepsNumbers = keepsNumbers
    }

    // MARK: Streams

    mutating func openStream(_ id: StreamID, device: Int, priority: Int) {
        let stream = Stream(
            id: id, number: nextStreamNumber, device: device,
            chipStream: chips[device].addStream(priority: priority))
        let place = freeStreams.popLast() ?? streams.count
        if place == streams.count { streams.append(stream) } else { streams[place] = stream }
        streamPlaces[id] = place
        numberedPlaces[nextStreamNumber] = place
        nextStreamNumber += 1
    }

    /// Puts a record or a wait on a chip. Those of a stream that has gone concern nobody.
    mutating func giveOrder(_ order: DeviceOrder, now: Nanoseconds) {
        switch order {
        case .record(_, let number, let mark):
            guard let place = numberedPlaces[number] else { return }
            let stream = streams[place]
            chips[stream.device].record(UInt64(mark), on: stream.chipStream, at: now)
        case .wait(_, let number, let mark):
            guard let place = numberedPlaces[number] else { return }
            let stream = streams[place]
            chips[stream.device].wait(for: UInt64(mark), on: stream.chipStream, at: now)
        case .forget: break
        }
    }

    /// The id is free at once; the stream goes when its operations are done.
    mutating func closeStream(_ id: StreamID) {
        guard let place = streamPlaces.removeValue(forKey: id) else { return }
        streams[place].isClosed = true
        removeClosed(place)
    }

    mutating func closeStreams(of client: ClientID) {
        for place in streams.indices
        where !streams[place].isClosed && streams[place].id.client == client {
            closeStream(streams[place].id)
        }
    }

    private mutating func removeClosed(_ place: Int) {
        guard streams[place].isClosed, streams[place].open == 0 else { return }
        chips[streams[place].device].removeStream(streams[place].chipStream)
        numberedPlaces[streams[place].number] = nil
        freeStreams.append(place)
    }

    // MARK: Operations

    /// The number that the operation goes by from now on; nil where the stream is unknown.
    mutating func addOperation(_ works: [ChipWork], on id: StreamID) -> Int? {
        guard let stream = streamPlaces[id] else { return nil }
        // An operation that asks for nothing still has a start and an end.
        let works = works.isEmpty ? [ChipWork(resource: .none)] : works
        let operation = Operation(works: works, stream: stream)
        streams[stream].open += 1
        if let number = freeOperations.popLast() {
            operations[number] = operation
            return number
        }
        operations.append(operation)
        return operations.count - 1
    }

    /// Puts a dispatched operation's works on its chip.
    mutating func launch(_ dispatched: DispatchedOperation, now: Nanoseconds) {
        let number = dispatched.payload
        operations[number].dispatched = dispatched
        let stream = streams[operations[number].stream]
        let last = operations[number].works.count - 1
        for index in 0...last {
            var tag = UInt64(number) << TagBits.shift
            if index == 0 { tag |= TagBits.first }
            if index == last { tag |= TagBits.last }
            chips[stream.device].submit(
                operations[number].works[index], to: stream.chipStream, tag: tag, at: now)
        }
    }

    /// The operation is done or will never run.
    mutating func removeOperation(_ number: Int) {
        let stream = operations[number].stream
        operations[number].works = []
        streams[stream].open -= 1
        if !keepsNumbers { freeOperations.append(number) }
        if streams[stream].isClosed { removeClosed(stream) }
    }

    // MARK: Time

    /// Lets the chips go on until operations complete.
    ///
    /// - Returns: when that was; nil where none completes until `end`.
    mutating func advanceToCompletion(until end: Nanoseconds) -> Nanoseconds? {
        while true {
            var next = Nanoseconds.max
            for chip in chips.indices { next = min(next, chips[chip].nextChange ?? .max) }
            guard next < .max, next <= end else { return nil }
            advance(to: next)
            for chip in chips.indices { takeOutcomes(of: chip) }
            if !completions.isEmpty { return next }
        }
    }

    mutating func advance(to time: Nanoseconds) {
        for chip in chips.indices { chips[chip].advance(to: time) }
    }

    /// The operations that completed, chip by chip; their numbers are free. `old` is room to use
    /// again.
    mutating func takeCompletions(_ old: inout ContiguousArray<Completion>) {
        // What took no time completed as it was launched.
        for chip in chips.indices { takeOutcomes(of: chip) }
        old.removeAll(keepingCapacity: true)
        swap(&old, &completions)
    }

    private mutating func takeOutcomes(of chip: Int) {
        while let outcome = chips[chip].nextOutcome() {
            switch outcome {
            case .started(let tag, let time, _) where tag & TagBits.first != 0:
                operations[Int(tag >> TagBits.shift)].startedAt = time
            case .finished(let tag, _, let time, _, _) where tag & TagBits.last != 0:
                complete(Int(tag >> TagBits.shift), at: time)
            default: break
            }
        }
    }

    private mutating func complete(_ number: Int, at time: Nanoseconds) {
        guard let dispatched = operations[number].dispatched else { return }
        completions.append(
            Completion(
                operation: dispatched, startedAt: operations[number].startedAt, finishedAt: time))
        removeOperation(number)
    }

    func busy(device: Int) -> ChipBusy { chips[device].busy }
}
