import CostModel
import Daemon
import Testing

@Suite struct CrowdingTests {
    private let whole = ChipDemand(resource: .cube, coreShare: 1, memoryShare: 0.5)
    private let half = ChipDemand(resource: .cube, coreShare: 0.5, memoryShare: 0.8)

    @Test func `an operation alone took what it took`() {
        var crowding = Crowding()
        let first = crowding.noteFinished(stream: 1, from: 100, to: 200, whole)
        #expect(first.startedAt == 100 && first.slowdown == 1)
        // Its stream's own operations are no neighbours.
        let second = crowding.noteFinished(stream: 1, from: 200, to: 300, whole)
        #expect(second.startedAt == 200 && second.slowdown == 1)
    }

    @Test func `time behind another stream's operation that held the cores is not its own`() {
        var crowding = Crowding()
        _ = crowding.noteFinished(stream: 1, from: 0, to: 100, whole)
        let behind = crowding.noteFinished(stream: 2, from: 10, to: 150, whole)
        #expect(behind.startedAt == 100 && behind.slowdown == 1)
    }

    @Test func `operations of different pools do not wait for each other's cores`() {
        var crowding = Crowding()
        _ = crowding.noteFinished(stream: 1, from: 0, to: 100, whole)
        let vector = ChipDemand(resource: .vector, coreShare: 1, memoryShare: 0.2)
        let beside = crowding.noteFinished(stream: 2, from: 10, to: 60, vector)
        #expect(beside.startedAt == 10 && beside.slowdown == 1)
    }

    @Test func `memory that a neighbour draws slows an operation down`() {
        var crowding = Crowding()
        _ = crowding.noteFinished(stream: 1, from: 0, to: 100, half)
        let beside = crowding.noteFinished(stream: 2, from: 0, to: 100, half)
        #expect(beside.startedAt == 0)
        #expect(abs(beside.slowdown - 1.6) < 1e-9)
        // Beside it for a quarter of the time: a quarter of the neighbour's share.
        let partly = crowding.noteFinished(stream: 3, from: 75, to: 175, half)
        #expect(abs(partly.slowdown - 1.2) < 1e-9)
    }

    @Test func `only the latest are looked back at`() {
        var crowding = Crowding()
        _ = crowding.noteFinished(stream: 1, from: 0, to: 1000, whole)
        for index in 0..<16 {
            let start = Int64(1000 + index)
            _ = crowding.noteFinished(stream: 2, from: start, to: start + 1, whole)
        }
        let late = crowding.noteFinished(stream: 3, from: 0, to: 2000, whole)
        #expect(late.startedAt == 1016)
    }
}
