import LuaPolicy
import Scheduling
import Testing
import Wire

@Suite("Queues of a policy")
struct QueueTests {
    @Test(
        "What was popped and not returned goes back to where it was",
        arguments: ["fifo", "heap", "fair"])
    func transactional(kind: String) throws {
        let policy = try policy(
            """
            local waiting = queue.\(kind)()
            local turn = 0
            function P.ready(op) waiting:push(op, 5) end
            function P.dispatch(device, now)
              turn = turn + 1
              local a, b, c = waiting:pop(), waiting:pop(), waiting:pop()
              if turn == 1 then return nil end
              if turn == 2 then error("after three pops") end
              if turn == 3 then return "nonsense" end
              if turn == 4 then return b end
              return a
            end
            """)
        #expect(policy.give((0..<4).map { operation($0) }).isEmpty)
        #expect(policy.decide(idle, now: 0) == .hold(wakeAt: nil))
        for kind in [PolicyBreach.Kind.error, .notReady] {
            guard case .breach(let breach) = policy.decide(idle, now: 0) else {
                Issue.record("no breach")
                return
            }
            #expect(breach.kind == kind)
        }
        #expect(policy.usage.ready == 4)
        #expect(policy.drain() == [1, 0, 2, 3])
    }

    @Test("What is popped in another hook goes back as well, unless it is pushed elsewhere")
    func elsewhere() throws {
        let policy = try policy(
            """
            local first, second = queue.fifo(), queue.fifo()
            function P.ready(op)
              first:push(op)
              if #first == 3 then first:pop() second:push(first:pop()) end
            end
            function P.dispatch() return second:pop() or first:pop() end
            """)
        #expect(policy.give((0..<3).map { operation($0) }).isEmpty)
        #expect(policy.drain() == [1, 0, 2])
    }

    @Test("An operation whose ready failed is not kept") func readyFails() throws {
        let policy = try policy(
            """
            local waiting = queue.fifo()
            function P.ready(op) waiting:push(op) if seq(op) == 2 then error("no") end end
            function P.dispatch() return waiting:pop() end
            """)
        #expect(policy.give([operation(0), operation(1, generation: 2), operation(2)]).count == 1)
        #expect(policy.drain() == [0, 2])
    }

    @Test("peek, remove, update, length") func methods() throws {
        let policy = try policy(
            """
            local waiting, other = queue.heap(), queue.fifo()
            function P.ready(op)
              waiting:push(op, cost(op))
              if #waiting < 4 then return end
              local head, key = waiting:peek()
              log(head & 0xff, key, #waiting)
              waiting:update(head, 1000)
              local op2 = waiting:peek()
              log(waiting:remove(op2), waiting:remove(op2), other:remove(head), #waiting)
              other:push(op2)
              log(#waiting, #other)
            end
            function P.dispatch() return waiting:pop() or other:pop() end
            """)
        let costs: [Nanoseconds] = [40, 10, 30, 20]
        #expect(policy.give(costs.indices.map { operation(UInt32($0), cost: costs[$0]) }).isEmpty)
        #expect(policy.takeLog() == ["1\t10.0\t4", "true\tfalse\tfalse\t3", "3\t1"])
        #expect(policy.drain() == [2, 0, 1, 3])
    }

    @Test("A returned operation that still waits leaves its queue") func returnsPeeked() throws {
        let policy = try policy(
            """
            local waiting = queue.fifo()
            function P.ready(op) waiting:push(op) end
            function P.dispatch(d) log(#waiting) return oldest(d) end
            """)
        #expect(policy.give([operation(5, phase: .mixed), operation(1)]).isEmpty)
        #expect(policy.drain() == [5, 1])
        #expect(policy.takeLog() == ["2", "1", "0"])
    }

    @Test("Shares of a fair queue follow the weights, by what operations really took")
    func fairShares() throws {
        let policy = try policy(
            """
            local waiting = queue.fair()
            function P.ready(op) waiting:push(op) end
            function P.dispatch() return waiting:pop() end
            """, clients: [facts(1, weight: 5), facts(2, weight: 3), facts(3, weight: 2)])
        // The model is wrong by a factor for each client; what is charged is what was observed.
        let took: [Nanoseconds] = [0, 400, 1000, 2500]
        var busy = [Nanoseconds](repeating: 0, count: 4)
        var generation: UInt32 = 1
        for slot in UInt32(1)...3 {
            #expect(policy.ready(operation(slot, client: slot, cost: 1000), now: 0) == nil)
        }
        var now: Nanoseconds = 0
        for _ in 0..<20_000 {
            guard case .dispatch(let id, _, _, _) = policy.decide(idle, now: now) else { break }
            let slot = id.slot
            busy[Int(slot)] += took[Int(slot)]
            now += took[Int(slot)]
            let facts = operation(slot, generation: id.generation, client: slot, cost: 1000)
            _ = policy.done(facts, tookNanoseconds: took[Int(slot)], now: now)
            generation += 1
            _ = policy.ready(
                operation(slot, generation: generation, client: slot, cost: 1000), now: now)
        }
        for (slot, share) in [(1, 0.5), (2, 0.3), (3, 0.2)] {
            let measured = Double(busy[slot]) / Double(busy.reduce(0, +))
            #expect(abs(measured - share) < 0.01, "client \(slot): \(measured)")
        }
    }

    @Test("A client that was idle saves no credit up, and a swap gives none") func fairLead() throws
    {
        let body = """
            local waiting = queue.fair()
            function P.open(ctx) if ctx.saved then waiting:restore(ctx.saved) end end
            function P.save() return waiting:lead() end
            function P.ready(op) waiting:push(op) end
            function P.dispatch() return waiting:pop() end
            """
        let clients = [facts(1), facts(2)]
        let first = try policy(body, clients: clients)
        func run(_ policy: LuaPolicy, _ client: UInt32, times: Int) {
            for index in 0..<times {
                let work = operation(
                    client, generation: UInt32(index + 1), client: client, cost: 1000)
                #expect(policy.ready(work, now: 0) == nil)
                #expect(policy.drain() == [client])
                #expect(policy.done(work, tookNanoseconds: 1000, now: 0) == nil)
            }
        }
        run(first, 1, times: 100)
        // Client 2 comes late: it does not get a hundred operations before client 1 has another.
        #expect(
            first.give((10..<14).map { operation($0, client: 2) } + [operation(1, generation: 200)])
                .isEmpty)
        #expect(first.drain(atMost: 2).contains(1))
        let ahead = try policy(body, clients: clients)
        #expect(
            ahead.give([operation(1, client: 1, cost: 5000), operation(2, client: 2, cost: 10)])
                .isEmpty)
        #expect(ahead.drain() == [1, 2])
        let saved = try #require(try ahead.save())
        let next = try policy(body, saved: saved, clients: clients)
        #expect(
            next.give([operation(3, client: 1)] + (4..<7).map { operation($0, client: 2) }).isEmpty)
        #expect(next.drain() == [4, 5, 6, 3])
    }

    @Test("A bucket lets out its burst, and then its rate") func bucket() throws {
        let policy = try policy(
            """
            local waiting = queue.bucket(1000, 2)
            function P.ready(op) waiting:push(op) end
            function P.dispatch()
              local op = waiting:pop()
              if op then return op end
              return nil, #waiting > 0 and waiting:wait() or nil
            end
            """)
        #expect(policy.give((0..<4).map { operation($0) }).isEmpty)
        #expect(policy.drain(now: 0) == [0, 1])
        #expect(policy.decide(idle, now: 0) == .hold(wakeAt: 1_000_000))
        #expect(policy.decide(idle, now: 400_000) == .hold(wakeAt: 1_000_000))
        #expect(policy.drain(now: 1_000_000) == [2])
        #expect(policy.drain(now: 10_000_000) == [3])
    }

    @Test("Stale, foreign and dispatched operations are refused") func refused() throws {
        let policy = try policy(
            """
            local waiting, kept = queue.fifo(), nil
            function P.ready(op)
              waiting:push(op)
              if kept then log((select(2, pcall(phase, kept)))) end
              kept = kept or op
            end
            function P.dispatch(d)
              return seq(waiting:peek()) == 1 and waiting:pop() or kept
            end
            """)
        #expect(policy.give([operation(0)]).isEmpty)
        #expect(policy.drain(atMost: 1) == [0])
        #expect(policy.done(operation(0), tookNanoseconds: 1, now: 0) == nil)
        #expect(policy.give([operation(0, generation: 2)]).isEmpty)
        #expect(policy.takeLog().first?.contains("no such operation") == true)
        guard case .breach(let breach) = policy.decide(idle, now: 0) else {
            Issue.record("no breach")
            return
        }
        #expect(breach.kind == .notReady)
    }

    @Test("An operation of another device is refused") func wrongDevice() throws {
        let policy = try policy(
            """
            local kept
            function P.ready(op) kept = op end
            function P.dispatch(d) return kept end
            """)
        #expect(policy.give([operation(0, device: 1)]).isEmpty)
        guard case .breach(let breach) = policy.decide(idle, now: 0) else {
            Issue.record("no breach")
            return
        }
        #expect(breach.kind == .notReady)
    }

    @Test("Devices that share a queue each get their own", arguments: ["fifo", "heap", "fair"])
    func sharedByDevices(kind: String) throws {
        let policy = try policy(
            """
            local waiting = queue.\(kind)()
            function P.ready(op) waiting:push(op, cost(op)) end
            function P.dispatch(d)
              local op = waiting:peek()
              assert(op == nil or device_of(op) == d)
              local mine = queued(d) > 0 and client(oldest(d)) or 0
              if "\(kind)" == "fair" and waiting:peek(mine) then return waiting:pop(mine) end
              return waiting:pop()
            end
            """, clients: [facts(1), facts(2)])
        let work = (0..<6).map {
            operation($0, client: 1 + $0 % 2, cost: 10 + Nanoseconds($0), device: Int32($0 / 3))
        }
        #expect(policy.give(work).isEmpty)
        let second = DeviceLoad(device: DeviceID(rawValue: 1))
        #expect(policy.drain(second).sorted() == [3, 4, 5])
        #expect(policy.decide(second, now: 0) == .hold(wakeAt: nil))
        #expect(policy.drain().sorted() == [0, 1, 2])
    }

    @Test("A forgotten operation leaves its queue, and its client pays for it") func forgets()
        throws
    {
        let policy = try policy(
            """
            local waiting = queue.fair()
            function P.ready(op) waiting:push(op) end
            function P.dispatch() return waiting:pop() end
            """, clients: [facts(1), facts(2)])
        #expect(policy.give([operation(0, client: 1, cost: 3500)]).isEmpty)
        policy.forget(operation(0).id)
        #expect(policy.done(operation(0, client: 1), tookNanoseconds: 3500, now: 0) == nil)
        #expect(
            policy.give(
                (1..<3).map { operation($0, client: 1) } + (3..<6).map { operation($0, client: 2) }
            ).isEmpty)
        #expect(policy.drain() == [3, 4, 5, 1, 2])
        policy.forget(OperationID(slot: 77, generation: 1))
    }

    @Test("The tables of very many queues are bounded as well") func manyQueues() throws {
        // A heap finds operations by a table as long as there are operations: 128 KiB each here.
        let many = try policy(
            """
            local heaps, next, last = {}, 0, nil
            for i = 1, 4000 do heaps[i] = queue.heap() end
            function P.ready(op) last = op end
            function P.dispatch()
              for _ = 1, 4 do
                if next > 0 then heaps[next]:remove(last) end
                next = next % 4000 + 1
                heaps[next]:push(last, 1)
              end
            end
            """)
        for slot in 0..<20_000 as Range<UInt32> { _ = many.ready(operation(slot), now: 0) }
        var messages: [String] = []
        for _ in 0..<400 {
            if case .breach(let failure) = many.decide(idle, now: 0) {
                messages.append(failure.message)
            }
        }
        #expect(messages.contains { $0.contains("all queues together take") }, "\(messages)")
    }
}
