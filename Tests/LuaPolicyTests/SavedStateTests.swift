import LuaPolicy
import Scheduling
import Testing
import Wire

@Suite("What a policy saves")
struct SavedStateTests {
    @Test("Every byte comes back as it was, in values and in keys") func bytes() throws {
        let saving =
            fifoHooks + """
                local state = {}
                for first = 1, 255 do
                  local text = string.char(first, 0x80, first, 0xff) .. "ü" .. string.char(first)
                  state[first] = text
                  state[text] = first
                end
                function P.open(ctx)
                  if not ctx.saved then return end
                  local same = true
                  for key, value in pairs(state) do same = same and ctx.saved[key] == value end
                  for key in pairs(ctx.saved) do same = same and state[key] ~= nil end
                  log(same)
                end
                function P.save() return state end
                """
        let saved = try #require(try policy(saving).save())
        #expect(saved.text.utf8.allSatisfy { (0x20..<0x7f).contains($0) })
        let next = try policy(saving, saved: saved)
        #expect(next.takeLog() == ["true"])
        #expect(try next.save() == saved)
    }

    @Test("Numbers come back as they were") func numbers() throws {
        let saving =
            fifoHooks + """
                local state = { math.huge, -math.huge, 5e-324, 1e308, 0.1, 2^53, 2^53 + 1,
                  math.mininteger, math.maxinteger, -0.0, 3, 3.0, [2^-3] = 1, [-7] = 2 }
                function P.open(ctx)
                  if not ctx.saved then return end
                  for key, value in pairs(state) do
                    local found = ctx.saved[key]
                    if found ~= value or math.type(found) ~= math.type(value) then log(key) end
                  end
                  log(1 / ctx.saved[10])
                end
                function P.save() return state end
                """
        let saved = try #require(try policy(saving).save())
        #expect(try policy(saving, saved: saved).takeLog() == ["-inf"])
    }

    static let failing = [
        ("error('not now')", "not now"), ("local t = {} t.t = t return t", "in a cycle"),
        ("return { print }", "plain data only, not a function"),
        ("return { waiting }", "plain data only, not a userdata"),
        ("return ('x'):rep(4000):rep(2)", "at most 4096 bytes"),
        (
            "local t = {} for i = 1, 20 do t[i] = ('x'):rep(4000) .. i end return t",
            "bytes of state"
        ),
        ("while true do end", "too many instructions"), ("return { [{}] = 1 }", "no fixed order"),
    ]

    @Test("One that fails says so, with its place", arguments: failing)
    func fails(body: String, message: String) throws {
        let policy = try policy(fifoHooks + "function P.save() \(body) end")
        let breach = try #require(throws: PolicyBreach.self) { try policy.save() }
        #expect(breach.message.contains(message), "\(breach.message)")
        #expect(breach.message.hasPrefix("test.lua"), "\(breach.message)")
        #expect(policy.give([operation(0)]).isEmpty && policy.drain() == [0], "it goes on")
    }

    @Test("A policy is made anew with the files that it required then") func modules() throws {
        let files = ChangingFiles(["order": "return function(op) return cost(op) end"])
        let text = """
            local order = require "order"
            local waiting = queue.heap()
            function P.ready(op) waiting:push(op, order(op)) end
            function P.dispatch() return waiting:pop() end
            """
        let first = try policy(text, environment: LuaEnvironment(moduleSource: { files[$0] }))
        #expect(first.text?.modules.keys.sorted() == ["order"])
        files.replace(["order": "this is no Lua"])
        let again = try #require(
            first.recipe()?.makePolicy(clients: [facts(1)], now: 0) as? LuaPolicy)
        #expect(again.text == first.text)
        #expect(again.give([operation(0, cost: 30), operation(1, cost: 10)]).isEmpty)
        #expect(again.drain() == [1, 0])
        files.replace([:])
        #expect(try again.recipe()?.makePolicy(clients: [], now: 0) != nil, "and again")
    }

    @Test("A file that cannot be read is named, and why") func unreadable() {
        struct Refusal: Error, CustomStringConvertible { let description = "it is a pipe" }
        let environment = LuaEnvironment(moduleSource: { _ throws in throw Refusal() })
        let error = #expect(throws: PolicyLoadError.self) {
            try policy("\n\nrequire 'order'", environment: environment)
        }
        #expect(error?.message == "'order.lua' cannot be read: it is a pipe")
        #expect(error?.line == 4)
    }

    @Test("What a policy requires is bounded, all together") func largeModules() {
        let large = "--" + String(repeating: "x", count: 200 << 10) + "\nreturn {}"
        let error = #expect(throws: PolicyLoadError.self) {
            try policy(
                "for _, c in ipairs { 'a', 'b', 'c', 'd', 'e', 'f', 'g' } do require(c) end",
                environment: LuaEnvironment(moduleSource: { _ in large }))
        }
        #expect(
            error?.message.contains("more than 1048576 bytes together") == true, "\(error as Any)")
    }
}

/// Files that change under a policy.
private final class ChangingFiles: @unchecked Sendable {
    // Tests change it between calls, on one thread.
    private var files: [String: String]
    init(_ files: [String: String]) { self.files = files }
    subscript(name: String) -> String? { files[name] }
    func replace(_ files: [String: String]) { self.files = files }
}
