import LuaPolicy
import Scheduling
import Testing
import Wire

@Suite("Loading a policy")
struct PolicyLoadingTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let body: String
        let line: Int
        let message: String
        var testDescription: String { message }
    }

    static let faults = [
        Fault(
            body: "local P = {}\nfunction P.ready(op end", line: 2,
            message: "')' expected near 'end'"),
        Fault(
            body: "local P = {}\n\nP.x.y = 1\nreturn P", line: 3,
            message: "attempt to index a nil value"),
        Fault(body: "return {}", line: 0, message: "no function `ready`"),
        Fault(body: "return { ready = print }", line: 0, message: "no function `dispatch`"),
        Fault(
            body: "return { ready = print, dispatch = 1 }", line: 0,
            message: "must be a function, not a number"),
        Fault(body: "local x = 1", line: 0, message: "is `return P` missing"),
        Fault(
            body: "return { api = 2, ready = print, dispatch = print }", line: 0,
            message: "`api` is 2"),
        Fault(
            body: "return { name = 1, ready = print, dispatch = print }", line: 0,
            message: "`name` must be a string"),
        Fault(
            body: "return { ready = print, dispatch = print, admit = print }", line: 0,
            message: "`admit` is not supported by this version"),
        Fault(
            body:
                "return { ready = print, dispatch = print, options = "
                + "{ a = { default = 5, max = 4 } } }",
            line: 0,
            message: "option `a`: `default` is not between"),
        Fault(
            body: "return { ready = print, dispatch = print, options = { a = { defualt = 5 } } }",
            line: 0,
            message: "option `a`: it has `default`, `min`, `max` and `doc`"),
        Fault(
            body: "return { ready = print, dispatch = print, tick = print }", line: 0,
            message: "no `tick_us`"),
        Fault(body: "\n\nrequire 'nothing'", line: 3, message: "no file 'nothing.lua'"),
        Fault(body: "\nlocal x = opt.window", line: 2, message: "options can be read in hooks"),
        Fault(body: "\nwhile true do end", line: 2, message: "too many instructions"),
        Fault(body: "\nlocal n = queu.fifo()", line: 2, message: "unknown global 'queu'"),
    ]

    @Test("Says what is wrong, and where", arguments: faults)
    func reports(fault: Fault) throws {
        let error = #expect(throws: PolicyLoadError.self) {
            try LuaPolicy.load(source: fault.body, path: "/a/b/some.lua")
        }
        #expect(error?.line == fault.line)
        #expect(error?.file == "some.lua")
        #expect(error?.message.contains(fault.message) == true, "\(error?.message ?? "")")
    }

    @Test("A fault in open or attach is a load that failed") func faultsAfterLoading() {
        for hook in ["open", "attach"] {
            let error = #expect(throws: PolicyLoadError.self) {
                try policy(
                    fifoHooks + "function P.\(hook)(x)\n error('not today') end",
                    clients: [facts(1)])
            }
            #expect(error?.line == 6)
            #expect(error?.message.contains("not today") == true)
        }
    }

    @Test("require reads files of the policy's own folder, each once") func requires() throws {
        let files = [
            "ordered":
                "local M = {} function M.key(op) return cost(op) end return M",
            "one": "local t = require 'two' return t", "two": "return require 'one'",
            "broken": "\n\nreturn +", "empty": "",
        ]
        let environment = LuaEnvironment(moduleSource: { files[$0] })
        let shortest = try policy(
            """
            local ordered = require "ordered"
            assert(require "ordered" == ordered)
            local waiting = queue.heap()
            function P.ready(op) waiting:push(op, ordered.key(op)) end
            function P.dispatch() return waiting:pop() end
            """, environment: environment)
        #expect(
            shortest.give([operation(0, cost: 30), operation(1, cost: 10), operation(2, cost: 20)])
                .isEmpty)
        #expect(shortest.drain() == [1, 2, 0])
        for (name, message, line) in [
            ("one", "'one' requires itself", 1), ("broken", "unexpected symbol", 3),
            ("empty", "returns no table", 2), ("../ordered", "own folder", 2),
            ("a.b", "own folder", 2),
        ] {
            let error = #expect(throws: PolicyLoadError.self) {
                try policy("require '\(name)'\n" + fifoHooks, environment: environment)
            }
            #expect(error?.message.contains(message) == true, "\(String(describing: error))")
            #expect(error?.line == line)
        }
    }

    @Test("A saved state of another policy is only data") func otherState() throws {
        let state = SavedState(policy: "other", version: 9, text: "{[\"lead\"]={[1]=0x1p+4}}")
        let fair = try LuaPolicy.load(
            source: Files.text(of: "\(Files.policies)/decode-first.lua"), path: "decode-first.lua",
            saved: state, clients: [facts(1)], devices: [device])
        #expect(fair.give([operation(0)]).isEmpty)
        #expect(fair.drain() == [0])
    }
}
