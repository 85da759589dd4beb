import LinuxIO
import SharedRing
import Trace
import Wire

/// What the draining thread has: the rings, and where they go.
struct ObservedDrain {
    /// What a pass found out about a program.
    struct Change {
        var client: ClientID
        var calls: UInt64 = 0
        var lost: UInt64 = 0
        var ringsGone = 0
    }

    var rings: [ObservedRing] = []
    private(set) var recorder: TraceRecorder?
    var violations: [(client: ClientID, error: RingError)] = []
    var changes: [Change] = []
    private let clock: TickClock

    /// A piece of a ring: a packet of the trace.
    private static let pieceWords = 32_768
    /// Bytes in a ring that are worth a packet.
    private static let worthBytes: UInt64 = 65_536
    /// How long a record may lie in its ring.
    private static let patienceNanoseconds: Nanoseconds = 100_000_000
    /// A pass that took so much is followed by another at once.
    static let muchWords = 131_072

    init(clock: TickClock) { self.clock = clock }

    /// How long to sleep: a ring must not fill meanwhile. Without a recording only the ends of
    /// threads are looked for.
    var waitMilliseconds: Int { recorder == nil ? 1000 : rings.isEmpty ? 20 : 2 }

    /// Takes what is worth taking (`force`: all) from every ring. Returns how many words that was.
    mutating func pass(force: Bool) -> Int {
        var taken = 0
        let now = clock.now()
        var gone: [ObservedRing] = []
        for ring in rings {
            let finished = ring.consumer.isFinished
            guard recorder != nil else {
                if finished { gone.append(ring) }
                continue
            }
            guard let words = take(from: ring, now: now, force: force || finished) else {
                gone.append(ring)
                continue
            }
            taken += words
            if finished, ring.consumer.pendingBytes == 0 { gone.append(ring) }
        }
        if !gone.isEmpty { letGo(gone) }
        return taken
    }

    private mutating func letGo(_ gone: [ObservedRing]) {
        for ring in gone { changes.append(Change(client: ring.client, ringsGone: 1)) }
        rings.removeAll { ring in gone.contains { $0 === ring } }
    }

    /// Words that were taken, or nil where the program broke the protocol.
    private mutating func take(
        from ring: ObservedRing, now: Nanoseconds, force: Bool
    ) -> Int? {
        var taken = 0
        // No further than now: a program that never rests must not hold up the others.
        let until = ring.consumer.publishedTail()
        while let recorder, ring.consumer.position < until,
            isWorth(ring, now: now, force: force || taken > 0)
        {
            guard var words = recorder.takeBuffer(words: Self.pieceWords) else { break }
            do {
                let piece = try ring.consumer.takePiece(
                    into: &words, from: RecordPiece.prefixWords, clock: clock, now: clock.now())
                guard piece.records > 0 else { break }
                ring.takenAt = now
                taken += piece.words
                changes.append(Change(client: ring.client, calls: UInt64(piece.records)))
                recorder.append(
                    RecordPiece(
                        client: ring.client, thread: ring.thread, words: words,
                        count: RecordPiece.prefixWords + piece.words, records: piece.records))
            } catch {
                violate(ring, error)
                return nil
            }
        }
        tellLost(ring, now: now)
        return taken
    }

    private func isWorth(_ ring: ObservedRing, now: Nanoseconds, force: Bool) -> Bool {
        let pending = ring.consumer.pendingBytes
        guard pending > 0 else { return false }
        return force || pending >= Self.worthBytes
            || now - ring.takenAt > Self.patienceNanoseconds
    }

    private mutating func violate(_ ring: ObservedRing, _ error: any Error) {
        if let error = error as? RingError { violations.append((ring.client, error)) }
    }

    private mutating func tellLost(_ ring: ObservedRing, now: Nanoseconds) {
        let lost = ring.consumer.lost
        guard lost > ring.toldLost else { return }
        let more = lost - ring.toldLost
        ring.toldLost = lost
        changes.append(Change(client: ring.client, lost: more))
        recorder?.append(
            .lost(LostEvent(time: now, client: ring.client, thread: ring.thread, count: more)),
            client: ring.client)
    }

    /// Takes everything that a program left, and lets its rings go.
    mutating func leave(_ client: ClientID) {
        takeAll { $0.client == client }
        rings.removeAll { $0.client == client }
    }

    /// Changes the recording: the one before gets all that was published, the new one nothing of
    /// it.
    mutating func record(into new: TraceRecorder?) {
        takeAll { _ in true }
        recorder = new
        guard new != nil else { return }
        for ring in rings {
            do throws(RingError) { try ring.consumer.skipAll() } catch { violate(ring, error) }
            ring.toldLost = ring.consumer.lost
        }
    }

    /// Takes what the rings hold now, waiting for the disk where it is behind.
    private mutating func takeAll(_ isMeant: (ObservedRing) -> Bool) {
        guard recorder != nil else { return }
        for ring in rings where isMeant(ring) {
            let until = ring.consumer.publishedTail()
            while ring.consumer.position < until, recorder?.status.failure == nil {
                guard take(from: ring, now: clock.now(), force: true) != nil else { break }
                if ring.consumer.position < until { MonotonicClock.sleep(nanoseconds: 100_000) }
            }
        }
    }
}
