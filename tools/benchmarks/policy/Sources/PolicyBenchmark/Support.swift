import Glibc
import Scheduling
import Wire

let device = DeviceID(rawValue: 0)

func stop(_ message: String) -> Never {
    let line = message + "\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(2)
}

func nanoseconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

func text(of path: String) -> String {
    guard let file = fopen(path, "r") else { stop("\(path): cannot be read") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

/// Clients of three different weights.
func clients(_ count: UInt32) -> [ClientFacts] {
    (1...count).map {
        ClientFacts(id: ClientID(rawValue: $0), name: "p\($0)", weight: Double(1 + $0 % 3))
    }
}

/// The first operation of each client, on a stream of its own.
func operations(_ count: UInt32) -> [OperationFacts] {
    (0..<count).map { slot in
        OperationFacts(
            id: OperationID(slot: slot, generation: 1), client: ClientID(rawValue: slot + 1),
            stream: StreamID(rawValue: UInt64(slot)), device: device,
            function: FunctionID(rawValue: 3), phase: Phase(rawValue: UInt8(slot % 4)) ?? .other,
            sequence: 1, costNanoseconds: 1000 + Int64(slot), enqueuedAt: 0)
    }
}
