import CLuaBridge
package import Scheduling
package import Wire

extension LuaPolicy {
    /// Compiles, runs and opens a policy in a state of its own. Nothing that is live is touched, so
    /// this may run on another thread than the one that will use the policy.
    ///
    /// `options` are values to carry over: those that the policy does not declare, or that do not
    /// fit it, are left at their standard, and the policy's log says so. `clients` are known to
    /// `open` and attached after it; attaching them again later brings their facts up to date and
    /// calls nothing.
    package static func load(
        source: String, path: String, saved: SavedState? = nil, clients: [ClientFacts] = [],
        devices: [DeviceID] = [], options: [String: String] = [:],
        environment: LuaEnvironment = LuaEnvironment(), now: Nanoseconds = 0
    ) throws(PolicyLoadError) -> sending LuaPolicy {
        let file = fileName(of: path)
        let host = LuaHost(environment)
        guard let state = unsafe makeState(host: host, environment: environment) else {
            throw PolicyLoadError(step: .run, file: file, line: 0, message: "not enough memory")
        }
        if let error = unsafe run(source, named: file, in: state) {
            unsafe fxl_destroy(state)
            throw error
        }
        let policy = unsafe LuaPolicy(
            state: state, host: host,
            text: PolicyText(path: path, source: source, modules: host.modules),
            devices: devices, environment: environment, now: now)
        policy.carryOver(options)
        for client in clients { unsafe ClientRecord(client).introduce(to: state) }
        if let error = unsafe open(state, saved: saved, devices: devices, now: now) { throw error }
        for client in clients {
            guard let breach = policy.attach(client, now: now) else { continue }
            throw unsafe PolicyLoadError(
                step: .attach, file: file, line: Int(fxl_failure_line(state)),
                message: breach.message, traceback: policy.lastTraceback)
        }
        return policy
    }

    /// The name that stands in messages: without the folder, which would only be cut.
    static func fileName(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.isEmpty ? "policy.lua" : String(name.suffix(40))
    }

    static func makeState(host: LuaHost, environment: LuaEnvironment) -> OpaquePointer? {
        var callbacks = unsafe host.callbacks
        var limits = fxl_limits(environment.limits)
        return unsafe fxl_create(&callbacks, &limits, environment.seed)
    }

    static func run(
        _ source: String, named file: String, in state: OpaquePointer
    ) -> PolicyLoadError? {
        var source = source
        let status = source.withUTF8 { text in
            unsafe text.withMemoryRebound(to: CChar.self) { text in
                unsafe withUnsafePointerOrEmpty(text) {
                    unsafe fxl_load(state, $0, text.count, file)
                }
            }
        }
        if status == FXL_OK { return nil }
        return unsafe error(of: state, step: status == FXL_SYNTAX ? .compile : .run)
    }

    private static func open(
        _ state: OpaquePointer, saved: SavedState?, devices: [DeviceID], now: Nanoseconds
    ) -> PolicyLoadError? {
        let numbers = devices.map(\.rawValue) + [0]  // never empty: C wants an address
        let count = UInt32(devices.count)
        let status =
            if let saved {
                unsafe fxl_open(
                    state, saved.text, saved.text.utf8.count, saved.policy, Int64(saved.version),
                    numbers, count, now)
            } else {
                unsafe fxl_open(state, nil, 0, nil, 0, numbers, count, now)
            }
        return unsafe status == FXL_OK ? nil : error(of: state, step: .open)
    }

    static func error(of state: OpaquePointer, step: PolicyLoadError.Step) -> PolicyLoadError {
        let failure = unsafe LuaFailure(of: state)
        return PolicyLoadError(
            step: step, file: failure.file, line: failure.line, message: failure.message,
            traceback: failure.traceback)
    }

    private func carryOver(_ options: [String: String]) {
        for (key, value) in options.sorted(by: { $0.key < $1.key }) {
            do {
                try set(key, to: value)
            } catch {
                unsafe fxl_note(state, "option \(key) is not carried over: \(error)")
            }
        }
    }
}

/// `body` with the buffer's address, or with that of an empty text where it has none.
func withUnsafePointerOrEmpty<R>(
    _ buffer: UnsafeBufferPointer<CChar>, _ body: (UnsafePointer<CChar>) -> R
) -> R {
    if let address = buffer.baseAddress { return unsafe body(address) }
    return unsafe "".withCString(body)
}

extension fxl_limits {
    init(_ limits: LuaLimits) {
        self.init(
            call_instructions: limits.callInstructions, open_instructions: limits.openInstructions,
            call_cpu_ns: limits.callNanoseconds, open_cpu_ns: limits.openNanoseconds,
            memory_bytes: limits.memoryBytes, blocks: limits.blocks)
    }
}
