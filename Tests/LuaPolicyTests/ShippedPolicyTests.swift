import LuaPolicy
import Testing

@Suite("Shipped policies")
struct ShippedPolicyTests {
    @Test("Pass the tests beside them", arguments: ["fifo", "fair", "decode-first", "passthrough"])
    func passTheirTests(name: String) throws {
        let path = "\(Files.policies)/\(name)"
        let source = Files.text(of: "\(path).lua")
        let outcomes = try PolicyTest.run(
            tests: Files.text(of: "\(path).test.lua"), testsPath: "\(path).test.lua",
            policy: source, policyPath: "\(path).lua")
        #expect(outcomes.count >= 3)
        for outcome in outcomes {
            #expect(
                outcome.passed,
                "\(outcome.name): \(outcome.problem ?? "")\n\(outcome.expected)\n\(outcome.actual)")
        }
        let takers = Set(
            source.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
                .filter { $0.element.contains("pop(") }.map { $0.offset + 1 })
        #expect(takers.isSubset(of: outcomes.flatMap(\.rules.keys)), "rules that no test reached")
    }

    @Test("Every policy has tests, and stands in the index") func indexed() {
        let names = Files.names(in: Files.policies)
        let index = Files.text(of: "\(Files.policies)/README.md")
        for name in names where !name.hasSuffix(".test.lua") && !name.hasSuffix(".d.lua") {
            #expect(names.contains(name.replacing(".lua", with: ".test.lua")), "\(name)")
            #expect(index.contains("(\(name))"), "\(name)")
        }
    }

    @Test("The definitions for editors name everything a policy is given") func definitions() {
        let text = Files.text(of: "\(Files.policies)/flexnpu.d.lua")
        for name in PolicyCheck.namesOfferedToPolicies where !PolicyCheck.isStandardLua(name) {
            let offered =
                text.contains("\nfunction \(name)(") || text.contains("\n\(name) = ")
                || text.contains("\nfunction \(name.replacing(".", with: "."))(")
            #expect(offered, "\(name)")
        }
    }
}

@Suite("policy test")
struct PolicyTestTests {
    private let fifo = "local P = {}\n\(fifoHooks)\nreturn P"

    private func run(_ tests: String, policy: String? = nil) throws -> [PolicyTest.Outcome] {
        try PolicyTest.run(
            tests: tests, testsPath: "x.test.lua", policy: policy ?? fifo, policyPath: "x.lua")
    }

    @Test("Says what went out where it is not what was expected") func differs() throws {
        let outcomes = try run("\ntest('first', {}, [[\n in a:AB b:-C\n out ACB\n]])")
        #expect(outcomes.count == 1)
        #expect(!outcomes[0].passed && outcomes[0].line == 2 && outcomes[0].name == "first")
        #expect(outcomes[0].expected == "ACB" && outcomes[0].actual == "ABC")
        #expect(outcomes[0].rules == [4: 3])
    }

    @Test("Says why a test cannot run") func problems() throws {
        for (tests, problem) in [
            ("test('x', {}, 'nothing')", "starts with in or out"),
            ("test('x', {}, 'in a:A')", "a line `out`"),
            ("test('x', {}, 'in A\\nout A')", "NAME:TICKS"),
            ("test('x', {}, 'in a@0:A\\nout A')", "1 to 1000 ticks"),
            ("test('x', {}, 'in a/x:A\\nout A')", "a weight above 0"),
            ("test('x', { speed = 1 }, 'in a:A\\nout A')", "no option speed"),
        ] {
            let outcomes = try run(tests)
            #expect(outcomes[0].problem?.contains(problem) == true, "\(outcomes)")
        }
        let failing = fifo.replacing("waiting:pop()", with: "error('no')")
        #expect(try run("test('x', {}, 'in a:A\\nout A')", policy: failing)[0].problem != nil)
        #expect(throws: PolicyLoadError.self) { try run("test('x')") }
        #expect(throws: PolicyLoadError.self) { try run("while true do end") }
    }
}
