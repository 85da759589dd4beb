import LuaPolicy
import Testing

@Suite("policy check")
struct PolicyCheckTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let body: String
        let line: Int
        let severity: Finding.Severity
        let message: String
        let hint: String?
        var testDescription: String { message }

        init(
            _ body: String, _ line: Int, _ severity: Finding.Severity, _ message: String,
            _ hint: String? = nil
        ) {
            (self.body, self.line, self.severity, self.message, self.hint) = (
                body, line, severity, message, hint
            )
        }
    }

    static let head = "local P = { name = 'test', api = 1 }\nlocal waiting = queue.fifo()\n"
    static let ready = "function P.ready(op) waiting:push(op) end\n"
    static let hooks = ready + "function P.dispatch() return waiting:pop() end\n"

    /// A helper function after the hooks, whose body is on line 6.
    static func helper(_ body: String) -> String {
        hooks + "local function f(r)\n \(body)\nend\nreturn P"
    }

    /// Another hook after the hooks, whose body is on line 6.
    static func hook(_ head: String, _ body: String) -> String {
        hooks + "function P.\(head)\n \(body)\nend\nreturn P"
    }

    /// A dispatch of its own, whose body is on line 5.
    static func dispatch(_ body: String) -> String {
        ready + "function P.dispatch()\n \(body)\nend\nreturn P"
    }

    static let names = [
        Case("return P end", 3, .error, "expected near 'end'"),
        Case(helper("return waitng:pop()"), 6, .error, "unknown global 'waitng'"),
        Case(
            helper("return quue.fifo()"), 6, .error, "unknown global 'quue'",
            "did you mean 'queue'?"),
        Case(
            helper("return string.find('a', 'b')"), 6, .error, "unknown global 'string.find'",
            "there are no patterns"),
        Case(
            helper("return math.flor(1)"), 6, .error, "unknown global 'math.flor'",
            "did you mean 'math.floor'?"),
        Case(
            helper("return os.time()"), 6, .error, "unknown global 'os'", "time is passed in"),
        Case(
            helper("return deadline(r)"), 6, .error, "unknown global 'deadline'",
            "not in this version"),
        Case(
            hooks + "count = 0\nreturn P", 5, .warning, "'count' is a global",
            "write local count"),
        Case(ready + "return P", 0, .error, "no function `dispatch`", "it chooses"),
        Case(
            hook("dipatch()", ""), 0, .warning, "P.dipatch means nothing",
            "did you mean P.dispatch?"),
        Case(
            hook("admit(r)", ""), 0, .error, "`admit` is not supported",
            "take the function out"),
        Case(
            hooks + "P.options = { a = { default = 1, min = '0' } }\nreturn P", 0, .error,
            "option `a`: `min` and `max` must be numbers"),
    ]

    static let runs = [
        Case(
            "function P.ready(op) waiting:pusk(op) end\nfunction P.dispatch() end\nreturn P", 3,
            .error, "ready: attempt to call a nil value (method 'pusk')", "queues have push"),
        Case(
            hook("done(op, ns)", "local x = nil + 1"), 6, .error,
            "done: attempt to perform arithmetic on a nil value"),
        Case(hook("drop(op, why)", "error(why)"), 6, .error, "drop: client gone"),
        Case(hook("attach(c)", "error('who?')"), 6, .error, "attach: who?"),
        Case(hook("detach(c)", "error('bye')"), 6, .error, "detach: bye"),
        Case(
            "P.options = { n = { default = 1, min = 0, max = 9 } }\n"
                + hook("changed(key)", "if opt.n == 9 then error('nine') end"), 7, .error,
            "changed: nine"),
        Case(hook("save()", "return { f = print }"), 5, .error, "save: plain data only"),
        Case(
            "function P.save() return 5 end\n"
                + hook("open(ctx)", "if ctx.saved then return ctx.saved.x end"), 7, .error,
            "attempt to index a number value"),
        Case(dispatch("return nil"), 0, .warning, "24 of 24 operations were held"),
        Case(
            dispatch("while true do end"), 5, .error, "too many instructions", "look at less"),
        Case(dispatch("return 7"), 0, .error, "is no ready operation"),
        Case(
            dispatch("return waiting:pop(), 7 / 2"), 5, .error, "3.5 as cube cores", "// divides"),
        Case(
            dispatch("return waiting:pop(), cores(1)"), 5, .error, "no such operation",
            "an operation ends"),
        Case(
            dispatch("return waiting:pop(), 0, 0, now"), 5, .error, "unknown global 'now'"),
        Case(
            dispatch("return waiting:pop(), 0, 0, 7"), 5, .error, "a number as its note",
            "the fourth value"),
        Case(
            dispatch("local op = waiting:pop()\n return op, op and kind(op) == COPPY and 1"), 6,
            .error, "unknown global 'COPPY'", "did you mean 'COPY'?"),
    ]

    @Test("Finds", arguments: names + runs)
    func finds(one: Case) {
        let findings = PolicyCheck.check(source: Self.head + one.body, path: "/x/test.lua")
        let found = findings.first { $0.message.contains(one.message) }
        #expect(found != nil, "\(findings)")
        #expect(found?.severity == one.severity)
        #expect(found?.line == one.line)
        #expect(found?.file == "test.lua")
        if let hint = one.hint {
            #expect(found?.hint?.contains(hint) == true, "\(found?.hint ?? "no hint")")
        }
    }

    @Test(
        "Has nothing to say about what is shipped",
        arguments: ["fifo", "fair", "decode-first", "passthrough"])
    func shipped(name: String) {
        let path = "\(Files.policies)/\(name).lua"
        let findings = PolicyCheck.check(source: Files.text(of: path), path: path)
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test("Says a thing once") func once() {
        let source =
            Self.head + Self.hooks + "function P.done(op, ns)\n  local x = waitng\nend\nreturn P"
        let findings = PolicyCheck.check(source: source, path: "test.lua")
        #expect(findings.count == 1, "\(findings)")
    }

    @Test("Survives every hostile script", arguments: HostileScriptTests.names)
    func survives(name: String) {
        _ = PolicyCheck.check(source: Files.text(of: "\(Files.hostile)/\(name)"), path: name)
    }
}
