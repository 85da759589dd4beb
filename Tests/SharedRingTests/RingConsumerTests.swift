import CWire
import LinuxIO
import RingDoubles
import SharedRing
import Testing

@Suite struct RingConsumerTests {
    /// A small ring with both ends.
    private func makeRing(
        bytes: Int = 65_536
    ) throws -> (consumer: RingConsumer, producer: RingProducer) {
        let memory = try SharedMemory(name: "ring", count: Int(FX_RING_DATA_OFFSET) + bytes)
        return (try RingConsumer(memory: memory, thread: 5), RingProducer(memory: memory))
    }

    @Test func `a record comes out as it went in`() throws {
        var (consumer, producer) = try makeRing()
        #expect(!consumer.hasRecords)
        let call = RingProducer.Call(
            function: 99, verb: FX_VERB_COPY, flags: UInt8(FX_FLAG_ASK), stream: 0xabc,
            words: [1, 2], operands: [3, 4, 5], bytes: Array("hello".utf8))
        try put(call, in: &producer)
        #expect(consumer.hasRecords)
        try consumer.extendView()
        #expect(consumer.nextTicks() == 10)
        guard let record = try consumer.next() else { throw Missing() }
        #expect(record.function == 99)
        #expect(record.verb == UInt8(FX_VERB_COPY))
        #expect(record.flags == UInt8(FX_FLAG_ASK))
        #expect(record.sequence == 1)
        #expect(record.stream == 0xabc)
        #expect([record.word(0), record.word(1), record.word(2)] == [1, 2, 0])
        #expect([record.operand(0), record.operand(2), record.operand(3)] == [3, 5, 0])
        #expect(record.bytes(count: record.byteCount) == Array("hello".utf8))
        #expect(record.bytes(count: 2) == Array("he".utf8))
        #expect(record.bytes(count: 100) == Array("hello".utf8))
        #expect(record.bytes(count: -1).isEmpty)
        #expect(!consumer.hasRecords)
        #expect(consumer.position == producer.tail)
    }

    @Test func `records of every size go round the ring many times`() throws {
        var (consumer, producer) = try makeRing()
        var random = SystemRandomNumberGenerator()
        var sent = 0
        var received = 0
        for round in 0..<4000 {
            let words = (0..<Int.random(in: 0..<40, using: &random)).map { UInt64($0 + round) }
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: round % 700)
            if producer.publish(.init(words: words, bytes: bytes)) {
                sent += 1
            } else {
                producer.drop()
            }
            guard round % 7 == 0 else { continue }
            try consumer.extendView()
            while let record = try consumer.next() {
                received += 1
                #expect(
                    record.wordCount == 0
                        || record.word(0) + 39 >= record.word(record.wordCount - 1))
            }
        }
        try consumer.extendView()
        while try consumer.next() != nil { received += 1 }
        #expect(received == sent)
        #expect(consumer.position == producer.tail)
    }

    @Test func `a full ring takes no more until it is drained`() throws {
        var (consumer, producer) = try makeRing()
        var count = 0
        while producer.publish(.init(bytes: [UInt8](repeating: 1, count: 1000))) { count += 1 }
        #expect(count > 50)
        try consumer.extendView()
        #expect(try consumer.next() != nil)
        try put(.init(bytes: [UInt8](repeating: 1, count: 1000)), in: &producer)
    }

    @Test func `gaps in the numbers are losses`() throws {
        var (consumer, producer) = try makeRing()
        try put(.init(), in: &producer)
        producer.drop()
        producer.drop()
        try put(.init(), in: &producer)
        try consumer.extendView()
        while try consumer.next() != nil {}
        #expect(consumer.lost == 2)
    }

    @Test func `what a program says that it dropped is believed up to a limit`() throws {
        let (consumer, producer) = try makeRing()
        producer.pretend(dropped: 70)
        #expect(consumer.lost == 70)
        producer.pretend(dropped: .max)
        #expect(consumer.lost == RingConsumer.lostMax)
    }

    @Test func `an answer is in the ring before its number`() throws {
        let (consumer, producer) = try makeRing()
        consumer.answer(sequence: 3, status: 0, words: [7, 8], bytes: [1, 2, 3])
        let ring = producer.memory.base.assumingMemoryBound(to: fx_ring.self)
        #expect(ring.pointee.reply_sequence == 3)
        #expect(ring.pointee.reply_status == 0)
        #expect(ring.pointee.reply_bytes == 3)
        #expect(ring.pointee.reply_words.0 == 7)
        #expect(ring.pointee.reply_words.1 == 8)
        #expect(ring.pointee.reply.2 == 3)
        let long = String(repeating: "x", count: 10_000)
        consumer.answer(sequence: 4, status: 107_000, message: long)
        #expect(ring.pointee.reply_status == 107_000)
        #expect(ring.pointee.reply_bytes == UInt32(FX_REPLY_BYTES))
    }

    @Test(arguments: [7, 4096, 100_000, 8192 + 65_536 + 8])
    func `memory of a wrong size is no ring`(bytes: Int) throws {
        let memory = try SharedMemory(name: "ring", count: bytes)
        #expect(throws: RingError.tooSmall(bytes: bytes)) {
            try RingConsumer(memory: memory, thread: 1)
        }
    }

    private func put(_ call: RingProducer.Call, in producer: inout RingProducer) throws {
        let hadRoom = producer.publish(call)
        try #require(hadRoom)
    }

    struct Missing: Error {}
}
