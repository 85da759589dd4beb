import CWire
import LinuxIO
import Synchronization

/// The program's end of a ring, as libflexnpu.so does it: for tests.
struct RingProducer {
    let memory: SharedMemory
    private(set) var tail: UInt64 = 0
    private var sequence: UInt32 = 0
    private let dataBytes: UInt64

    init(memory: SharedMemory) {
        self.memory = memory
        dataBytes = UInt64(memory.count) - UInt64(FX_RING_DATA_OFFSET)
    }

    struct Call {
        var function: UInt16 = 7
        var verb = 0
        var flags: UInt8 = 0
        var stream: UInt64 = 0
        var words: [UInt64] = []
        var operands: [UInt64] = []
        var bytes: [UInt8] = []
        var size: Int {
            MemoryLayout<fx_record>.size + 8 * (words.count + operands.count) + (bytes.count + 7)
                & ~7
        }
    }

    /// Writes the call, or returns false where there is no room for it.
    mutating func publish(_ call: Call) -> Bool {
        let size = UInt64(call.size)
        let untilEnd = dataBytes - tail % dataBytes
        let padding = size <= untilEnd ? 0 : untilEnd
        let head = field(\.head).pointee.load(ordering: .acquiring)
        guard dataBytes - (tail - head) >= size + padding else { return false }
        if padding > 0 {
            write(UInt64(padding) | UInt64(FX_RECORD_PADDING) << 32, at: 0)
            tail += padding
        }
        sequence += 1
        var record = fx_record()
        record.size = UInt32(size)
        record.function = call.function
        record.verb = UInt8(call.verb)
        record.flags = call.flags
        record.sequence = sequence
        record.enter_ticks = UInt64(sequence) * 10
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

    /// A loss: the number is used up, nothing is written.
    mutating func drop() { sequence += 1 }

    /// Sets the tail to anything at all.
    func pretend(tail: UInt64) {
        field(\.tail).pointee.store(tail, ordering: .sequentiallyConsistent)
    }

    /// Plain relaxed words, as both sides use them, so that the thread sanitizer knows what is
    /// meant.
    func write(_ word: UInt64, at offset: Int) {
        let place = Int(FX_RING_DATA_OFFSET) + Int(tail % dataBytes) + offset
        atomic64(place).pointee.store(word, ordering: .relaxed)
    }

    private func field(_ field: KeyPath<fx_ring, UInt64>) -> UnsafePointer<Atomic<UInt64>> {
        atomic64(MemoryLayout<fx_ring>.offset(of: field) ?? 0)
    }

    private func atomic64(_ offset: Int) -> UnsafePointer<Atomic<UInt64>> {
        UnsafeRawPointer(memory.base + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }
}
