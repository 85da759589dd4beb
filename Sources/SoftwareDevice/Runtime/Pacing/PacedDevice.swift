import CostModel
import Wire

/// A device's chip under way, and the real computation that goes with it. Guarded by the platform's
/// lock.
///
/// The timeline says when things end on the chip. What has ended there is kept in that order; an
/// entry at its head is complete when its arithmetic, if it has any, is done. That order puts
/// whatever an operation depends on before it, so arithmetic in that order is right, and so is
/// arithmetic of operations that the chip has started while nothing that ended is left to compute.
final class PacedDevice {
    private(set) var timeline: ChipTimeline
    private var entries: ContiguousArray<PacedEntry?> = []
    private var unused: [Int] = []
    private var nextSerial: UInt64 = 0
    /// Slots of what ended on the chip and is not complete, in the order of the ends.
    private var ended = Queue<Int>()
    /// Slots of what the chip has started and is still to be computed, in the order of the starts.
    private var started: [Int] = []
    /// Entries whose arithmetic has not begun.
    private(set) var uncomputedCount = 0
    var lateness = Lateness()
    /// Copies that a thread waits for on the spot; made with the first.
    var directStream: Stream?
    /// Until when its worker sleeps, on the monotonic clock.
    var workerSleepsUntil: UInt64 = 0

    init(chip: Chip, settings: ChipSettings) {
        timeline = ChipTimeline(chip: chip, settings: settings)
    }

    func addStream(priority: Int) -> ChipStream { timeline.addStream(priority: priority) }

    func removeStream(_ stream: ChipStream) { timeline.removeStream(stream) }

    // MARK: Submitting

    /// Puts `task` on the chip's stream at `time`; nil is work without a task.
    func submit(
        _ task: StreamTask?, work: ChipWork, on stream: Stream, at time: Nanoseconds
    ) {
        guard let chipStream = stream.chipStream else { return }
        let place = addEntry(task, on: stream)
        let now = max(time, timeline.now)
        switch task {
        case .record(let mark)?:
            mark.place = place
            timeline.record(place.tag, on: chipStream, at: now)
        case .wait(let mark, _)?:
            timeline.wait(for: mark.place?.tag ?? .max, on: chipStream, at: now)
            // The timeline does not tell when a wait is over; work that takes no time does.
            timeline.submit(work, to: chipStream, tag: place.tag, at: now)
        case .launch?, .copy?, .fill?, nil:
            timeline.submit(work, to: chipStream, tag: place.tag, at: now)
        }
        stream.lastPlace = place
    }

    private func addEntry(_ task: StreamTask?, on stream: Stream) -> PacedPlace {
        let serial = nextSerial
        nextSerial &+= 1
        let entry = PacedEntry(
            task: task, stream: stream, serial: serial, isToCompute: task?.computes ?? false)
        if entry.isToCompute { uncomputedCount += 1 }
        let slot: Int
        if let free = unused.popLast() {
            slot = free
            entries[slot] = entry
        } else {
            slot = entries.count
            entries.append(entry)
        }
        return PacedPlace(device: self, slot: slot, serial: serial)
    }

    // MARK: The chip's time

    func advance(to time: Nanoseconds) {
        if time > timeline.now { timeline.advance(to: time) }
        while let outcome = timeline.nextOutcome() { note(outcome) }
    }

    private func note(_ outcome: ChipOutcome) {
        switch outcome {
        case .started(let tag, _, _):
            guard let slot = slot(of: tag) else { return }
            entries[slot]?.phase = .started
            if entries[slot]?.isToCompute == true { started.append(slot) }
        case .finished(let tag, _, let time, _, _): noteEnd(tag, at: time)
        case .reached(let mark, let time): noteEnd(mark, at: time)
        }
    }

    private func noteEnd(_ tag: UInt64, at time: Nanoseconds) {
        guard let slot = slot(of: tag) else { return }
        entries[slot]?.phase = .ended(time)
        ended.append(slot)
    }

    /// The slot of what was submitted as `tag`, unless it was dropped.
    private func slot(of tag: UInt64) -> Int? {
        let slot = Int(tag & PacedPlace.slotMask)
        guard slot < entries.count, let entry = entries[slot],
            PacedPlace.tag(slot: slot, serial: entry.serial) == tag
        else { return nil }
        return slot
    }

    // MARK: Completing

    /// Has it announced when `place` is complete; false where it is already.
    func await(_ place: PacedPlace) -> Bool {
        guard entries[place.slot]?.serial == place.serial else { return false }
        entries[place.slot]?.isAwaited = true
        return true
    }

    /// The next entry that is over on the chip and computed, with the chip's time of its end.
    func takeCompleted() -> (entry: PacedEntry, time: Nanoseconds)? {
        guard let slot = ended.first, let entry = entries[slot],
            case .ended(let time) = entry.phase,
            !entry.isToCompute, !entry.isComputing
        else { return nil }
        _ = ended.popFirst()
        entries[slot] = nil
        unused.append(slot)
        return (entry, time)
    }

    /// What is to be computed now: of what ended on the chip the first, else of what it has started
    /// the one that will end first.
    func nextComputation() -> Int? {
        if let first = ended.first {
            guard let entry = entries[first] else { return nil }
            if entry.isToCompute { return first }
            // It is being computed: what follows may need it.
            if entry.isComputing { return nil }
        }
        return started.min { end(of: $0) < end(of: $1) }
    }

    private func end(of slot: Int) -> Nanoseconds {
        guard let entry = entries[slot] else { return .max }
        if case .ended(let time) = entry.phase { return time }
        return timeline.projectedFinish(of: PacedPlace.tag(slot: slot, serial: entry.serial))
            ?? .max
    }

    /// Hands out the arithmetic of an entry, which is the caller's from here on.
    func beginComputing(_ slot: Int) -> (task: StreamTask, stream: Stream)? {
        started.removeAll { $0 == slot }
        uncomputedCount -= 1
        entries[slot]?.isToCompute = false
        entries[slot]?.isComputing = true
        guard let entry = entries[slot], let task = entry.task else { return nil }
        return (task, entry.stream)
    }

    /// Notes that the arithmetic is done; the chip's end of it where that is past already.
    func endComputing(_ slot: Int, _ failure: Failure?) -> Nanoseconds? {
        entries[slot]?.isComputing = false
        entries[slot]?.failure = failure
        if case .ended(let time)? = entries[slot]?.phase { return time }
        return nil
    }

    /// Takes out what `stream` has not begun, in its order.
    func drop(_ stream: Stream, at time: Nanoseconds) -> [PacedEntry] {
        guard let chipStream = stream.chipStream else { return [] }
        _ = timeline.abort(chipStream, at: max(time, timeline.now))
        while let outcome = timeline.nextOutcome() { note(outcome) }
        var dropped: [PacedEntry] = []
        for slot in entries.indices {
            guard let entry = entries[slot], entry.stream === stream, entry.phase == .queued
            else { continue }
            if entry.isToCompute { uncomputedCount -= 1 }
            entries[slot] = nil
            unused.append(slot)
            dropped.append(entry)
        }
        return dropped.sorted { $0.serial < $1.serial }
    }

    // MARK: Looking ahead

    /// How many changes one look ahead covers; a wait that takes longer looks again. A look copies
    /// the timeline, so it goes the further the more is in it.
    private var lookAheadMax: Int { max(64, (entries.count - unused.count) / 8) }

    /// When `place` ends if nothing else is submitted, or a time before that; nil where the chip is
    /// done with it.
    func projectedEnd(of place: PacedPlace) -> Nanoseconds? {
        guard let entry = entries[place.slot], entry.serial == place.serial else { return nil }
        switch entry.phase {
        case .ended: return nil
        case .started: return timeline.projectedFinish(of: place.tag) ?? timeline.nextChange
        case .queued: break
        }
        var ahead = timeline
        for _ in 0..<lookAheadMax {
            guard let time = ahead.nextChange else { break }
            ahead.advance(to: time)
            while let outcome = ahead.nextOutcome() {
                switch outcome {
                case .finished(place.tag, _, let end, _, _): return end
                case .reached(place.tag, let end): return end
                default: break
                }
            }
        }
        return ahead.now > timeline.now ? ahead.now : nil
    }
}
