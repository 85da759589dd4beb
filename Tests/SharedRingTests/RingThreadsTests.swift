import CWire
import LinuxIO
import RingDoubles
import SharedRing
import Synchronization
import Testing

/// Both ends at work at once, over one mapping; `--sanitize=thread` watches this as well.
@Suite struct RingThreadsTests {
    @Test func `nothing is lost or reordered between two threads`() throws {
        let memory = try SharedMemory(name: "ring", count: Int(FX_RING_DATA_OFFSET) + 65_536)
        let consumer = try RingConsumer(memory: memory, thread: 1)
        let count: UInt64 = 100_000
        let ended = Semaphore()
        try startThread("producer") {
            var producer = RingProducer(memory: memory)
            for value in 0..<count {
                let call = RingProducer.Call(
                    words: [value, value &* 3], bytes: [UInt8](repeating: 9, count: Int(value % 50))
                )
                while !producer.publish(call) { continue }
            }
            ended.signal()
        }
        var expected: UInt64 = 0
        while expected < count {
            try consumer.extendView()
            while let record = try consumer.next() {
                guard record.word(0) == expected, record.word(1) == expected &* 3 else {
                    Issue.record("record \(expected) came as \(record.word(0))")
                    return
                }
                expected += 1
            }
        }
        ended.wait()
        #expect(consumer.lost == 0)
    }

    @Test func `a sleeping producer and a sleeping thread are woken`() throws {
        let memory = try SharedMemory(name: "ring", count: Int(FX_RING_DATA_OFFSET) + 65_536)
        let consumer = try RingConsumer(memory: memory, thread: 1)
        let offset = MemoryLayout<fx_ring>.offset(of: \.reply_sequence) ?? 0
        let waiting = MemoryLayout<fx_ring>.offset(of: \.reply_waiting) ?? 0
        let ended = Semaphore()
        try startThread("asker") {
            let word = (memory.base + offset).assumingMemoryBound(to: UInt32.self)
            let atomic = UnsafeRawPointer(word).assumingMemoryBound(to: Atomic<UInt32>.self)
            let flag = UnsafeRawPointer(memory.base + waiting)
                .assumingMemoryBound(to: Atomic<UInt32>.self)
            for sequence in UInt32(1)...500 {
                while true {
                    flag.pointee.store(1, ordering: .sequentiallyConsistent)
                    let seen = atomic.pointee.load(ordering: .sequentiallyConsistent)
                    if seen == sequence { break }
                    Futex.wait(word, while: seen, timeoutNanoseconds: 5_000_000_000)
                }
                flag.pointee.store(0, ordering: .sequentiallyConsistent)
                ended.signal()
            }
        }
        for sequence in UInt32(1)...500 {
            consumer.answer(sequence: sequence, status: 0)
            let arrived = ended.wait(milliseconds: 4000)
            #expect(arrived, "answer \(sequence) did not wake its thread")
            if !arrived { return }
        }
    }
}
