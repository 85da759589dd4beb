import CWire
package import LinuxIO
import Synchronization

/// The program's end of a ring, as libflexnpu.so does it: for tests.
package struct RingProducer {
    package let memory: SharedMemory
    package private(set) var tail: UInt64 = 0
    private var sequence: UInt32 = 0
    private let dataBytes: UInt64

    package init(memory: SharedMemory) {
        self.memory = memory
        dataBytes = UInt64(memory.count) - UInt64(FX_RING_DATA_OFFSET)
    }

    package struct Call {
        package var function: UInt16 = 7
        package var verb = 0
        package var flags: UInt8 = 0
        package var stream: UInt64 = 0
        package var words: [UInt64] = []
        package var operands: [UInt64] = []
        package var bytes: [UInt8] = []
        /// When it was made; nil: ten ticks after the record before it.
        package var ticks: UInt64?
        package init(
            function: UInt16 = 7, verb: Int = 0, flags: UInt8 = 0, stream: UInt64 = 0,
            words: [UInt64] = [], operands: [UInt64] = [], bytes: [UInt8] = [],
            ticks: UInt64? = nil
        ) {
            self.ticks = ticks
            self.function = function
            self.verb = verb
            self.flags = flags
            self.stream = stream
            self.words = words
            self.operands = operands
            self.bytes = bytes
        }
        package var size: Int {
            MemoryLayout<fx_record>.size + 8 * (words.count + operands.count) + (bytes.count + 7)
                & ~7
        }
    }

    /// Writes the call, or returns false where there is no room for it.
    package mutating func publish(_ call: Call) -> Bool {
        let size = UInt64(call.size)
        let untilEnd = dataBytes - tail % dataBytes
        let padding = size <= untilEnd ? 0 : untilEnd
        guard roomBytes >= size + padding else { return false }
        if padding > 0 {
            write(UInt64(padding) << 32 | UInt64(FX_RECORD_PADDING), at: 0)
            tail += padding
        }
        sequence += 1
        var record = fx_record()
        record.size = UInt32(size)
        record.function = call.function
        record.verb = UInt8(call.verb)
        record.flags = call.flags
        record.sequence = sequence
        record.ticks = call.ticks ?? UInt64(sequence) * 10
        record.stream = call.stream
        record.words = UInt16(call.words.count)
        record.operands = UInt16(call.operands.count)
        record.bytes = UInt32(call.bytes.count)
        let headWords = withUnsafeBytes(of: record) { Array($0.bindMemory(to: UInt64.self)) }
        var rest = call.bytes + [UInt8](repeating: 0, count: -call.bytes.count & 7)
        var payload: [UInt64] = []
        while !rest.isEmpty {
            payload.append(rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
            rest.removeFirst(8)
        }
        for (index, word) in (headWords + call.words + call.operands + payload).enumerated() {
            write(word, at: index * 8)
        }
        tail += size
        field(\.tail).pointee.store(tail, ordering: .sequentiallyConsistent)
        return true
    }

    /// The last record's number.
    package var lastSequence: UInt32 { sequence }

    /// What the daemon answered last.
    package var answer: Answer {
        let ring = memory.base.assumingMemoryBound(to: fx_ring.self)
        let words = ring.pointee.reply_words
        let bytes = UnsafeRawBufferPointer(
            start: memory.base + (MemoryLayout<fx_ring>.offset(of: \.reply) ?? 0),
            count: Int(ring.pointee.reply_bytes))
        return Answer(
            sequence: ring.pointee.reply_sequence, status: ring.pointee.reply_status,
            words: [words.0, words.1, words.2, words.3],
            text: String(decoding: bytes, as: UTF8.self))
    }

    /// An answer as it lies in the ring.
    package struct Answer: Equatable {
        package var sequence: UInt32
        package var status: Int32
        package var words: [UInt64]
        package var text: String
    }

    /// Writes over the status of the last answer.
    package func pretend(status: Int32) {
        memory.base.assumingMemoryBound(to: fx_ring.self).pointee.reply_status = status
    }

    /// Bytes that a record may have now and find room; 0 where a pretended tail led the head astray.
    package var roomBytes: UInt64 {
        let used = tail &- field(\.head).pointee.load(ordering: .acquiring)
        return used <= dataBytes ? dataBytes - used : 0
    }

    /// The thread is gone.
    package func finish() {
        memory.base.assumingMemoryBound(to: fx_ring.self).pointee.finished = 1
    }

    /// A loss: the number is used up, nothing is written.
    package mutating func drop() { sequence += 1 }

    /// Sets the tail to anything at all.
    package func pretend(tail: UInt64) {
        field(\.tail).pointee.store(tail, ordering: .sequentiallyConsistent)
    }

    /// Says that so many records were dropped.
    package func pretend(dropped: UInt64) {
        field(\.dropped).pointee.store(dropped, ordering: .relaxed)
    }

    /// Plain relaxed words, as both sides use them, so that the thread sanitizer knows what is
    /// meant.
    package func write(_ word: UInt64, at offset: Int) {
        let place = Int(FX_RING_DATA_OFFSET) + Int(tail % dataBytes) + offset
        atomic64(place).pointee.store(word, ordering: .relaxed)
    }

    /// Writes a word anywhere into the data, whatever lies there.
    package func scribble(_ word: UInt64, at position: UInt64) {
        let place = Int(FX_RING_DATA_OFFSET) + Int(position % dataBytes & ~7)
        atomic64(place).pointee.store(word, ordering: .relaxed)
    }

    private func field(_ field: KeyPath<fx_ring, UInt64>) -> UnsafePointer<Atomic<UInt64>> {
        atomic64(MemoryLayout<fx_ring>.offset(of: field) ?? 0)
    }

    private func atomic64(_ offset: Int) -> UnsafePointer<Atomic<UInt64>> {
        UnsafeRawPointer(memory.base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}
