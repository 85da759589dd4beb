import Scheduling
import Wire

/// Work that policies are asked about.
enum PolicyWork {
    static let device = DeviceID(rawValue: 0)
    static let idle = DeviceLoad(device: device)

    static func client(_ number: UInt32) -> ClientFacts {
        let phases = ["decode", "prefill", "other"]
        return ClientFacts(
            id: ClientID(rawValue: number), name: "program\(number)",
            labels: ["phase": phases[Int(number % 3)], "tenant": "t\(number % 2)"],
            weight: Double(1 + number % 4))
    }

    static func operation(
        _ slot: UInt32, generation: UInt32 = 1, client: UInt32 = 1, enqueuedAt: Nanoseconds = 0
    ) -> OperationFacts {
        let phases: [Phase] = [.decode, .prefill, .other]
        return OperationFacts(
            id: OperationID(slot: slot, generation: generation),
            client: ClientID(rawValue: client), stream: StreamID(rawValue: UInt64(slot % 5)),
            device: device, function: FunctionID(rawValue: UInt16(slot % 7)),
            phase: phases[Int(slot % 3)], phaseSource: slot % 3 == 2 ? .none : .label,
            sequence: UInt64(generation), costNanoseconds: 1000 << Nanoseconds(slot % 12),
            tokens: slot % 3 == 1 ? 512 : 1, bytes: 4096, flops: 1 << 20, enqueuedAt: enqueuedAt)
    }
}
