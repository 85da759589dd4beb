import Scheduling
import Simulator
import Testing
import Wire

/// Decode first, one operation in flight: the policy that policy-api.md shows.
final class DecodeFirst: Policy {
    let name = "decode-first"
    let version = 1
    let origin = "test"
    private var lists = OperationLists()
    func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }
    func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        lists.append(operation.id, to: operation.phase == .decode ? 0 : 1)
        return nil
    }
    func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        guard load.operationsInFlight == 0, let id = lists.first(in: 0) ?? lists.first(in: 1) else {
            return .hold(wakeAt: nil)
        }
        lists.remove(id)
        return .dispatch(id, line: 1)
    }
    func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    { nil }
    func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds) -> PolicyBreach? {
        lists.remove(operation.id)
        return nil
    }
    func forget(_ operation: OperationID) { lists.remove(operation) }
    var options: [PolicyOption] { [] }
    func set(_ key: String, to value: String) throws {}
    func save() -> SavedState? { nil }
}

@Suite struct TimelineTests {
    private func play(_ text: String, _ policy: any Policy) throws -> String {
        if !policy.options.isEmpty { try policy.set("window_us", to: "50") }
        return try Timeline(text).play(under: policy)
    }

    @Test func `decode goes first`() throws {
        let timeline = try Timeline(
            """
            in   p:PPPP---  d:-D--D-
            out  PDPPDP
            """)
        #expect(timeline.play(under: DecodeFirst()) == timeline.expected)
    }

    @Test func `fifo takes them as they come`() throws {
        let lanes = "p:PP-- q:PP-- d:-D--"
        #expect(try play(lanes, FIFOPolicy()) == "PPDPP")
        #expect(try play(lanes, DecodeFirst()) == "PDPPP")
    }

    @Test func `fair takes turns by weight`() throws {
        #expect(try play("a:AAAAAA b:BBBBBB", FairPolicy()) == "ABABABABABAB")
        let weighted = try play("a*2:AAAAAA b:BBBBBB", FairPolicy())
        #expect(weighted.prefix(9).count { $0 == "A" } == 6, "\(weighted)")
    }

    @Test func `long operations are not broken up`() throws {
        #expect(try play("p:P===P d:-D", DecodeFirst()) == "P===DP")
    }

    @Test func `the device is idle when nothing has come`() throws {
        #expect(try play("p:-P--P", FIFOPolicy()) == "-P--P")
    }

    @Test(arguments: ["", "p", "p:=", "p:P-=", ":PP", "p*x:P", "p:P1"])
    func `what is no timeline says why`(text: String) {
        #expect(throws: TimelineError.self) { try Timeline(text) }
    }
}
