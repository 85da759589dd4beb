import Logging
import SharedRing
import Wire

/// How records leave the rings: in the order in which the program made the calls, across its
/// threads.
///
/// One thread may record an event and tell another, which then waits for it; the wait must not be
/// seen first. A thread's record is published before it can tell anybody, so: read every ring's
/// tail, then read them all again. Whatever happened before a record inside the first reading is
/// inside the second. Records are taken by their time stamps as long as they lie inside the first
/// reading.
extension DispatchLoop {
    func takeRecords(of session: Session) -> Bool {
        let busy = session.rings.contains(where: \.consumer.hasRecords)
        guard busy, session.queuedOperations < limits.queuedPerSession else { return false }
        for ring in session.rings { ring.limit = ring.consumer.publishedTail() }
        do {
            for ring in session.rings { try ring.consumer.extendView() }
        } catch {
            expel(session, error)
            return true
        }
        if session.rings.count == 1 { return takeAll(of: session.rings[0], session) }
        var taken = 0
        while taken < Self.recordsPerPass, let ring = earliest(of: session) {
            guard take(from: ring, session) else { break }
            taken += 1
        }
        return taken > 0
    }

    /// The ring whose next record is the oldest, or nil where that one lies past the first reading.
    private func earliest(of session: Session) -> SessionRing? {
        var best: SessionRing?
        var bestTicks = UInt64.max
        for ring in session.rings {
            guard let ticks = ring.consumer.nextEnterTicks() else { continue }
            if ticks < bestTicks || best == nil {
                best = ring
                bestTicks = ticks
            }
        }
        guard let best, best.consumer.position < best.limit else { return nil }
        return best
    }

    private func takeAll(of ring: SessionRing, _ session: Session) -> Bool {
        var taken = 0
        while taken < Self.recordsPerPass, ring.consumer.position < ring.limit,
            take(from: ring, session)
        {
            taken += 1
        }
        return taken > 0
    }

    /// Takes one record and handles it. False: nothing was there, or the client broke the protocol.
    private func take(from ring: SessionRing, _ session: Session) -> Bool {
        do {
            guard let record = try ring.consumer.next() else { return false }
            session.calls += 1
            handle(record, of: ring, in: session)
            return !session.isExpelled
        } catch {
            expel(session, error)
            return false
        }
    }

    /// Takes everything that a program left behind when it went.
    func takeRest(of session: Session) {
        while !session.isExpelled, takeRecords(of: session) {}
    }

    /// Lets go of the rings of threads that have ended, once they are empty.
    func dropFinishedRings(of session: Session) {
        session.rings.removeAll { ring in
            guard ring.consumer.isFinished, !ring.consumer.hasRecords else { return false }
            session.lost += ring.consumer.lost
            return true
        }
    }

    private func expel(_ session: Session, _ error: any Error) {
        log.error(
            "client broke the ring's protocol and is let go",
            metadata: ["client": "\(session.id.rawValue)", "why": "\(error)"])
        session.isExpelled = true
    }
}
