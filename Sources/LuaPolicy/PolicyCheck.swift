import CLuaBridge
import Scheduling

/// What `flexnpu policy check` says about a policy, before it is loaded anywhere.
package enum PolicyCheck {
    /// Compiles the policy, looks at the names it uses, loads it, and runs each of its hooks on
    /// made-up work.
    ///
    /// No file is read but through `environment`; nothing outlives the call.
    package static func check(
        source: String, path: String, environment: LuaEnvironment = LuaEnvironment()
    ) -> [Finding] {
        let file = LuaPolicy.fileName(of: path)
        let host = LuaHost(environment)
        guard let state = unsafe LuaPolicy.makeState(host: host, environment: environment) else {
            return [Finding(.error, file: file, line: 0, message: "not enough memory")]
        }
        defer { unsafe fxl_destroy(state) }
        let code: [UInt8]
        switch unsafe compile(source, named: file, in: state) {
        case .success(let bytes): code = bytes
        case .failure(let error): return [finding(error)]
        }
        let known = unsafe names(fxl_list_globals(state))
        var findings = unknownNames(BytecodeReader.globals(of: code), known: known, file: file)
        if let error = unsafe LuaPolicy.run(source, named: file, in: state) {
            findings.append(finding(error))
            return ordered(findings)
        }
        unsafe findings += misspelledFields(names(fxl_list_fields(state)), file: file)
        let rehearsal = Rehearsal(source: source, path: path, environment: environment)
        return ordered(findings + rehearsal.run())
    }

    static func finding(_ error: PolicyLoadError) -> Finding {
        Finding(
            .error, file: error.file, line: error.line, message: error.message,
            hint: PolicyHints.hint(for: error.message))
    }

    private static func compile(
        _ source: String, named file: String, in state: OpaquePointer
    ) -> Result<[UInt8], PolicyLoadError> {
        var source = source
        var count = 0
        let code = source.withUTF8 { text in
            unsafe text.withMemoryRebound(to: CChar.self) { text in
                unsafe withUnsafePointerOrEmpty(text) {
                    unsafe fxl_compile(state, $0, text.count, file, &count)
                }
            }
        }
        guard let code = unsafe code else {
            return unsafe .failure(LuaPolicy.error(of: state, step: .compile))
        }
        defer { unsafe fxl_free_code(code) }
        return unsafe .success(Array(UnsafeRawBufferPointer(start: code, count: count)))
    }

    /// "name type" a line, as names with types.
    private static func names(_ list: UnsafePointer<CChar>) -> [String: String] {
        var names: [String: String] = [:]
        for line in unsafe String(cString: list).split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2 { names[String(parts[0])] = String(parts[1]) }
        }
        return names
    }

    private static func unknownNames(
        _ uses: [GlobalUse], known: [String: String], file: String
    ) -> [Finding] {
        let assigned = Set(uses.filter(\.isAssigned).map(\.name))
        let candidates = known.keys.sorted() + assigned.sorted()
        var findings: [Finding] = []
        for use in uses where !use.isAssigned && !assigned.contains(use.name) {
            var name = use.name
            if known[use.name] != nil {
                // `string.upper`: only libraries are looked into, and only at what they do not
                // have.
                guard let field = use.field, isLibrary(use.name, known) else { continue }
                name = "\(use.name).\(field)"
                if known[name] != nil { continue }
            }
            let meant = Spelling.nearest(to: name, among: candidates)
            findings.append(
                Finding(
                    .error, file: file, line: use.line, message: "unknown global '\(name)'",
                    hint: PolicyHints.hint(forName: name) ?? meant.map { "did you mean '\($0)'?" }))
        }
        for name in assigned.sorted() {
            guard let first = uses.first(where: { $0.isAssigned && $0.name == name }) else {
                continue
            }
            findings.append(
                Finding(
                    .warning, file: file, line: first.line, message: "'\(name)' is a global",
                    hint: known[name] == nil
                        ? "write local \(name)" : "it hides what policies are given by that name"))
        }
        return findings
    }

    private static func isLibrary(_ name: String, _ known: [String: String]) -> Bool {
        known[name] == "table" && name != "opt"
    }

    private static let fields = ["name", "api", "version", "options", "tick_us", "starvation_ms"]

    /// Fields of the policy's table that look like a hook and are none.
    private static func misspelledFields(
        _ present: [String: String], file: String
    ) -> [Finding] {
        let hooks = (0..<Int32(FXL_HOOK_COUNT)).map { unsafe String(cString: fxl_hook_name($0)) }
        return present.keys.sorted().compactMap { name in
            guard !hooks.contains(name), !fields.contains(name),
                let meant = Spelling.nearest(to: name, among: hooks + fields)
            else { return nil }
            return Finding(
                .warning, file: file, line: 0, message: "P.\(name) means nothing to the scheduler",
                hint: "did you mean P.\(meant)?")
        }
    }

    /// By line, without repetitions.
    private static func ordered(_ findings: [Finding]) -> [Finding] {
        var seen: [Finding] = []
        for finding in findings.sorted(by: { $0.line < $1.line })
        where !seen.contains(where: {
            $0.line == finding.line && $0.message == finding.message
        }) {
            seen.append(finding)
        }
        // A name that is unknown is found again when its line runs.
        return seen.filter { finding in
            !seen.contains { other in
                other != finding && other.line == finding.line
                    && finding.message.hasSuffix(": \(other.message)")
            }
        }
    }
}

// MARK: What there is

extension PolicyCheck {
    /// Every name that a policy finds, fields of libraries included, in order.
    package static var namesOfferedToPolicies: [String] {
        let environment = LuaEnvironment()
        let host = LuaHost(environment)
        guard let state = unsafe LuaPolicy.makeState(host: host, environment: environment) else {
            return []
        }
        defer { unsafe fxl_destroy(state) }
        return unsafe names(fxl_list_globals(state)).keys.sorted()
    }

    /// Whether the name is Lua's own, rather than the scheduler's.
    package static func isStandardLua(_ name: String) -> Bool {
        let functions = [
            "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print",
            "rawequal", "rawget", "rawlen", "rawset", "require", "select", "setmetatable",
            "tonumber", "tostring", "type",
        ]
        let libraries = ["math", "string", "table"]
        return functions.contains(name)
            || libraries.contains { name == $0 || name.hasPrefix("\($0).") }
    }
}
