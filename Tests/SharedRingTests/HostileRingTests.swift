import CWire
import LinuxIO
import RingDoubles
import SharedRing
import Testing

/// A program that writes nonsense into its ring: the daemon gets an error, and never crashes or
/// reads elsewhere.
@Suite struct HostileRingTests {
    private static let ringBytes = 65_536

    private func makeRing() throws -> (consumer: RingConsumer, producer: RingProducer) {
        let memory = try SharedMemory(
            name: "ring", count: Int(FX_RING_DATA_OFFSET) + Self.ringBytes)
        return (try RingConsumer(memory: memory, thread: 5), RingProducer(memory: memory))
    }

    @Test(arguments: [
        UInt64.max, 1 << 63, UInt64(ringBytes) + 8, 12, UInt64.max - 7,
    ])
    func `a tail that makes no sense is an error`(tail: UInt64) throws {
        let (consumer, producer) = try makeRing()
        producer.pretend(tail: tail)
        #expect(throws: RingError.self) { try consumer.extendView() }
        #expect(consumer.nextTicks() == nil)
        #expect(try consumer.next() == nil)
    }

    @Test(arguments: [
        UInt32(0), 8, 40, 47, 49, 104, UInt32(FX_RECORD_LIMIT) + 8, 0xffff_fff8, UInt32.max,
    ])
    func `a record of a wrong size is an error`(size: UInt32) throws {
        let (consumer, producer) = try makeRing()
        producer.write(UInt64(size) << 32 | 7, at: 0)
        producer.pretend(tail: 96)
        try consumer.extendView()
        #expect(throws: RingError.self) { _ = try consumer.next() != nil }
        #expect(consumer.position == 0)
    }

    @Test func `counts that do not fit the size are an error`() throws {
        for (words, operands, bytes) in [
            (0xffff, 0, 0), (0, 0xffff, 0), (1, 1, 40), (0, 0, 0xffff_ffff),
        ] {
            let (consumer, producer) = try makeRing()
            producer.write(96 << 32 | 7, at: 0)
            producer.write(1, at: 32)
            producer.write(UInt64(words) << 48 | UInt64(operands) << 32 | UInt64(bytes), at: 40)
            producer.pretend(tail: 96)
            try consumer.extendView()
            #expect(throws: RingError.self) { _ = try consumer.next() != nil }
        }
    }

    @Test func `a function past the limit is an error`() throws {
        let (consumer, producer) = try makeRing()
        producer.write(48 << 32 | UInt64(FX_FUNCTION_LIMIT), at: 0)
        producer.pretend(tail: 48)
        try consumer.extendView()
        #expect(throws: RingError.function(UInt16(FX_FUNCTION_LIMIT))) {
            _ = try consumer.next() != nil
        }
    }

    @Test func `a ring of padding alone ends`() throws {
        let (consumer, producer) = try makeRing()
        producer.write(8 << 32 | UInt64(FX_RECORD_PADDING), at: 0)
        producer.pretend(tail: 64)
        try consumer.extendView()
        #expect(throws: RingError.self) { _ = try consumer.next() != nil }
    }

    /// Whatever the bytes are: records that pass, an error, or nothing; and what passes lies within
    /// its own copy.
    @Test func `random bytes never do harm`() throws {
        let seed = UInt64.random(in: 1 ... .max)
        print("random bytes in a ring: seed \(seed)")
        var random = Xorshift(state: seed)
        let base = Int(FX_RING_DATA_OFFSET)
        var taken = 0
        var errors = 0
        for _ in 0..<3000 {
            var (consumer, producer) = try makeRing()
            for _ in 0..<20 {
                let count = Int(random.next() % 12)
                _ = producer.publish(
                    .init(words: (0..<count).map { _ in random.next() }, bytes: [1, 2, 3]))
            }
            // Corrupt some bytes of what was published, heads above all.
            for _ in 0..<Int(random.next() % 8) {
                let place = Int(random.next() % producer.tail)
                producer.memory.base.storeBytes(
                    of: UInt8(truncatingIfNeeded: random.next()), toByteOffset: base + place,
                    as: UInt8.self)
            }
            if random.next() % 16 == 0 { producer.pretend(tail: random.next()) }
            do {
                try consumer.extendView()
                var sum: UInt64 = 0
                while let record = try consumer.next() {
                    taken += 1
                    for index in 0..<record.wordCount { sum &+= record.word(index) }
                    for index in 0..<record.operandCount { sum &+= record.operand(index) }
                    sum &+= UInt64(record.bytes(count: .max).count)
                    #expect(record.totalWords * 8 <= Int(FX_RECORD_LIMIT))
                    _ = consumer.nextTicks()
                }
            } catch {
                errors += 1
            }
            _ = consumer.lost
        }
        #expect(taken > 1000 && errors > 100, "seed \(seed): \(taken) taken, \(errors) errors")
    }
}

/// Random numbers that a printed seed brings back.
struct Xorshift {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
