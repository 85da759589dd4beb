import LuaPolicy
import Scheduling
import Testing
import Wire

/// What a policy is told of work in flight, where a device takes several operations at a time.
@Suite("Windows")
struct WindowTests {
    /// A policy behind a scheduler that submits ahead, with a stream that prefills (100 µs an
    /// operation) and one that decodes (30 µs).
    private final class Bench {
        let host: PolicyHost
        let scheduler: Scheduler
        private let prefill = StreamID(client: client(1), index: 1)
        private let decode = StreamID(client: client(1), index: 2)
        private var inFlight: [OperationFacts] = []
        private var now: Nanoseconds = 0

        init(_ policy: any Policy) throws {
            host = PolicyHost(policy)
            var limits = SchedulerLimits()
            limits.submitAhead = true
            scheduler = Scheduler(devices: [device], limits: limits, policyHost: host)
            try scheduler.attach(facts(1), now: 0)
            for stream in [prefill, decode] { try scheduler.createStream(stream, device: device) }
        }

        func enqueue(prefills: Int, decodes: Int, phase: Phase = .decode) throws {
            for _ in 0..<prefills { try enqueue(on: prefill, .prefill, cost: 100_000) }
            for _ in 0..<decodes { try enqueue(on: decode, phase, cost: 30_000) }
        }

        private func enqueue(on stream: StreamID, _ phase: Phase, cost: Nanoseconds) throws {
            _ = try scheduler.enqueue(
                Submission(
                    stream: stream, payload: 0, phase: phase,
                    phaseSource: phase == .other ? .none : .label, costNanoseconds: cost),
                now: now)
        }

        /// Submits until the policy holds; P or D for each operation.
        func submit() -> String {
            var order = ""
            while case .operation(let operation) = scheduler.next(device: device, now: now) {
                inFlight.append(operation.facts)
                order += operation.facts.costNanoseconds == 100_000 ? "P" : "D"
            }
            return order
        }

        /// The oldest operation in flight is done, after half of what was predicted.
        func finishOldest() {
            let facts = inFlight.removeFirst()
            let began = now
            now += facts.costNanoseconds / 2
            _ = scheduler.finished(
                facts.id, startedAt: began, finishedAt: now, failure: nil, now: now)
        }

        var inFlightNanoseconds: Nanoseconds? {
            scheduler.load(of: device)?.inFlightNanoseconds
        }
    }

    private func shipped(_ name: String) throws -> LuaPolicy {
        let path = "\(Files.policies)/\(name).lua"
        return try LuaPolicy.load(source: Files.text(of: path), path: path, devices: [device])
    }

    @Test func `decode-first fills its window with decode, then with the rest`() throws {
        let bench = try Bench(shipped("decode-first"))
        try bench.enqueue(prefills: 5, decodes: 3)
        // 3 × 30 µs, then prefill until 200 µs are reached.
        #expect(bench.submit() == "DDDPP")
        #expect(bench.inFlightNanoseconds == 290_000)
        #expect(bench.submit().isEmpty)
        for expected in [260_000, 230_000] as [Nanoseconds] {
            bench.finishOldest()
            #expect(bench.submit().isEmpty)
            #expect(bench.inFlightNanoseconds == expected, "what is predicted, not what it took")
        }
        bench.finishOldest()
        #expect(bench.submit().isEmpty, "200 µs are the window")
        bench.finishOldest()
        try bench.enqueue(prefills: 0, decodes: 1)
        #expect(bench.submit() == "DP", "what decodes goes past the prefill that waits")
        #expect(bench.host.liveStatus.breaches == 0)
    }

    @Test func `fifo counts operations in flight too`() throws {
        let bench = try Bench(shipped("fifo"))
        try bench.host.setOption("window_operations", to: "2", now: 0)
        try bench.enqueue(prefills: 1, decodes: 4)
        #expect(bench.submit() == "PD")
        bench.finishOldest()
        #expect(bench.submit() == "D")
    }

    @Test(arguments: [true, false])
    func `passthrough has no window`(isBuiltIn: Bool) throws {
        let bench = try Bench(isBuiltIn ? FIFOPolicy.passthrough() : shipped("passthrough"))
        try bench.enqueue(prefills: 100, decodes: 50)
        let order = bench.submit()
        #expect(order.count == 150)
        #expect(order.hasPrefix("PDPDPD"), "in the order in which they became ready")
        #expect(bench.inFlightNanoseconds == 11_500_000)
    }

    @Test(arguments: [Phase.decode, .other])
    func `operations in flight are counted by the phase the policy knows`(phase: Phase) throws {
        let counting = try policy(
            """
            local waiting = queue.fifo()
            function P.classify(op) return cost(op) == 30000 and DECODE or nil end
            function P.ready(op) waiting:push(op) end
            function P.dispatch(device, now)
              log(in_flight(device), in_flight(device, DECODE), in_flight(device, PREFILL),
                in_flight(device, OTHER))
              return waiting:pop()
            end
            """)
        let bench = try Bench(counting)
        try bench.enqueue(prefills: 1, decodes: 2, phase: phase)
        #expect(bench.submit() == "PDD")
        bench.finishOldest()
        bench.finishOldest()
        try bench.enqueue(prefills: 0, decodes: 1, phase: phase)
        #expect(bench.submit() == "D")
        bench.finishOldest()
        bench.finishOldest()
        try bench.enqueue(prefills: 1, decodes: 0)
        #expect(bench.submit() == "P")
        #expect(
            counting.takeLog().map { $0.replacing("\t", with: " ") } == [
                "0 0 0 0", "1 0 1 0", "2 1 1 0", "1 1 0 0", "0 0 0 0",
            ])
    }
}
