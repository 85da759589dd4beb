import Wire

/// What happens when: entries come out by time, those of one time in the order in which they were
/// put in.
struct Agenda<Entry> {
    private struct Slot {
        var time: Nanoseconds
        var order: UInt64
        var entry: Entry
    }
    /// A binary heap.
    private var heap: ContiguousArray<Slot> = []
    private var order: UInt64 = 0

    /// .max where nothing is left.
    private(set) var nextTime: Nanoseconds = .max

    mutating func add(_ entry: Entry, at time: Nanoseconds) {
        order += 1
        heap.append(Slot(time: time, order: order, entry: entry))
        nextTime = min(nextTime, time)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(child, parent) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> (time: Nanoseconds, entry: Entry)? {
        guard !heap.isEmpty else { return nil }
        heap.swapAt(0, heap.count - 1)
        let slot = heap.removeLast()
        defer { nextTime = heap.first?.time ?? .max }
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if isBefore(child, least) { least = child }
            }
            if least == parent { return (slot.time, slot.entry) }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ a: Int, _ b: Int) -> Bool {
        (heap[a].time, heap[a].order) < (heap[b].time, heap[b].order)
    }
}
