import Wire

/// Hands completions to the loop, in order, however slow the loop is in taking them.
struct CompletionWriter {
    private var writer: WordRingWriter
    private let doorbell: LoopDoorbell
    /// What did not fit. It is bounded by what the loop has submitted.
    private var waiting = Fifo<(frame: WordFrame, rest: [UInt64])>()
    private var hasNews = false

    init(_ ring: WordRing, _ doorbell: LoopDoorbell) {
        writer = WordRingWriter(ring)
        self.doorbell = doorbell
    }

    var isBehind: Bool { !waiting.isEmpty }

    mutating func write(_ frame: WordFrame) {
        hasNews = true
        let empty = unsafe UnsafeBufferPointer<UInt64>(start: nil, count: 0)
        if waiting.isEmpty, unsafe writer.write(frame, empty) { return }
        waiting.append((frame, []))
    }

    mutating func write(_ framed: (frame: WordFrame, rest: [UInt64])) {
        hasNews = true
        if waiting.isEmpty, writeNow(framed) { return }
        waiting.append(framed)
    }

    /// Writes what did not fit before, and wakes the loop where it sleeps.
    mutating func publish() {
        while let first = waiting.first, writeNow(first) { _ = waiting.popFirst() }
        guard hasNews else { return }
        hasNews = isBehind
        doorbell.ringIfLoopSleeps()
    }

    private mutating func writeNow(_ framed: (frame: WordFrame, rest: [UInt64])) -> Bool {
        unsafe framed.rest.withUnsafeBufferPointer { rest in unsafe writer.write(framed.frame, rest)
        }
    }
}
