import CLuaBridge
package import Scheduling
package import Wire

/// A policy in Lua. Made by `load`; used by one thread at a time.
// The state is opened before this is made and closed by `deinit`; between, one thread has it.
@safe package final class LuaPolicy: Policy {
    package let name: String
    package let version: Int
    package var origin: String { (text?.path ?? "").printable }
    package let text: PolicyText?
    package let starvationNanoseconds: Nanoseconds?
    /// What the last failed call left: the calls that led there, innermost first, one a line.
    package private(set) var lastTraceback = ""
    package private(set) var lastBreach: PolicyBreach?

    let state: OpaquePointer
    private let host: LuaHost
    private let devices: [DeviceID]
    private let environment: LuaEnvironment
    private let tickNanoseconds: Nanoseconds
    private var nextTick: Nanoseconds = 0
    /// The time of the last call: options are set between calls, without one of their own.
    private var now: Nanoseconds
    private var optionTable: OptionTable

    /// Takes over a state that was loaded from the text.
    init(
        state: OpaquePointer, host: LuaHost, text: PolicyText, devices: [DeviceID],
        environment: LuaEnvironment, now: Nanoseconds
    ) {
        unsafe self.state = state
        self.host = host
        self.text = text
        self.devices = devices
        self.environment = environment
        self.now = now
        name = unsafe String(cString: fxl_name(state)).printable
        version = unsafe Int(fxl_version(state))
        let bound = unsafe fxl_starvation_bound(state)
        starvationNanoseconds = bound > 0 ? bound : nil
        tickNanoseconds = unsafe fxl_tick_interval(state)
        nextTick = now &+ tickNanoseconds
        optionTable = unsafe OptionTable(of: state)
    }

    deinit {
        unsafe fxl_destroy(state)
    }

    /// Whether each decision says which source line took the operation; costs about 20 ns a
    /// decision.
    package var recordsLines = true {
        didSet { unsafe fxl_record_lines(state, recordsLines) }
    }

    package var recordsHolds = false {
        didSet { unsafe fxl_record_holds(state, recordsHolds) }
    }

    /// Whether a limit was passed that ends the policy: it is not called again.
    package var isDead: Bool { unsafe fxl_is_dead(state) }

    // MARK: Hooks

    package func attach(_ client: ClientFacts, now: Nanoseconds) -> PolicyBreach? {
        self.now = now
        return unsafe outcome(ClientRecord(client).attach(to: state, now: now), of: "attach")
    }

    package func detach(_ client: ClientID, now: Nanoseconds) -> PolicyBreach? {
        self.now = now
        return unsafe outcome(fxl_detach(state, client.rawValue, now), of: "detach")
    }

    package func ready(_ operation: OperationFacts, now: Nanoseconds) -> PolicyBreach? {
        self.now = now
        var record = fxl_operation(operation)
        return unsafe outcome(fxl_ready(state, &record, now), of: "ready")
    }

    package func decide(_ load: DeviceLoad, now: Nanoseconds) -> Decision {
        self.now = now
        if tickNanoseconds > 0, now >= nextTick {
            nextTick = now &+ tickNanoseconds
            if let breach = unsafe outcome(fxl_tick(state, now), of: "tick") {
                return .breach(breach)
            }
        }
        var record = fxl_device_load(load)
        var decision = fxl_decision()
        if let breach = unsafe outcome(fxl_dispatch(state, &record, now, &decision), of: "dispatch")
        {
            return .breach(breach)
        }
        return Decision(decision, wakeAt: wakeTime(after: decision.wake_ns, now: now))
    }

    package func done(
        _ operation: OperationFacts, tookNanoseconds: Nanoseconds, now: Nanoseconds
    ) -> PolicyBreach? {
        self.now = now
        var record = fxl_operation(operation)
        return unsafe outcome(fxl_done(state, &record, tookNanoseconds, now), of: "done")
    }

    package func drop(
        _ operation: OperationFacts, reason: DropReason, now: Nanoseconds
    ) -> PolicyBreach? {
        self.now = now
        var record = fxl_operation(operation)
        return unsafe outcome(fxl_drop(state, &record, Int32(reason.rawValue), now), of: "drop")
    }

    package func forget(_ operation: OperationID) {
        unsafe fxl_forget(state, operation.rawValue)
    }

    // MARK: Options and state

    package var options: [PolicyOption] { optionTable.options }

    package func set(_ key: String, to value: String) throws {
        let change = try optionTable.change(of: key, to: value)
        if let breach = unsafe outcome(change.apply(to: state, now: now), of: "changed") {
            throw PolicyOptionError("option \(key) stays as it was: \(breach.message)")
        }
        optionTable.accept(change)
    }

    package func save() throws(PolicyBreach) -> SavedState? {
        var text: UnsafePointer<CChar>?
        var bytes = 0
        if let breach = unsafe outcome(fxl_save(state, now, &text, &bytes), of: "save") {
            throw breach
        }
        guard let text = unsafe text else { return nil }
        // Plain ASCII, whatever the state holds.
        return unsafe SavedState(policy: name, version: version, text: String(cString: text))
    }

    package func recipe() -> (any PolicyRecipe)? {
        guard let text else { return nil }
        let values = options.map { ($0.key, $0.value) }
        var environment = environment
        environment.moduleSource = { text.modules[$0] }
        return LuaRecipe(
            text: text, saved: try? save(), options: Dictionary(uniqueKeysWithValues: values),
            devices: devices, environment: environment)
    }

    // MARK: For reports

    package func note(_ number: UInt32) -> String? {
        var count = 0
        guard let start = unsafe fxl_note_text(state, number, &count) else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        return unsafe String(decoding: bytes, as: UTF8.self).printable
    }

    /// The phase that holds for an operation this policy knows, its own `classify` included.
    package func phase(of operation: OperationID) -> Phase? {
        unsafe UInt8(exactly: fxl_phase_of(state, operation.rawValue)).flatMap(
            Phase.init(rawValue:))
    }

    /// The lines that the policy logged since this was last asked, oldest first.
    package func takeLog() -> [String] {
        var lines: [String] = []
        var lost: UInt64 = 0
        while let line = unsafe fxl_next_log(state, &lost) {
            if lost > 0 { lines.append("(\(lost) lines lost)") }
            unsafe lines.append(String(cString: line).printable)
        }
        return lines
    }

    /// What the policy has used.
    package var usage: LuaUsage {
        var counters = fxl_counters()
        unsafe fxl_read_counters(state, &counters)
        return LuaUsage(
            calls: counters.calls, memoryBytes: counters.memory_bytes,
            memoryPeakBytes: counters.memory_peak_bytes, blocks: counters.blocks,
            operations: Int(counters.operations), ready: Int(counters.ready))
    }

    // MARK: Answers

    private func wakeTime(after nanoseconds: Nanoseconds, now: Nanoseconds) -> Nanoseconds? {
        let asked = nanoseconds < 0 ? nil : now &+ nanoseconds
        guard tickNanoseconds > 0 else { return asked }
        return min(asked ?? nextTick, nextTick)
    }

    /// nil for success; else what went wrong, with its place.
    private func outcome(_ status: Int32, of hook: StaticString) -> PolicyBreach? {
        if status == FXL_OK { return nil }
        return noteBreach(in: "\(hook)")
    }

    private func noteBreach(in hook: String) -> PolicyBreach {
        let failure = unsafe LuaFailure(of: state)
        let breach = PolicyBreach(
            kind: failure.breachKind, message: "\(failure.place): \(hook): \(failure.message)")
        lastBreach = breach
        lastTraceback = failure.traceback
        return breach
    }
}

/// What a policy was made from, so that it can be made again: with the files that it required then,
/// whatever lies in its folder now.
struct LuaRecipe: PolicyRecipe {
    let text: PolicyText
    let saved: SavedState?
    let options: [String: String]
    let devices: [DeviceID]
    let environment: LuaEnvironment

    func makePolicy(clients: [ClientFacts], now: Nanoseconds) throws -> any Policy {
        try LuaPolicy.load(
            source: text.source, path: text.path, saved: saved, clients: clients, devices: devices,
            options: options, environment: environment, now: now)
    }
}

/// What a policy has used since it was loaded.
package struct LuaUsage: Sendable, Equatable {
    package var calls: UInt64
    package var memoryBytes: Int64
    package var memoryPeakBytes: Int64
    package var blocks: Int64
    /// Operations it knows now, and those of them that are not dispatched yet.
    package var operations: Int
    package var ready: Int
}
