import Daemon
import Testing
import Wire

@Suite struct WaitTableTests {
    private func waiter(of program: ProgramDouble, _ sequence: UInt32 = 1) -> Waiter {
        .thread(
            ParkedThread(
                session: program.session, ring: program.session.rings.all[0], sequence: sequence),
            refusal: nil)
    }

    @Test func `a waiter is taken out once`() throws {
        var waits = WaitTable()
        let program = try ProgramDouble(client: 1, mode: .route)
        let token = waits.add(waiter(of: program, 42))
        guard case .thread(let parked, _)? = waits.remove(token) else {
            Issue.record("another waiter came out")
            return
        }
        #expect(parked.sequence == 42)
        #expect(waits.remove(token) == nil)
        #expect(waits.count == 0)
    }

    @Test func `the next deadline is the earliest of those that wait`() throws {
        var waits = WaitTable()
        let program = try ProgramDouble(client: 1, mode: .route)
        #expect(waits.nextDeadline == nil)
        _ = waits.add(waiter(of: program))
        #expect(waits.nextDeadline == nil)
        let late = waits.add(waiter(of: program), deadline: 300)
        let early = waits.add(waiter(of: program), deadline: 100)
        #expect(waits.nextDeadline == 100)
        waits.remove(early)
        #expect(waits.nextDeadline == 300)
        waits.remove(late)
        #expect(waits.nextDeadline == nil)
    }

    @Test func `who waits too long is told from that moment on, in the order of coming`() throws {
        var waits = WaitTable()
        let program = try ProgramDouble(client: 1, mode: .route)
        let late = waits.add(waiter(of: program), deadline: 200)
        let early = waits.add(waiter(of: program), deadline: 100)
        _ = waits.add(waiter(of: program))
        #expect(waits.expired(now: 99) == [])
        #expect(waits.expired(now: 100) == [early])
        #expect(waits.expired(now: .max) == [late, early])
        waits.remove(early)
        #expect(waits.expired(now: .max) == [late])
    }

    @Test func `a client's tokens are its threads', not what it gives back`() throws {
        var waits = WaitTable()
        let (one, other) = (
            try ProgramDouble(client: 1, mode: .route), try ProgramDouble(client: 2, mode: .route)
        )
        let tokens = [waits.add(waiter(of: one)), waits.add(waiter(of: one))]
        let foreign = waits.add(waiter(of: other))
        _ = waits.add(.release(.session(one.session)))
        #expect(waits.tokens(of: one.session.id) == tokens)
        #expect(waits.tokens(of: other.session.id) == [foreign])
        #expect(waits.tokens(of: ClientID(rawValue: 3)) == [])
    }
}
