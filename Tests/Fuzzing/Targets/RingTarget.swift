import CWire
import LinuxIO
import RingDoubles
import SharedRing

/// The bytes of a ring, as any program may write them: first byte how they are published, the rest
/// what lies in the ring.
///
/// They are read record by record and in pieces, and by a whole core.
enum RingTarget {
    private static let ringBytes = 65_536
    private static let clock = TickClock()

    static func run(_ input: [UInt8]) throws -> String? {
        var choices = Choices(input)
        let how = choices.byte()
        let data = Array(choices.rest().prefix(ringBytes))
        // An odd tail, one beyond what was written, and the honest one.
        let tail = UInt64(how & 1 == 0 ? data.count & ~7 : data.count) + UInt64(how >> 4) * 4096
        if let broken = try readRecords(data, tail) ?? readPieces(data, tail) { return broken }
        let world = try FuzzWorld()
        write(data, into: world.hostile.program)
        world.bench.settle()
        world.finishWork()
        return world.close()
    }

    private static func makeRing(_ data: [UInt8], _ tail: UInt64) throws -> RingConsumer {
        let memory = try SharedMemory(name: "ring", count: Int(FX_RING_DATA_OFFSET) + ringBytes)
        let consumer = try RingConsumer(memory: memory, thread: 5)
        let producer = RingProducer(memory: memory)
        for (index, word) in Self.words(data).enumerated() { producer.write(word, at: index * 8) }
        producer.pretend(tail: tail)
        return consumer
    }

    private static func words(_ data: [UInt8]) -> [UInt64] {
        var choices = Choices(data)
        return (0..<(data.count + 7) / 8).map { _ in choices.number(bytes: 8) }
    }

    private static func readRecords(_ data: [UInt8], _ tail: UInt64) throws -> String? {
        let ring = try makeRing(data, tail)
        var sum: UInt64 = 0
        do {
            try ring.extendView()
            while let record = try ring.next() {
                for index in 0..<record.wordCount { sum &+= record.word(index) }
                for index in 0..<record.operandCount { sum &+= record.operand(index) }
                sum &+= UInt64(record.bytes(count: .max).count)
                if record.totalWords * 8 > Int(FX_RECORD_LIMIT) { return "a record is too long" }
                _ = ring.nextTicks()
            }
        } catch {}
        return ring.position <= tail && ring.lost <= RingConsumer.lostMax
            ? nil : "the ring was read beyond its tail"
    }

    private static func readPieces(_ data: [UInt8], _ tail: UInt64) throws -> String? {
        let ring = try makeRing(data, tail)
        var words = [UInt64](repeating: 0, count: 2048)
        do {
            while true {
                let piece = try ring.takePiece(into: &words, clock: clock, now: 1 << 40)
                if piece.records == 0 { break }
            }
        } catch {}
        return ring.position <= tail ? nil : "a piece reaches beyond the tail"
    }

    /// Puts the bytes behind what the program has written by now.
    private static func write(_ data: [UInt8], into program: ProgramDouble) {
        let ring = program.rings[0]
        for (index, word) in words(data).enumerated() where index * 8 < ringBytes / 2 {
            ring.write(word, at: index * 8)
        }
        ring.pretend(tail: ring.tail + UInt64(min(data.count, ringBytes / 2) & ~7))
    }
}
