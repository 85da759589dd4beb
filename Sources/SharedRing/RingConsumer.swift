import CWire
package import LinuxIO

/// The daemon's end of one thread's ring.
///
/// The program may change any byte at any time, so nothing in the ring is believed: a record is
/// copied out first and checked on the copy, the daemon's own position is kept here, and a program
/// that breaks the protocol gets an error thrown at whoever reads for it.
// Safe: the pointers lead into `memory`, which is held as long, and every position is masked or
// checked against its size.
@safe package final class RingConsumer {
    let memory: SharedMemory
    let tail: UnsafeMutablePointer<UInt64>
    private let head: UnsafeMutablePointer<UInt64>
    let data: UnsafeMutablePointer<UInt64>
    let dataBytes: UInt64
    /// `dataBytes` is a power of two: this takes a position to its place.
    let mask: UInt64
    /// Bytes consumed so far. Seen in this module alone, so that the compiler knows all its accesses
    /// and checks none while the program runs.
    var consumed: UInt64 = 0
    /// How far records are visible: the tail as it was last read.
    var visible: UInt64 = 0
    /// The position at which a waiting producer was last looked for.
    private var announced: UInt64 = 0
    private let buffer: UnsafeMutableBufferPointer<UInt64>
    private var lastSequence: UInt32 = 0
    /// Asks are answered once each, which tests hold by this count.
    package internal(set) var answersGiven: UInt64 = 0
    private var missing: UInt64 = 0

    /// Takes over the memory of a new ring and writes its head.
    package init(memory: SharedMemory, thread: UInt32) throws(RingError) {
        let offset = Int(FX_RING_DATA_OFFSET)
        let bytes = memory.count - offset
        guard bytes >= 65_536, bytes.nonzeroBitCount == 1 else {
            throw .tooSmall(bytes: memory.count)
        }
        self.memory = memory
        dataBytes = UInt64(bytes)
        mask = UInt64(bytes) - 1
        unsafe tail = memory.base.word64(RingLayout.tail)
        unsafe head = memory.base.word64(RingLayout.head)
        unsafe data = memory.base.word64(offset)
        unsafe buffer = .allocate(capacity: Int(FX_RECORD_LIMIT) / 8)
        let ring = unsafe memory.base.assumingMemoryBound(to: fx_ring.self)
        unsafe ring.pointee.magic = FX_MAGIC
        unsafe ring.pointee.version = FX_WIRE_VERSION
        unsafe ring.pointee.data_bytes = UInt32(bytes)
        unsafe ring.pointee.thread = thread
    }

    deinit { unsafe buffer.deallocate() }

    /// Bytes consumed so far.
    package var position: UInt64 { consumed }

    /// Whether the program has published something that was not taken yet. Sequentially consistent
    /// (a plain load on x86-64), because it is asked after `setDaemonSleeping`.
    package var hasRecords: Bool { unsafe tail.loadSequential() != consumed }

    /// The tail, read so that it is ordered with the other rings' and with the sleeping flag.
    package func publishedTail() -> UInt64 { unsafe tail.loadSequential() }

    /// Makes everything that is published by now visible to `next`.
    package func extendView() throws(RingError) {
        let published = unsafe tail.loadSequential()
        guard published &- consumed <= dataBytes, published % 8 == 0 else {
            throw .tailAhead(tail: published, head: consumed)
        }
        visible = published
    }

    /// The time stamp of the next visible record, or nil where none is visible. Only a hint: it is
    /// read from shared memory.
    package func nextTicks() -> UInt64? {
        skipPadding()
        guard visible &- consumed >= UInt64(MemoryLayout<fx_record>.size) else { return nil }
        return unsafe word(at: consumed &+ UInt64(RingLayout.ticks)).loadRelaxed()
    }

    /// The verb of the next visible record, as `nextTicks`.
    package func nextVerb() -> UInt8? {
        skipPadding()
        guard visible &- consumed >= UInt64(MemoryLayout<fx_record>.size) else { return nil }
        return unsafe UInt8(truncatingIfNeeded: word(at: consumed).loadRelaxed() >> 16)
    }

    /// Copies the next visible record out, frees its place and returns it; nil where none is
    /// visible.
    package func next() throws(RingError) -> RecordView? {
        skipPadding()
        let available = visible &- consumed
        guard available > 0 else { return nil }
        let size = unsafe UInt32(word(at: consumed).loadRelaxed() >> 32)
        let headBytes = UInt32(MemoryLayout<fx_record>.size)
        let untilEnd = dataBytes - (consumed & mask)
        guard size >= headBytes, size % 8 == 0, size <= FX_RECORD_LIMIT,
            UInt64(size) <= min(available, untilEnd)
        else { throw .recordSize(size, available: min(available, untilEnd)) }
        let words = Int(size) / 8
        let source = unsafe word(at: consumed)
        for index in 0..<words { unsafe buffer[index] = unsafe (source + index).loadRelaxed() }
        let record = unsafe RecordView(
            checked: UnsafeBufferPointer(start: buffer.baseAddress, count: words))
        try check(record, size: size)
        advance(by: UInt64(size))
        count(record.sequence)
        return record
    }

    private func check(_ record: borrowing RecordView, size: UInt32) throws(RingError) {
        let payload = (RecordView.headWords + record.wordCount + record.operandCount) * 8
        let bytes = (record.byteCount + 7) & ~7
        guard unsafe UInt32(record.storage[0] >> 32) == size, payload + bytes == Int(size)
        else {
            throw .recordCounts(
                words: record.wordCount, operands: record.operandCount, bytes: record.byteCount,
                size: size)
        }
        guard record.function < FX_FUNCTION_LIMIT else { throw .function(record.function) }
    }

    /// A record never wraps: where it would, padding fills the end.
    func skipPadding() {
        while visible &- consumed >= 8 {
            let first = unsafe word(at: consumed).loadRelaxed()
            guard first & 0xffff == UInt64(FX_RECORD_PADDING) else {
                return
            }
            let untilEnd = dataBytes - (consumed & mask)
            guard untilEnd <= visible &- consumed else { return }
            advance(by: untilEnd)
        }
    }

    func word(at position: UInt64) -> UnsafeMutablePointer<UInt64> {
        unsafe data + Int((position & mask) / 8)
    }

    func advance(by bytes: UInt64) {
        consumed &+= bytes
        guard consumed == visible || consumed &- announced >= dataBytes / 4 else {
            return unsafe head.storeReleasing(consumed)
        }
        announced = consumed
        // A producer that found no room sets its flag and looks at the head again before it sleeps:
        // this store and the load after it must not change places, or both sides could miss each
        // other. A quarter of the ring, or all that was visible, is often enough for that: until
        // then there is more to come.
        unsafe head.storeSequential(consumed)
        let waiting = unsafe memory.base.word32(RingLayout.producerWaiting)
        if unsafe waiting.loadSequential() != 0 {
            let freed = unsafe memory.base.word32(RingLayout.spaceFreed)
            unsafe freed.add(1)
            unsafe Futex.wake(freed)
        }
    }

    func count(_ sequence: UInt32) {
        let gap = sequence &- lastSequence &- 1
        // A gap the size of half the numbers is a program that writes nonsense, not a loss.
        if gap < 1 << 31 { missing += UInt64(gap) }
        lastSequence = sequence
    }

    /// Records lost so far: gaps in the numbers and, after the last record, what the program says
    /// it dropped. At most `lostMax`, so that the rings of all programs can be added up.
    package var lost: UInt64 {
        let told = unsafe memory.base.word64(RingLayout.dropped).loadRelaxed()
        return min(max(missing, told), Self.lostMax)
    }

    /// More than any thread can have dropped; what a program says beyond it is nonsense.
    package static let lostMax: UInt64 = 1 << 40

    /// Whether the thread has ended; what it left is still to be taken.
    package var isFinished: Bool {
        unsafe memory.base.word32(RingLayout.finished).loadAcquiring() != 0
    }
}
