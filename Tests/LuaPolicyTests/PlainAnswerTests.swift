import LuaPolicy
import Scheduling
import Testing
import Wire

/// What a policy says of itself is shown to people and to programs: it must not break either.
@Suite("What a policy says of itself")
struct PlainAnswerTests {
    static let escape = "string.char(27) .. '[31m' .. string.char(0xff) .. string.char(0xc2, 0x9b)"

    @Test("Names, remarks and messages are lines of plain text") func plainText() throws {
        let policy = try policy(
            fifoHooks + """
                local evil = \(Self.escape) .. "\\n\\r\\u{202e}"
                P.name, P.version = "a" .. evil .. "b", math.maxinteger
                P.options = { n = { default = 1, doc = "see" .. evil .. "below" } }
                function P.open() log("said", evil) end
                function P.done() error(evil .. "not plain") end
                function P.drop() error(setmetatable({}, { __name = evil })) end
                """)
        #expect(policy.version == .max)
        _ = policy.done(operation(0), tookNanoseconds: 1, now: 1)
        let done = try #require(policy.lastBreach)
        _ = policy.drop(operation(0), reason: .failed, now: 1)
        let drop = try #require(policy.lastBreach)
        let texts =
            [policy.name, policy.options[0].doc, done.message, drop.message, policy.lastTraceback]
            + policy.takeLog()
        for text in texts {
            #expect(text.unicodeScalars.allSatisfy { $0 == "\t" || $0 == "\n" || !isSpecial($0) })
        }
        #expect(policy.name.hasPrefix("a\u{fffd}[31m") && policy.name.hasSuffix("b"))
        #expect(done.message.hasSuffix("not plain"), "\(done.message)")
    }

    private func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar == "\u{202e}"
    }

    @Test("A policy without a name is called what its file is called") func unnamed() throws {
        #expect(try policy(fifoHooks + "P.name = ''").name == "test")
        #expect(try policy(fifoHooks + "P.name = nil").name == "test")
    }

    static let wrongOptions = [
        ("a = { default = 1/0 }", "`default` is infinite"),
        ("a = { default = -1/0 }", "`default` is infinite"),
        ("a = { default = 0/0 }", "`default` is nan"),
        ("a = { default = 1e300 }", "`default` is too large"),
        ("a = { default = math.maxinteger }", "`default` is too large"),
        ("a = { default = 1, max = math.huge }", "`max` is infinite"),
        ("a = { default = 1, min = -math.huge }", "`min` is infinite"),
        ("a = { default = 1.5, min = 0/0 }", "`min` is nan"),
        ("a = { default = 1, max = 2^60 }", "`max` is too large"),
        ("a = { default = \(escape) }", "without control characters"),
        ("a = { default = string.char(0xc3) }", "text in UTF-8"),
        ("a = { default = string.char(0xed, 0xa0, 0x80) }", "text in UTF-8"),
        ("a = { default = 'x\\ty' }", "without control characters"),
        ("['a=b'] = { default = 1 }", "the names of options"),
        ("['a\\nb'] = { default = 1 }", "the names of options"),
        ("[''] = { default = 1 }", "the names of options"),
        ("[\(escape)] = { default = 1 }", "the names of options"),
        ("[1] = { default = 1 }", "the names of options are strings"),
        ("[1.5] = { default = 1 }", "the names of options are strings"),
        ("[true] = { default = 1 }", "the names of options are strings"),
        ("[('x'):rep(64)] = { default = 1 }", "its name is too long"),
    ]

    @Test(
        "An option that could not be shown or set again is refused, by load as by check",
        arguments: wrongOptions)
    func wrongOption(declaration: String, message: String) throws {
        let body = fifoHooks + "P.options = { \(declaration) }"
        let error = #expect(throws: PolicyLoadError.self) { try policy(body) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        let findings = PolicyCheck.check(
            source: "local P = {}\n\(body)\nreturn P", path: "/p/test.lua")
        #expect(findings.contains { $0.severity == .error && $0.message.contains(message) })
    }

    @Test("What is loaded can be set to its standard and its bounds") func widest() throws {
        let policy = try policy(
            fifoHooks + """
                P.options = { a = { default = 0, min = -2^53, max = 2^53 }, b = { default = -0.0 },
                  c = { default = "für 漢字" }, ["d-e.f_1"] = { default = false } }
                """)
        for option in policy.options {
            try policy.set(option.key, to: option.standard)
            #expect(option.value == option.standard)
        }
        try policy.set("a", to: "9007199254740992")
        for (key, value) in [
            ("a", "inf"), ("a", "nan"), ("a", "1e999"), ("b", "inf"), ("b", "-infinity"),
            ("b", "nan"), ("b", "1e999"), ("b", "0x1p60"), ("c", "a\u{1b}[2J"), ("c", "a\tb"),
            ("c", "a\u{202e}b"),
        ] {
            #expect(throws: PolicyOptionError.self, "\(key)=\(value)") {
                try policy.set(key, to: value)
            }
        }
    }

    @Test("How long a client may wait is declared in milliseconds, up to an hour")
    func starvation() throws {
        #expect(try policy(fifoHooks).starvationNanoseconds == nil)
        #expect(
            try policy(fifoHooks + "P.starvation_ms = 2500").starvationNanoseconds
                == 2_500_000_000)
        #expect(
            try policy(fifoHooks + "P.starvation_ms = 1.5").starvationNanoseconds == 1_500_000)
        for wrong in ["0", "-1", "3600001", "0/0", "1/0", "'5'", "{}", "true"] {
            let error = #expect(throws: PolicyLoadError.self) {
                try policy(fifoHooks + "P.starvation_ms = \(wrong)")
            }
            #expect(error?.message == "`starvation_ms` must be a number from 1 to 3600000")
        }
    }

    @Test("A program cannot end a policy by its name or its labels") func longLabels() throws {
        let asking = try policy(
            """
            function P.ready(op) log(#tag(op, "long"), #tenant(op), tag(op, "l4")) end
            function P.dispatch() end
            """)
        var labels = [
            "long": String(repeating: "ü", count: 40_000),
            "tenant": String(repeating: "x", count: 100_000),
        ]
        for index in 0..<5000 { labels["l\(index)"] = "\(index)" }
        var client = facts(1, labels: labels)
        client.name = String(repeating: "n", count: 100_000)
        _ = asking.attach(client, now: 0)
        // Of very many labels the first are kept, in the order of their names.
        #expect(asking.ready(operation(0), now: 0)?.kind != .memory)
        labels = ["long": labels["long"] ?? "", "tenant": labels["tenant"] ?? "", "l4": "4"]
        _ = asking.attach(facts(1, labels: labels), now: 0)
        #expect(asking.ready(operation(1), now: 0) == nil)
        #expect(asking.takeLog().last == "1024\t1024\t4")
        #expect(!asking.isDead)
    }
}
