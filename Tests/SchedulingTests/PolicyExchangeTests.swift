import Scheduling
import Testing
import Wire

@Suite struct PolicyExchangeTests {
    @Test func `a new policy is told of every client, then of everything ready in order`() throws {
        let old = ScriptedPolicy.honest("old")
        let fixture = Fixture(old)
        let (one, other) = (try fixture.client(1), try fixture.client(2))
        let streams = [
            try fixture.stream(other, 0), try fixture.stream(one, 0, on: device1),
            try fixture.stream(one, 1),
        ]
        for (index, stream) in streams.enumerated() { try fixture.work(stream, index) }
        let new = ScriptedPolicy.honest("new")
        #expect(try fixture.host.exchange(to: new, now: 0) == 2)
        #expect(new.attached == [one, other])
        #expect(new.known.map(\.stream) == streams)
        #expect(old.known.isEmpty)
        #expect(old.attached.isEmpty)
        #expect(fixture.next() == 0)
        #expect(fixture.inFlight[0]?.policyLoad == 2)
        #expect(fixture.next() == 2)
        #expect(fixture.next(device1) == 1)
    }

    @Test func `the successor hears of the end of what its predecessor dispatched`() throws {
        let fixture = Fixture(ScriptedPolicy.honest("old"))
        try fixture.work(fixture.stream(fixture.client(1), 0), 1)
        _ = fixture.next()
        let new = ScriptedPolicy.honest("new")
        try fixture.host.exchange(to: new, now: 0)
        fixture.finish(1)
        #expect(new.log == ["attach 1", "done 1"])
    }

    @Test(arguments: [true, false])
    func `a policy that fails while it is told leaves the old one as it was`(inAttach: Bool) throws
    {
        let old = ScriptedPolicy.honest("old")
        let fixture = Fixture(old)
        try fixture.work(fixture.stream(fixture.client(1), 0), 1)
        let bad = ScriptedPolicy.honest("bad")
        let breach = PolicyBreach(kind: .error, message: "bad.lua:9: attempt to index nil")
        if inAttach { bad.onAttach = { _ in breach } } else { bad.onReady = { _ in breach } }
        let error = try #require(throws: PolicyExchangeError.self) {
            try fixture.host.exchange(to: bad, now: 0)
        }
        #expect(error.description.contains("bad.lua:9"))
        #expect(fixture.host.live === old)
        #expect(fixture.host.statuses.count == 1)
        #expect(old.known.count == 1)
        #expect(fixture.next() == 1)
    }

    @Test func `rollback goes back one load, or to the one named`() throws {
        let fixture = Fixture(ScriptedPolicy.honest("a"))
        let stream = try fixture.stream(fixture.client(1), 0)
        for payload in 1...4 { try fixture.work(stream, payload) }
        #expect(throws: PolicyExchangeError.self) { try fixture.host.rollback(now: 0) }
        try fixture.host.exchange(to: ScriptedPolicy.honest("b"), now: 0)
        try fixture.host.exchange(to: ScriptedPolicy.honest("c"), now: 0)
        #expect(try fixture.host.rollback(now: 0) == 2)
        #expect(fixture.host.live.name == "b")
        #expect(fixture.next() == 1)
        fixture.finish(1)
        #expect(try fixture.host.rollback(to: 3, now: 0) == 3)
        #expect(fixture.host.live.name == "c")
        #expect(try fixture.host.rollback(to: 1, now: 0) == 1)
        #expect(fixture.host.statuses.map(\.state) == [.live, .replaced, .replaced])
        #expect(fixture.drain() == [2, 3, 4])
        #expect(throws: PolicyExchangeError.self) { try fixture.host.rollback(to: 1, now: 0) }
        #expect(throws: PolicyExchangeError.self) { try fixture.host.rollback(to: 12, now: 0) }
    }

    @Test func `quarantine goes back to the last good policy, not to one that was rolled back`()
        throws
    {
        var limits = PolicyHostLimits()
        limits.breachesMax = 1
        let good = ScriptedPolicy.honest("good")
        let fixture = Fixture(good, hostLimits: limits)
        let stream = try fixture.stream(fixture.client(1), 0)
        for payload in 1...3 { try fixture.work(stream, payload) }
        try fixture.host.exchange(to: ScriptedPolicy.honest("disliked"), now: 0)
        try fixture.host.rollback(now: 0)
        let broken = ScriptedPolicy("broken")
        broken.onDecide = { _, _, _ in .breach(PolicyBreach(kind: .time, message: "slow")) }
        try fixture.host.exchange(to: broken, now: 0)
        #expect(fixture.next() == 1)
        #expect(fixture.host.live === good)
        #expect(fixture.host.liveLoad == 1)
        #expect(fixture.host.statuses.map(\.state) == [.live, .replaced, .quarantined])
        fixture.finish(1)
        #expect(fixture.drain() == [2, 3])
    }

    @Test func `a policy that can be made anew is made anew, beside the loop where that is asked`()
        throws
    {
        let fixture = Fixture(Remade("a"))
        let client = try fixture.client(1)
        try fixture.host.exchange(to: FIFOPolicy(), now: 0)
        let (load, recipe) = try fixture.host.rollbackTarget(nil)
        #expect(load == 1)
        let fresh = try #require(recipe).makePolicy(clients: [], now: 0)
        try fixture.host.rollback(to: load, with: fresh, now: 0)
        #expect(fixture.host.live === fresh)
        #expect(fixture.host.liveLoad == 1)
        try fixture.host.exchange(to: FIFOPolicy(), now: 0)
        try fixture.host.rollback(now: 0)
        #expect(fixture.host.live.name == "a, again, again for [\(client.rawValue)]")
    }

    @Test func `a policy that fails to save says so, and that counts`() throws {
        let policy = Remade("a")
        policy.saveFailure = PolicyBreach(kind: .error, message: "a.lua:7: save: no")
        let fixture = Fixture(policy)
        #expect(throws: PolicyBreach.self) { try fixture.host.saveLive(now: 1) }
        #expect(fixture.host.liveStatus.breaches == 1)
        #expect(fixture.host.liveStatus.lastBreach == "error: a.lua:7: save: no")
    }

    @Test func `a policy that is saved again and again does not fill the list`() throws {
        let fixture = Fixture(FIFOPolicy())
        for _ in 1...2000 { try fixture.host.exchange(to: FIFOPolicy(), now: 0) }
        let listed = fixture.host.statuses
        #expect(listed.count == PolicyHostLimits().loadsListed)
        #expect(listed.last?.load == 2001)
        #expect(listed.last?.state == .live)
        #expect(throws: PolicyExchangeError.self) { try fixture.host.rollback(to: 1, now: 0) }
        try fixture.host.rollback(now: 0)
        #expect(fixture.host.liveLoad == 2000)
    }

    @Test func `old policies are let go, their loads stay in the list`() throws {
        var limits = PolicyHostLimits()
        limits.policiesKept = 2
        let fixture = Fixture(FIFOPolicy(), hostLimits: limits)
        for _ in 1...5 { try fixture.host.exchange(to: FIFOPolicy(), now: 0) }
        #expect(fixture.host.statuses.count == 6)
        #expect(fixture.host.statuses[0].options.map(\.key) == ["window_us", "window_operations"])
        let error = try #require(throws: PolicyExchangeError.self) {
            try fixture.host.rollback(to: 2, now: 0)
        }
        #expect(error.description.contains("no longer kept"))
        #expect(try fixture.host.rollback(now: 0) == 5)
    }

    @Test func `options that were set survive a swap, not a load`() throws {
        let fixture = Fixture(FIFOPolicy())
        try fixture.host.setOption("window_us", to: "77", now: 5)
        try fixture.host.exchange(to: FairPolicy(), carryOptions: true, now: 6)
        #expect(fixture.host.liveStatus.options.first?.value == "77")
        try fixture.host.exchange(to: FIFOPolicy(), now: 7)
        #expect(fixture.host.liveStatus.options.first?.value == "5000")
        #expect(throws: PolicyOptionError.self) {
            try fixture.host.setOption("window_us", to: "0", now: 8)
        }
        #expect(throws: PolicyOptionError.self) {
            try fixture.host.setOption("color", to: "1", now: 8)
        }
        let reports = fixture.host.takeReports()
        #expect(
            reports.map(\.what) == [
                .loaded, .option(key: "window_us", value: "77"), .swapped, .loaded,
            ])
        #expect(reports.map(\.load) == [1, 1, 2, 3])
        #expect(fixture.host.takeReports().isEmpty)
    }
}

/// Says by its name that it was made anew.
private final class Remade: Policy {
    let name: String
    let version = 1
    let origin = "test"
    private let inner = FIFOPolicy()
    init(_ name: String) { self.name = name }
    var saveFailure: PolicyBreach?
    struct Recipe: PolicyRecipe {
        let name: String
        func makePolicy(clients: [ClientFacts], now: Nanoseconds) throws -> any Policy {
            let told = clients.map(\.id.rawValue)
            return Remade("\(name), again" + (told.isEmpty ? "" : " for \(told)"))
        }
    }
    func recipe() -> (any PolicyRecipe)? { Recipe(name: name) }
    func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? { nil }
    func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? { nil }
    func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        inner.ready(operation, now: now)
    }
    func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision { inner.decide(load, now: now) }
    func done(_ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds)
        -> PolicyBreach?
    { nil }
    func drop(_ operation: OperationFacts, reason: DropReason, now: Nanoseconds) -> PolicyBreach? {
        inner.drop(operation, reason: reason, now: now)
    }
    func forget(_ operation: OperationID) { inner.forget(operation) }
    var options: [PolicyOption] { [] }
    func set(_ key: String, to value: String) throws {}
    func save() throws(PolicyBreach) -> SavedState? {
        if let saveFailure { throw saveFailure }
        return nil
    }
}
