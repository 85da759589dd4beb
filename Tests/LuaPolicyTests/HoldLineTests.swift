import LuaPolicy
import Scheduling
import Testing
import Wire

/// The line of a hold, which is known while decisions are recorded.
@Suite("Lines of holds")
struct HoldLineTests {
    /// A policy whose dispatch is on line 4, with its body from line 5.
    private func holding(_ body: String) throws -> LuaPolicy {
        let policy = try policy(
            """
            local waiting, other = queue.fifo(), queue.heap()
            function P.ready(op) end
            function P.dispatch(device, now)
            \(body)
            end
            """)
        policy.recordsHolds = true
        return policy
    }

    private func line(_ policy: LuaPolicy) -> UInt32? {
        guard case .hold(_, let line) = policy.decide(idle, now: 7) else { return nil }
        return line
    }

    @Test(arguments: [
        ("if has_room(device, 1) then return nil end", 5),
        ("if in_flight(device) < 9 then\n  return nil, 500\nend\nreturn waiting:pop()", 6),
        ("local x = has_room(device, 1)\nreturn waiting:pop()", 6),
        ("return waiting:pop()\n  or other:pop()", 6),
        // Where it runs into its end, the last question counts.
        ("if waiting:pop() then\n  return 1\nend", 5),
        ("if not has_room(device, 1) then\n  return nil\nend\nlocal op = other:peek()", 8),
        // No call at all: the return, or the end.
        ("if now == 7 then\n  return nil\nend", 6),
        ("local x = now", 6),
        // What happens in a call that is protected, or native, does not hide the place.
        ("local ok = pcall(function()\n  return waiting:pop()\nend)", 5),
        ("log('full')\nreturn nil", 6),
    ])
    func `is where dispatch decided`(body: String, expected: UInt32) throws {
        #expect(try line(holding(body)) == expected)
    }

    @Test func `is that of the pop where an operation is kept back`() throws {
        let policy = try policy(
            """
            local waiting = queue.fifo()
            function P.ready(op) waiting:push(op) end
            function P.dispatch(device, now)
              local op = waiting:pop()
              if cost(op) > 10 then
                return nil, 100
              end
              return op
            end
            """)
        policy.recordsHolds = true
        #expect(policy.give([operation(0, cost: 1000)]).isEmpty)
        #expect(line(policy) == 5)
        #expect(policy.usage.ready == 1)
    }

    @Test func `is in the function that dispatch ends with`() throws {
        let policy = try policy(
            """
            local waiting = queue.fifo()
            function P.ready(op) end
            local function choose()
              if #waiting == 0 then return nil end
              return waiting:pop()
            end
            function P.dispatch(device, now) return choose() end
            """)
        policy.recordsHolds = true
        #expect(line(policy) == 5)
    }

    @Test func `is not looked for while nobody records`() throws {
        let policy = try holding("return nil")
        #expect(line(policy) == 5)
        policy.recordsHolds = false
        #expect(line(policy) == 0)
        policy.recordsHolds = true
        #expect(line(policy) == 5)
    }

    @Test func `what was dispatched keeps the line that took it`() throws {
        #expect(try line(holding("local op = waiting:pop()\nreturn op")) == 6)
        let fifo = try policy(fifoHooks)
        fifo.recordsHolds = true
        #expect(fifo.give([operation(1)]).isEmpty)
        #expect(fifo.decide(idle, now: 0) == .dispatch(operation(1).id, line: 4))
    }

    @Test func `bounds hold while lines are recorded`() throws {
        let policy = try holding("while true do has_room(device, 1) end")
        guard case .breach(let breach) = policy.decide(idle, now: 0) else {
            Issue.record("an endless loop ended")
            return
        }
        #expect(breach.kind == .instructions || breach.kind == .time)
        // What is charged for takes the hook off its usual step: the line is found all the same.
        let logging = try holding("for i = 1, 20 do log(string.rep('x', 200)) end\nreturn nil")
        #expect(line(logging) == 6)
    }

    @Test func `the host turns it on, also for the policy that comes next`() throws {
        let first = try policy(fifoHooks)
        let host = PolicyHost(first)
        host.recordsDecisions = true
        #expect(first.recordsHolds)
        let second = try policy(fifoHooks)
        try host.exchange(to: second, now: 0)
        #expect(second.recordsHolds && !first.recordsHolds)
        host.recordsDecisions = false
        #expect(!second.recordsHolds)
    }
}
