import LuaPolicy
import Scheduling
import Testing
import Wire

@Suite("A policy in Lua")
struct LuaPolicyTests {
    @Test("Dispatches in the order of the queue, and says which line took each") func dispatches()
        throws
    {
        let fifo = try policy(fifoHooks)
        #expect(fifo.name == "test" && fifo.version == 3 && fifo.origin == "/somewhere/test.lua")
        #expect(fifo.give([operation(4), operation(2), operation(9)]).isEmpty)
        #expect(
            fifo.decide(idle, now: 5) == .dispatch(OperationID(slot: 4, generation: 1), line: 4))
        #expect(fifo.drain() == [2, 9])
        #expect(fifo.decide(idle, now: 5) == .hold(wakeAt: nil))
        fifo.recordsLines = false
        #expect(fifo.give([operation(1)]).isEmpty)
        #expect(
            fifo.decide(idle, now: 5) == .dispatch(OperationID(slot: 1, generation: 1), line: 0))
    }

    @Test("A hold says when to ask again, from now") func holds() throws {
        let holding = try policy(
            "function P.ready(op) end function P.dispatch(device, now) return nil, 500 end")
        #expect(holding.give([operation(0)]).isEmpty)
        #expect(holding.decide(idle, now: 1000) == .hold(wakeAt: 1500))
    }

    @Test("Answers every accessor") func accessors() throws {
        let names = LuaEnvironment(functionName: { "aclnn\($0.rawValue)" })
        let asking = try policy(
            """
            function P.ready(op)
              log(name(op), phase(op) == DECODE, phase_source(op), client(op), tenant(op),
                stream(op), seq(op), tokens(op), bytes(op), flops(op), cost(op), age(op),
                tag(op, "team"), device_of(op))
              log(weight(client(op)), label(client(op), "team"), label(client(op), "name"),
                label(client(op), "none"), queued(), queued(0), queued(0, DECODE),
                queued(0, PREFILL), oldest(0) == op, oldest(0, PREFILL))
            end
            function P.dispatch(device, now)
              log(device, now, in_flight(device), in_flight(device, DECODE), in_flight_ns(device),
                has_room(device, 1), has_room(device, 100, 2), has_room(device, 100, 5),
                in_flight(3))
            end
            """,
            clients: [facts(5, weight: 2.5, labels: ["team": "red", "tenant": "chat"])],
            environment: names)
        let work = operation(
            3, client: 5, phase: .decode, source: .label, cost: 77, tokens: 12, enqueuedAt: 10)
        #expect(asking.ready(work, now: 40) == nil)
        var load = DeviceLoad(device: device, operationsInFlight: 3, inFlightNanoseconds: 5000)
        load.operationsInFlightByPhase[2] = 1
        #expect(asking.decide(load, now: 50) == .hold(wakeAt: nil))
        #expect(
            asking.takeLog().map { $0.replacing("\t", with: " ") } == [
                "aclnn7 true label 5 chat 3 1 12 4096 1048576 77 30 red 0",
                "2.5 red program5 nil 1 1 1 0 true nil",
                "0 50 3 1 5000 false false true 0",
            ])
        #expect(asking.takeLog().isEmpty)
    }

    @Test("Every hook is called with what it is promised") func hooks() throws {
        let all = try policy(
            fifoHooks + """
                function P.open(ctx)
                  log("open", #ctx.devices, ctx.devices[1], ctx.saved, ctx.previous)
                end
                function P.attach(c) log("attach", c, weight(c)) end
                function P.detach(c) log("detach", c, weight(c)) end
                function P.done(op, ns) log("done", op & 0xff, ns, client(op)) end
                function P.drop(op, why) log("drop", op & 0xff, why, client(op)) end
                P.tick_us = 100
                function P.tick(now) log("tick", now) end
                """, clients: [facts(1, weight: 2)])
        // Known already: brought up to date, not called.
        _ = all.attach(facts(1, weight: 4), now: 0)
        _ = all.attach(facts(2), now: 0)
        #expect(all.give([operation(1), operation(2)]).isEmpty)
        #expect(all.decide(idle, now: 10) == .dispatch(operation(1).id, line: 4))
        #expect(all.done(operation(1), tookNanoseconds: 99, now: 20) == nil)
        #expect(all.drop(operation(2), reason: .streamAborted, now: 30) == nil)
        // Dispatched by a policy before this one: it is told all the same.
        #expect(all.done(operation(8, client: 2), tookNanoseconds: 5, now: 40) == nil)
        #expect(all.decide(idle, now: 150_000) == .hold(wakeAt: 250_000))
        _ = all.detach(client(1), now: 0)
        #expect(
            all.takeLog().map { $0.replacing("\t", with: " ") } == [
                "open 1 0 nil nil", "attach 1 2.0", "attach 2 1.0", "done 1 99 1",
                "drop 2 stream aborted 1", "done 8 5 2", "tick 150000", "detach 1 4.0",
            ])
        #expect(all.usage.operations == 0)
    }

    @Test("classify decides once a signature, after marks and labels and before shapes")
    func classifies() throws {
        let classifying = try policy(
            fifoHooks + """
                local asked = 0
                function P.classify(op)
                  asked = asked + 1
                  log("asked", asked)
                  if tokens(op) > 100 then return PREFILL end
                  return tokens(op) == 1 and DECODE or nil
                end
                """)
        let given = [
            operation(0, tokens: 500), operation(1, tokens: 500), operation(2, tokens: 1),
            operation(3, phase: .mixed, source: .label, tokens: 1), operation(4, tokens: 50),
            operation(5, phase: .decode, source: .shape, tokens: 500),
        ]
        #expect(classifying.give(given).isEmpty)
        let phases = given.map { classifying.phase(of: $0.id) }
        #expect(phases == [.prefill, .prefill, .decode, .mixed, .other, .prefill])
        #expect(classifying.takeLog().count == 3)
    }

    @Test("Options: read, set, bounded, and told of") func options() throws {
        let optional = try policy(
            fifoHooks + """
                P.options = {
                  window_us = { default = 200, min = 1, max = 10000, doc = "in flight" },
                  ratio = { default = 0.5 }, strict = { default = false }, mode = { default = "a" },
                }
                function P.changed(key)
                  log(key, opt[key])
                  if opt.mode == "bad" then error("no such mode") end
                end
                """, options: ["window_us": "300", "gone": "1", "ratio": "x"])
        #expect(optional.options.map(\.key) == ["mode", "ratio", "strict", "window_us"])
        #expect(optional.options.map(\.value) == ["a", "0.5", "false", "300"])
        #expect(optional.options[3].minimum == 1 && optional.options[3].maximum == 10000)
        #expect(optional.options[3].doc == "in flight" && optional.options[3].standard == "200")
        try optional.set("strict", to: "true")
        try optional.set("ratio", to: "0.25")
        #expect(throws: PolicyOptionError.self) { try optional.set("mode", to: "bad") }
        #expect(optional.options[0].value == "a")
        for (key, value) in [
            ("window_us", "0"), ("window_us", "10001"), ("window_us", "1.5"), ("window_us", "many"),
            ("ratio", "nan"), ("strict", "1"), ("nothing", "1"),
            ("mode", String(repeating: "x", count: 200)),
        ] {
            #expect(throws: PolicyOptionError.self) { try optional.set(key, to: value) }
        }
        try optional.set("mode", to: "b")
        let log = optional.takeLog().map { $0.replacing("\t", with: " ") }
        #expect(
            log.contains("window_us 300") && log.contains("strict true") && log.contains("mode b"))
        #expect(log.contains { $0.hasPrefix("option gone is not carried over") })
    }

    @Test("What one version saves, the next one finds; equal data, equal text") func saves() throws
    {
        let saving = """
            local state = { 1, 2.5, "a\\"b\\\\c\\n", [10] = true, ["two words"] = { deep = { -1 } },
              huge = math.huge, low = math.mininteger, [-0.5] = "half" }
            function P.open(ctx)
              if not ctx.saved then return end
              log(ctx.previous.name, ctx.previous.version, ctx.saved.low == math.mininteger,
                ctx.saved.huge)
              state = ctx.saved
            end
            function P.save() return state end

            """
        let first = try policy(fifoHooks + saving)
        let saved = try #require(try first.save())
        #expect(saved.policy == "test" && saved.version == 3)
        let second = try policy(fifoHooks + saving, saved: saved)
        #expect(second.takeLog() == ["test\t3\ttrue\tinf"])
        #expect(try second.save() == saved)
        #expect(try policy(fifoHooks).save() == nil)
    }

    @Test("State that is no plain text of data does not load, and does no harm") func badState() {
        for text in [
            "while true do end", "{", "print('x')", "(function() while true do end end)()",
        ] {
            #expect(throws: PolicyLoadError.self) {
                try policy(
                    fifoHooks + "function P.open(ctx) if ctx.saved then log(ctx.saved.x) end end",
                    saved: SavedState(policy: "x", version: 1, text: text))
            }
        }
    }

    @Test("Opened again from its source, with its options and its state") func reopens() throws {
        let policy = try policy(
            fifoHooks + """
                P.options = { n = { default = 1 } }
                local runs = 0
                function P.open(ctx) runs = ctx.saved and ctx.saved.runs + 1 or 0 end
                function P.save() return { runs = runs } end
                """)
        try policy.set("n", to: "7")
        #expect(policy.give([operation(0)]).isEmpty)
        let recipe = try #require(policy.recipe())
        let again = try #require(recipe.makePolicy(clients: [], now: 0) as? LuaPolicy)
        #expect(again.options.map(\.value) == ["7"])
        #expect(try again.save()?.text == "{[\"runs\"]=1}")
        #expect(again.drain().isEmpty)
    }
}
