import LinuxIO
import Synchronization

/// Memory of a one-way queue of frames of words: one thread (or process) writes, one reads.
///
/// Everything the two share lies in this memory, at fixed places, so that it may be a shared
/// mapping. A frame never wraps round the end: where it would, a frame of padding fills the rest.
// The two sides touch their own counters, and each other's only through atomics. Safe: the memory
// lives as long as the ring, and every offset is masked by its capacity.
@safe package final class WordRing: @unchecked Sendable {
    /// Words before the data: the writer's count, the reader's, and whether the reader sleeps, each
    /// in a cache line of its own.
    package static let headWords = 24
    private static let tailWord = 0
    private static let headWord = 8
    private static let sleepWord = 16

    let base: UnsafeMutablePointer<UInt64>
    let capacity: Int
    private let isOwned: Bool

    /// A ring of `capacity` words, a power of two, in memory of its own.
    package init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0)
        self.capacity = capacity
        isOwned = true
        unsafe base = .allocate(capacity: Self.headWords + capacity)
        unsafe base.initialize(repeating: 0, count: Self.headWords + capacity)
    }

    /// A ring in memory that somebody else keeps, zeroed before first use, `headWords` longer than
    /// its capacity.
    package init(in memory: UnsafeMutablePointer<UInt64>, capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0)
        self.capacity = capacity
        isOwned = false
        unsafe base = memory
    }

    deinit { if isOwned { unsafe base.deallocate() } }

    var data: UnsafeMutablePointer<UInt64> { unsafe base + Self.headWords }
    /// Words ever written.
    var tail: UnsafePointer<Atomic<UInt64>> { unsafe atomic(Self.tailWord) }
    /// Words ever read.
    var head: UnsafePointer<Atomic<UInt64>> { unsafe atomic(Self.headWord) }
    /// 1 while the reader sleeps, or is about to.
    var isReaderAsleep: UnsafePointer<Atomic<UInt32>> {
        unsafe UnsafeRawPointer(base + Self.sleepWord).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    private func atomic(_ word: Int) -> UnsafePointer<Atomic<UInt64>> {
        unsafe UnsafeRawPointer(base + word).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    private var futex: UnsafeMutablePointer<UInt32> {
        unsafe UnsafeMutableRawPointer(base + Self.sleepWord).assumingMemoryBound(to: UInt32.self)
    }

    /// Wakes a reader that sleeps. Called after something was published.
    package func wakeReader() {
        // A full barrier between the publication and this load: without it the load could be done
        // first and see a reader awake that then goes to sleep on what is published after it.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard unsafe isReaderAsleep.pointee.load(ordering: .relaxed) != 0 else { return }
        if unsafe isReaderAsleep.pointee.exchange(0, ordering: .sequentiallyConsistent) != 0 {
            unsafe Futex.wake(futex, count: 1)
        }
    }

    /// Sleeps until `wakeReader`, at most so long; not at all where `isNeeded` says that there is
    /// something to do. Called by the reader.
    package func sleepAsReader(timeoutNanoseconds: Int64, unless isNeeded: () -> Bool) {
        unsafe isReaderAsleep.pointee.store(1, ordering: .sequentiallyConsistent)
        if !isNeeded() {
            unsafe Futex.wait(futex, while: 1, timeoutNanoseconds: timeoutNanoseconds)
        }
        unsafe isReaderAsleep.pointee.store(0, ordering: .relaxed)
    }
}

/// The writing side.
package struct WordRingWriter {
    let ring: WordRing
    private var tail: UInt64
    private var knownHead: UInt64

    package init(_ ring: WordRing) {
        self.ring = ring
        tail = unsafe ring.tail.pointee.load(ordering: .relaxed)
        knownHead = unsafe ring.head.pointee.load(ordering: .acquiring)
    }

    /// Whether the reader has read everything.
    package var isDrained: Bool { unsafe ring.head.pointee.load(ordering: .acquiring) == tail }

    /// Publishes a frame; false where there is no room. A frame has at most half the ring's words.
    package mutating func write(_ frame: borrowing WordFrame, _ rest: UnsafeBufferPointer<UInt64>)
        -> Bool
    {
        let count = frame.count + rest.count
        let offset = Int(tail) & (ring.capacity - 1)
        let padding = ring.capacity - offset < count ? ring.capacity - offset : 0
        guard hasRoom(padding + count) else { return false }
        if padding > 0 { unsafe ring.data[offset] = WordFrame.padding(padding) }
        let target = unsafe ring.data + (padding > 0 ? 0 : offset)
        unsafe frame.copy(to: target)
        if let source = rest.baseAddress {
            unsafe (target + frame.count).update(from: source, count: rest.count)
        }
        tail &+= UInt64(padding + count)
        unsafe ring.tail.pointee.store(tail, ordering: .releasing)
        return true
    }

    private mutating func hasRoom(_ count: Int) -> Bool {
        if ring.capacity - Int(tail &- knownHead) >= count { return true }
        knownHead = unsafe ring.head.pointee.load(ordering: .acquiring)
        return ring.capacity - Int(tail &- knownHead) >= count
    }
}

/// The reading side.
package struct WordRingReader {
    let ring: WordRing
    private var head: UInt64
    private var knownTail: UInt64
    private var current = 0

    package init(_ ring: WordRing) {
        self.ring = ring
        head = unsafe ring.head.pointee.load(ordering: .relaxed)
        knownTail = head
    }

    /// Whether the writer has published more.
    package var hasMore: Bool {
        unsafe knownTail != head
            || ring.tail.pointee.load(ordering: .sequentiallyConsistent) != head
    }

    /// The next frame, in the ring's own memory until `finishFrame`; nil when there is none.
    package mutating func nextFrame() -> UnsafeBufferPointer<UInt64>? {
        while true {
            if knownTail == head {
                knownTail = unsafe ring.tail.pointee.load(ordering: .acquiring)
                if knownTail == head { return nil }
            }
            let offset = Int(head) & (ring.capacity - 1)
            let first = unsafe ring.data[offset]
            current = WordFrame.count(of: first)
            // The writer is trusted; a count that leaves the ring would only be a bug of ours.
            precondition(current > 0 && current <= ring.capacity - offset)
            guard WordFrame.isPadding(first) else {
                return unsafe UnsafeBufferPointer(start: ring.data + offset, count: current)
            }
            finishFrame()
        }
    }

    /// Gives the frame's room back to the writer.
    package mutating func finishFrame() {
        head &+= UInt64(current)
        unsafe ring.head.pointee.store(head, ordering: .releasing)
    }
}
