import CWire
import LinuxIO
import RingDoubles
import SharedRing
import Testing

/// Pieces of a ring, as a recording takes them.
@Suite struct RingPieceTests {
    private func makeRing() throws -> (consumer: RingConsumer, producer: RingProducer) {
        let memory = try SharedMemory(name: "ring", count: Int(FX_RING_DATA_OFFSET) + 65_536)
        return (try RingConsumer(memory: memory, thread: 5), RingProducer(memory: memory))
    }

    private let clock = TickClock()

    private func take(
        _ consumer: RingConsumer, words: Int = 4096, now: Int64 = .max
    ) throws -> (piece: RingConsumer.Piece, words: [UInt64]) {
        var buffer = [UInt64](repeating: 0xdead, count: words)
        let piece = try consumer.takePiece(into: &buffer, clock: clock, now: now)
        return (piece, Array(buffer.prefix(piece.words)))
    }

    @Test func `a piece is the records as they lie, in nanoseconds`() throws {
        var (consumer, producer) = try makeRing()
        for number in 0..<3 {
            _ = producer.publish(.init(function: 9, words: [UInt64(number)], bytes: [1, 2]))
        }
        let (piece, words) = try take(consumer)
        #expect(piece.words == 24 && piece.records == 3)
        for number in 0..<3 {
            let start = number * 8
            #expect(words[start] == 9 | 64 << 32)
            let time = max(0, clock.nanoseconds(ticks: UInt64(number + 1) * 10))
            #expect(words[start + 1] == UInt64(time))
            #expect(words[start + 4] == UInt64(number + 1))
            #expect(words[start + 5] == 2 | 1 << 48 && words[start + 6] == UInt64(number))
            #expect(words[start + 7] == 0x0201)
        }
        #expect(consumer.position == producer.tail && consumer.pendingBytes == 0)
        #expect(try take(consumer).piece.records == 0)
    }

    @Test func `records never lie across two pieces; none is lost, wherever the ring wraps`() throws
    {
        let seed = UInt64.random(in: 1 ... .max)
        print("pieces of a ring: seed \(seed)")
        var random = Xorshift(state: seed)
        var (consumer, producer) = try makeRing()
        var (sent, received): (UInt32, UInt32) = (0, 0)
        for _ in 0..<3000 {
            for _ in 0..<Int(random.next() % 20) {
                let words = (0..<Int(random.next() % 30)).map { _ in random.next() }
                let bytes = [UInt8](repeating: 7, count: Int(random.next() % 200))
                if producer.publish(.init(words: words, bytes: bytes)) {
                    sent += 1
                } else {
                    break
                }
            }
            let (piece, words) = try take(consumer, words: 64 + Int(random.next() % 512))
            var position = 0
            for _ in 0..<piece.records {
                received += 1
                #expect(UInt32(truncatingIfNeeded: words[position + 4]) == received)
                position += Int(words[position] >> 32) / 8
            }
            #expect(position == piece.words, "seed \(seed)")
        }
        while try take(consumer).piece.records > 0 {}
        #expect(sent > 1000 && consumer.position == producer.tail && consumer.lost == 0)
    }

    @Test func `a stamp from the future is now; gaps are losses`() throws {
        var (consumer, producer) = try makeRing()
        _ = producer.publish(.init())
        producer.drop()
        producer.drop()
        _ = producer.publish(.init())
        let (piece, words) = try take(consumer, now: 0)
        #expect(piece.records == 2 && words[1] == 0 && words[7] == 0)
        #expect(consumer.lost == 2)
    }

    @Test func `good records before a bad one are taken, then the bad one is met`() throws {
        var (consumer, producer) = try makeRing()
        for _ in 0..<3 { _ = producer.publish(.init()) }
        let second = Int(FX_RING_DATA_OFFSET) + 48 + 4
        producer.memory.base.storeBytes(of: 56, toByteOffset: second, as: UInt32.self)
        #expect(try take(consumer).piece.records == 1)
        #expect(throws: RingError.self) { try take(consumer) }
    }

    @Test func `random bytes are records, an error, or nothing`() throws {
        let seed = UInt64.random(in: 1 ... .max)
        print("random bytes in pieces: seed \(seed)")
        var random = Xorshift(state: seed)
        var (taken, errors) = (0, 0)
        for _ in 0..<2000 {
            var (consumer, producer) = try makeRing()
            for _ in 0..<20 {
                _ = producer.publish(
                    .init(words: (0..<Int(random.next() % 12)).map { _ in random.next() }))
            }
            for _ in 0..<Int(random.next() % 8) {
                producer.memory.base.storeBytes(
                    of: UInt8(truncatingIfNeeded: random.next()),
                    toByteOffset: Int(FX_RING_DATA_OFFSET) + Int(random.next() % producer.tail),
                    as: UInt8.self)
            }
            if random.next() % 16 == 0 { producer.pretend(tail: random.next()) }
            do {
                while true {
                    let (piece, _) = try take(consumer, words: 128)
                    guard piece.records > 0 else { break }
                    taken += piece.records
                }
            } catch {
                errors += 1
            }
        }
        #expect(taken > 1000 && errors > 100, "seed \(seed): \(taken) taken, \(errors) errors")
    }
}
