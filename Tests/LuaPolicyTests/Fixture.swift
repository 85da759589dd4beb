import Glibc
import LuaPolicy
import Scheduling
import Wire

/// Files that the tests read, found from where this file lies.
enum Files {
    static let tests = #filePath.split(separator: "/").dropLast().joined(separator: "/")

    static var hostile: String { "/\(tests)/hostile" }
    static var policies: String {
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/policies"
    }

    static func text(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Names of the folder's .lua files, in order.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".lua") { names.append(name) }
        }
        return names.sorted()
    }
}

let device = DeviceID(rawValue: 0)
let idle = DeviceLoad(device: device)

func client(_ number: UInt32) -> ClientID { ClientID(rawValue: number) }

func facts(
    _ client: UInt32, weight: Double = 1, labels: [String: String] = [:]
) -> ClientFacts {
    ClientFacts(
        id: ClientID(rawValue: client), name: "program\(client)", labels: labels, weight: weight)
}

func operation(
    _ slot: UInt32, generation: UInt32 = 1, client: UInt32 = 1, phase: Phase = .other,
    source: PhaseSource = .none, cost: Nanoseconds = 1000, device: Int32 = 0, tokens: UInt32 = 0,
    enqueuedAt: Nanoseconds = 0
) -> OperationFacts {
    OperationFacts(
        id: OperationID(slot: slot, generation: generation), client: ClientID(rawValue: client),
        stream: StreamID(rawValue: UInt64(slot)), device: DeviceID(rawValue: device),
        function: FunctionID(rawValue: 7), phase: phase, phaseSource: source,
        sequence: UInt64(generation), costNanoseconds: cost, tokens: tokens, bytes: 4096,
        flops: 1 << 20,
        enqueuedAt: enqueuedAt)
}

/// A policy from a body of Lua, with `P` made before and returned after it.
func policy(
    _ body: String, saved: SavedState? = nil, clients: [ClientFacts] = [],
    options: [String: String] = [:], environment: LuaEnvironment = LuaEnvironment()
) throws -> LuaPolicy {
    try LuaPolicy.load(
        source: "local P = { name = 'test', api = 1, version = 3 }\n\(body)\nreturn P",
        path: "/somewhere/test.lua", saved: saved, clients: clients, devices: [device],
        options: options, environment: environment)
}

/// FIFO hooks for tests that look at something else.
let fifoHooks = """
    local waiting = queue.fifo()
    function P.ready(op) waiting:push(op) end
    function P.dispatch(device, now) return waiting:pop() end

    """

extension LuaPolicy {
    /// The slots that the policy dispatches until it holds.
    func drain(_ load: DeviceLoad = idle, now: Nanoseconds = 0, atMost: Int = 1000) -> [UInt32] {
        var slots: [UInt32] = []
        while slots.count < atMost, case .dispatch(let id, _, _, _) = decide(load, now: now) {
            slots.append(id.slot)
        }
        return slots
    }

    func give(_ operations: [OperationFacts], now: Nanoseconds = 0) -> [PolicyBreach] {
        operations.compactMap { ready($0, now: now) }
    }
}

/// Thread CPU time that `body` takes.
func threadNanoseconds(_ body: () -> Void) -> Int64 {
    func clock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
    let start = clock()
    body()
    return clock() - start
}
