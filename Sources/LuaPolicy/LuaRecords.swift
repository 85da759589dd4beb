import CLuaBridge
import Glibc
import Scheduling
import Wire

// What the scheduler says, in the layout that CLuaBridge reads.

extension fxl_operation {
    init(_ facts: OperationFacts) {
        self.init(
            id: facts.id.rawValue, stream: facts.stream.rawValue, sequence: facts.sequence,
            bytes: facts.bytes, flops: facts.flops, cost_ns: facts.costNanoseconds,
            enqueued_at: facts.enqueuedAt, client: facts.client.rawValue, tokens: facts.tokens,
            device: facts.device.rawValue, function: facts.function.rawValue,
            phase: facts.phase.rawValue, phase_source: facts.phaseSource.rawValue,
            kind: facts.kind.rawValue, cube_cores: facts.cores.cube,
            vector_cores: facts.cores.vector)
    }
}

extension fxl_device_load {
    init(_ load: DeviceLoad) {
        let phases = load.operationsInFlightByPhase
        self.init(
            in_flight_ns: load.inFlightNanoseconds, device: load.device.rawValue,
            in_flight: Int32(clamping: load.operationsInFlight),
            in_flight_by_phase: (phases[0], phases[1], phases[2], phases[3]))
    }
}

extension Decision {
    /// `wakeAt` is when to ask again where it holds.
    init(_ decision: fxl_decision, wakeAt: Nanoseconds?) {
        guard decision.dispatched else {
            self = .hold(wakeAt: wakeAt, line: decision.line)
            return
        }
        self = .dispatch(
            OperationID(bits: decision.operation), line: decision.line,
            cores: CoreLimit(cube: decision.cube_cores, vector: decision.vector_cores),
            note: decision.note)
    }
}

extension OperationID {
    init(bits: UInt64) {
        self.init(
            slot: UInt32(truncatingIfNeeded: bits),
            generation: UInt32(truncatingIfNeeded: bits >> 32))
    }
}

/// A client's facts as C strings, for the length of one call.
struct ClientRecord {
    private let facts: ClientFacts

    init(_ facts: ClientFacts) {
        self.facts = facts
    }

    /// Calls `attach` where the client is new.
    func attach(to state: OpaquePointer, now: Nanoseconds) -> Int32 {
        unsafe withStrings { keys, values, count in
            unsafe fxl_attach(
                state, facts.id.rawValue, facts.name, facts.weight, count, keys, values, now)
        }
    }

    /// Makes the client's facts known and calls nothing.
    func introduce(to state: OpaquePointer) {
        unsafe withStrings { keys, values, count in
            unsafe fxl_introduce(
                state, facts.id.rawValue, facts.name, facts.weight, count, keys, values)
        }
    }

    private typealias Strings = UnsafePointer<UnsafePointer<CChar>>

    private func withStrings<R>(_ body: (Strings?, Strings?, UInt32) -> R) -> R {
        let labels = facts.labels.sorted { $0.key < $1.key }
        let keys = unsafe labels.map { unsafe strdup($0.key) }
        let values = unsafe labels.map { unsafe strdup($0.value) }
        defer {
            unsafe (keys + values).forEach { unsafe free($0) }
        }
        let constantKeys = unsafe keys.compactMap { unsafe UnsafePointer<CChar>($0) }
        let constantValues = unsafe values.compactMap { unsafe UnsafePointer<CChar>($0) }
        unsafe precondition(
            constantKeys.count == labels.count && constantValues.count == labels.count)
        return unsafe constantKeys.withUnsafeBufferPointer { keys in
            unsafe constantValues.withUnsafeBufferPointer { values in
                unsafe body(keys.baseAddress, values.baseAddress, UInt32(labels.count))
            }
        }
    }
}

/// What went wrong in the last call.
struct LuaFailure {
    let kind: Int32
    let file: String
    let line: Int
    let message: String
    let traceback: String

    init(of state: OpaquePointer) {
        kind = unsafe fxl_failure_kind(state)
        file = unsafe String(cString: fxl_failure_file(state)).printable
        line = unsafe Int(fxl_failure_line(state))
        message = unsafe String(cString: fxl_failure_message(state)).printable
        traceback = unsafe String(cString: fxl_failure_traceback(state)).split(separator: "\n")
            .map { String($0).printable }.joined(separator: "\n")
    }

    var place: String { line > 0 ? "\(file):\(line)" : file }

    var breachKind: PolicyBreach.Kind {
        switch kind {
        case Int32(FXL_INSTRUCTIONS): .instructions
        case Int32(FXL_MEMORY): .memory
        case Int32(FXL_TIME): .time
        case Int32(FXL_NOT_READY): .notReady
        case Int32(FXL_HOLD): .hold
        default: .error
        }
    }
}
