import Glibc
import LuaPolicy
import Scheduling
import Wire

// PolicyBenchmark POLICY CLIENTS: nanoseconds of ready + dispatch + done, one figure a line for each of
// nine rounds; then `load MICROSECONDS` for load, check and open. Prints nothing else.

func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

func text(of path: String) -> String {
    guard let file = fopen(path, "r") else {
        fputs("\(path): cannot be read\n", stderr)
        exit(2)
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

func give(_ breach: PolicyBreach?) {
    guard let breach else { return }
    fputs("the policy failed: \(breach.message)\n", stderr)
    exit(1)
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let clients = UInt32(arguments[2]), clients > 0 else {
    fputs("usage: PolicyBenchmark POLICY CLIENTS\n", stderr)
    exit(2)
}
let (path, source) = (arguments[1], text(of: arguments[1]))
let device = DeviceID(rawValue: 0)
let facts = (1...clients).map {
    ClientFacts(id: ClientID(rawValue: $0), name: "p\($0)", weight: Double(1 + $0 % 3))
}
let policy: any Policy = try LuaPolicy.load(
    source: source, path: path, clients: facts, devices: [device])
var operations = (0..<clients).map { slot in
    OperationFacts(
        id: OperationID(slot: slot, generation: 1), client: ClientID(rawValue: slot + 1),
        stream: StreamID(rawValue: UInt64(slot)), device: device,
        function: FunctionID(rawValue: 3), phase: Phase(rawValue: UInt8(slot % 4)) ?? .other,
        sequence: 1, costNanoseconds: 1000 + Int64(slot), enqueuedAt: 0)
}
var now: Nanoseconds = 0
for operation in operations { give(policy.ready(operation, now: now)) }
let load = DeviceLoad(device: device)
for _ in 0..<9 {
    let (begun, count) = (nanoseconds(), 200_000)
    for _ in 0..<count {
        guard case .dispatch(let id, _) = policy.decide(load, now: now) else {
            fputs("the policy held back\n", stderr)
            exit(1)
        }
        now += 1000
        let slot = Int(id.slot)
        give(policy.done(operations[slot], tookNanoseconds: 1100, now: now))
        operations[slot].id = OperationID(slot: id.slot, generation: id.generation + 1)
        operations[slot].enqueuedAt = now
        give(policy.ready(operations[slot], now: now))
    }
    print(Double(nanoseconds() - begun) / Double(count))
}
let begun = nanoseconds()
for _ in 0..<200 { _ = try LuaPolicy.load(source: source, path: path, devices: [device]) }
print("load", Double(nanoseconds() - begun) / 200_000)
