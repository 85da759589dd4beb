import LuaPolicy
import Scheduling
import Testing
import Wire

/// Policies in Lua behind the host that exchanges them: nothing is lost, whatever they do.
@Suite("Lua policies in the scheduler")
struct SwapTests {
    /// Programs that keep their streams full, a device that takes each operation's time, and what
    /// came out.
    struct Machine {
        let scheduler: Scheduler
        var now: Nanoseconds = 0
        var inFlight: [(id: OperationID, stream: StreamID, payload: Int, cost: Nanoseconds)] = []
        /// By stream: the next payload in and out.
        var next: [StreamID: (entered: Int, left: Int)] = [:]
        var finished = 0
        var outOfOrder = 0
        /// Dispatched by nobody's policy.
        var byFallback = 0

        init(first: any Policy, clients: UInt32 = 8, streams: UInt32 = 4) throws {
            let host = PolicyHost(first)
            scheduler = Scheduler(devices: [device], policyHost: host)
            for number in 1...clients {
                try scheduler.attach(facts(number, weight: Double(1 + number % 3)), now: 0)
                for index in 0..<streams {
                    let stream = StreamID(client: client(number), index: index)
                    try scheduler.createStream(stream, device: device)
                    next[stream] = (0, 0)
                }
            }
        }

        mutating func enqueue(_ stream: StreamID) throws {
            let number = next[stream]?.entered ?? 0
            let phases: [Phase] = [.other, .decode, .prefill]
            try scheduler.enqueue(
                Submission(
                    stream: stream, payload: number, phase: phases[Int(stream.client.rawValue) % 3],
                    phaseSource: .label, costNanoseconds: 1000 + Nanoseconds(stream.index) * 500),
                now: now)
            next[stream]?.entered += 1
        }

        /// One operation ends, and the device is filled again.
        mutating func step() {
            fill()
            guard !inFlight.isEmpty else {
                now += 1_000_000  // nothing runs: a policy holds
                return
            }
            let done = inFlight.removeFirst()
            let start = now
            now += done.cost
            scheduler.finished(done.id, startedAt: start, finishedAt: now, now: now)
            finished += 1
        }

        private mutating func fill() {
            for _ in 0..<64 {
                guard case .operation(let operation) = scheduler.next(device: device, now: now)
                else { return }
                let facts = operation.facts
                if operation.payload != next[facts.stream]?.left { outOfOrder += 1 }
                next[facts.stream]?.left += 1
                if operation.policyLoad == 0 { byFallback += 1 }
                inFlight.append(
                    (facts.id, facts.stream, operation.payload, facts.costNanoseconds))
            }
        }

        var streams: [StreamID] { next.keys.sorted() }
    }

    private func load(_ name: String, saved: SavedState? = nil) throws -> LuaPolicy {
        let path = "\(Files.policies)/\(name).lua"
        return try LuaPolicy.load(
            source: Files.text(of: path), path: path, saved: saved, devices: [device])
    }

    @Test("A thousand swaps under load: nothing lost, reordered or decided by default")
    func thousandSwaps() throws {
        var machine = try Machine(first: try load("fifo"))
        let names = ["fair", "decode-first", "fifo"]
        for stream in machine.streams { try machine.enqueue(stream) }
        for swap in 0..<1000 {
            for index in 0..<8 {
                try machine.enqueue(machine.streams[(swap * 8 + index) % machine.streams.count])
                machine.step()
            }
            let saved = try machine.scheduler.host.live.save()
            let policy = try load(names[swap % 3], saved: saved)
            try machine.scheduler.host.exchange(to: policy, carryOptions: true, now: machine.now)
        }
        while machine.finished < 32 + 8000, machine.now < 100_000_000_000 { machine.step() }
        #expect(machine.finished == 32 + 8000)
        #expect(machine.outOfOrder == 0)
        #expect(machine.byFallback == 0)
        #expect(machine.scheduler.host.statuses.allSatisfy { $0.breaches == 0 })
    }

    @Test("A policy that does not load leaves the old one, and one that fails is replaced")
    func failures() throws {
        var machine = try Machine(first: try load("fair"))
        for stream in machine.streams { try machine.enqueue(stream) }
        #expect(throws: PolicyLoadError.self) { try policy("function P.ready(op end") }
        let looping = try policy(
            "function P.ready(op) end function P.dispatch() while true do end end")
        try machine.scheduler.host.exchange(to: looping, now: machine.now)
        while machine.finished < 32, machine.now < 100_000_000_000 { machine.step() }
        #expect(machine.finished == 32 && machine.outOfOrder == 0)
        #expect(machine.scheduler.host.live.name == "fair")
        #expect(machine.scheduler.host.statuses[1].state == .quarantined)
        #expect(
            machine.scheduler.host.statuses[1].lastBreach?.contains("test.lua:2: dispatch") == true)
    }

    @Test("Work flows under every hostile script", arguments: HostileScriptTests.names)
    func hostile(name: String) throws {
        var machine = try Machine(first: try load("fifo"), clients: 3, streams: 2)
        let source = Files.text(of: "\(Files.hostile)/\(name)")
        if let hostile = try? LuaPolicy.load(source: source, path: name, devices: [device]) {
            _ = try? machine.scheduler.host.exchange(to: hostile, now: 0)
        }
        for _ in 0..<10 {
            for stream in machine.streams { try machine.enqueue(stream) }
        }
        // A policy that holds for good loses each operation to the fallback after a second.
        while machine.finished < 60, machine.now < 200_000_000_000 { machine.step() }
        #expect(machine.finished == 60)
        #expect(machine.outOfOrder == 0)
    }
}
