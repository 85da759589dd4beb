import Daemon
import Testing

@Suite struct AskTableTests {
    @Test func `an ask's purpose is taken once`() throws {
        var asks = AskTable()
        let ticket = asks.add(.retireStream(7), of: nil)
        #expect(asks.count == 1)
        guard case .retireStream(7)? = asks.takePurpose(ticket) else {
            Issue.record("another purpose came out")
            return
        }
        #expect(asks.takePurpose(ticket) == nil)
        #expect(asks.count == 0)
    }

    @Test func `a ticket that was never given is nobody's`() {
        var asks = AskTable()
        #expect(asks.takePurpose(0) == nil)
        #expect(asks.takePurpose(.max) == nil)
    }

    @Test func `tickets are never the same`() {
        var asks = AskTable()
        var seen: Set<UInt64> = []
        for _ in 0..<1000 {
            let ticket = asks.add(.free(device: 0), of: nil)
            #expect(seen.insert(ticket).inserted)
            _ = asks.takePurpose(ticket)
        }
    }

    @Test func `a program's asks are counted until they are taken`() throws {
        let program = try ProgramDouble(client: 1, mode: .route)
        var asks = AskTable()
        let first = asks.add(.free(device: 0), of: program.session)
        let second = asks.add(.free(device: 0), of: program.session)
        #expect(program.session.asksInFlight == 2)
        _ = asks.takePurpose(first)
        _ = asks.takePurpose(first)
        #expect(program.session.asksInFlight == 1)
        _ = asks.takePurpose(second)
        #expect(program.session.asksInFlight == 0)
    }
}
