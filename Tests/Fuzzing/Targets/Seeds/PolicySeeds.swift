/// Policies that use what policies are given, and some that should not load. Those that are shipped
/// and the hostile scripts of LuaPolicyTests are added when fuzzing begins.
enum PolicySeeds {
    static let all: [String: [UInt8]] = [
        "fifo": policy(
            """
            local q = queue.fifo()
            function P.ready(op) q:push(op) end
            function P.dispatch(device, now) return q:pop() end
            """),
        "every-kind-of-queue": policy(
            """
            local a, b, c = queue.fifo(), queue.fair(), queue.heap(function(op) return cost(op) end)
            function P.ready(op)
              if phase(op) == DECODE then a:push(op) elseif tokens(op) > 1 then b:push(op) else c:push(op) end
            end
            function P.dispatch(device, now) return a:pop() or b:pop() or c:pop() end
            function P.save() return { lead = b:lead() } end
            function P.open(ctx) if ctx.saved then b:restore(ctx.saved.lead) end end
            """),
        "options-and-ticks": policy(
            """
            P.options = { x = { default = 3, min = 1, max = 9, doc = "x" } }
            P.tick_us = 100
            local n = 0
            function P.tick(now) n = n + opt.x end
            function P.changed(key, value) log(key, value) end
            function P.ready(op) end
            function P.dispatch(device, now) return nil end
            """),
        "options-that-lie": policy(
            "P.options = { x = { default = 1/0, min = 0/0, max = -1, doc = 7 }, [3] = 4 }"),
        "hooks-of-every-name": policy(
            """
            for _, name in ipairs { "ready", "dispatch", "done", "drop", "attach", "detach", "tick",
              "changed", "save", "open", "classify" } do P[name] = function(...) return ... end end
            """),
        "syntax-error": Array("local P = { name = 'x', api = 1\nreturn P".utf8),
        "no-table": Array("return 7".utf8),
        "bytes-that-are-no-text": [0x1b, 0x4c, 0x75, 0x61, 0x54, 0, 0xff, 0xfe],
        "wrong-api": Array("return { name = 'x', api = 99, version = -1 }".utf8),
    ]

    private static func policy(_ body: String) -> [UInt8] {
        Array("local P = { name = 'x', api = 1, version = 1 }\n\(body)\nreturn P\n".utf8)
    }
}
