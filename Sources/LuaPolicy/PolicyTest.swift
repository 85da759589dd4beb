import CLuaBridge
import Scheduling
import Wire

/// What `flexnpu policy test` runs: the tests beside a policy, in virtual time.
package enum PolicyTest {
    /// How one test went.
    package struct Outcome: Sendable, Equatable {
        package var name: String
        /// Where the test is, in the test file.
        package var line: Int
        package var expected: String
        package var actual: String
        /// A breach, or why the test could not run.
        package var problem: String?
        /// How often each line of the policy took an operation, by line.
        package var rules: [Int: Int]
        package var passed: Bool { problem == nil && expected == actual }
    }

    /// Runs every test that `tests` declares, each on a fresh instance of the policy.
    ///
    /// - Throws: where the test file itself fails.
    package static func run(
        tests: String, testsPath: String, policy: String, policyPath: String,
        environment: LuaEnvironment = LuaEnvironment()
    ) throws(PolicyLoadError) -> [Outcome] {
        let host = LuaHost(environment)
        let file = LuaPolicy.fileName(of: testsPath)
        guard let state = unsafe LuaPolicy.makeState(host: host, environment: environment) else {
            throw PolicyLoadError(step: .run, file: file, line: 0, message: "not enough memory")
        }
        defer { unsafe fxl_destroy(state) }
        guard unsafe fxl_load_tests(state, tests, tests.utf8.count, file) == FXL_OK else {
            throw unsafe LuaPolicy.error(of: state, step: .run)
        }
        return unsafe (0..<fxl_test_count(state)).map { index in
            unsafe outcome(Declared(state, index), policy, policyPath, environment)
        }
    }

    /// A test as its file declares it.
    private struct Declared {
        let name: String
        let line: Int
        let options: [String: String]
        let timeline: String

        init(_ state: OpaquePointer, _ index: UInt32) {
            name = unsafe String(cString: fxl_test_name(state, index))
            line = unsafe Int(fxl_test_line(state, index))
            timeline = unsafe String(cString: fxl_test_timeline(state, index))
            var options: [String: String] = [:]
            let lines = unsafe String(cString: fxl_test_options(state, index)).split(
                separator: "\n")
            for line in lines {
                let parts = line.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                options[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
            }
            self.options = options
        }
    }

    private static func outcome(
        _ test: Declared, _ source: String, _ path: String, _ environment: LuaEnvironment
    ) -> Outcome {
        var outcome = Outcome(
            name: test.name, line: test.line, expected: "", actual: "", rules: [:])
        do {
            let timeline = try Timeline(test.timeline)
            outcome.expected = String(timeline.out)
            let policy = try LuaPolicy.load(
                source: source, path: path, clients: TimelineRun.clients(of: timeline),
                devices: [.init(rawValue: 0)], environment: environment)
            for (key, value) in test.options.sorted(by: { $0.key < $1.key }) {
                try policy.set(key, to: value)
            }
            let run = TimelineRun(timeline, policy: policy)
            outcome.actual = String(run.out)
            outcome.rules = run.rules
            outcome.problem = run.breach?.message
        } catch let error as Timeline.Malformed {
            outcome.problem = error.message
        } catch {
            outcome.problem = "\(error)"
        }
        return outcome
    }
}
