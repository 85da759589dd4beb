/// What is fuzzed: each takes any bytes, gives them to the code that reads such bytes from outside,
/// and says which promise they broke.
///
/// A trap is the other way to fail, and ends the process.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// The bytes of a program's ring, as they lie.
    case ring
    /// Well-formed records with any verb, operands and bytes.
    case records
    /// The daemon's socket: hello, what programs ask for, what commands say.
    case control
    /// Arguments of operations: the encoded plan with its values.
    case plans
    /// A trace's metadata and packets.
    case trace
    /// A policy's source text.
    case policy
    /// Calls into policies, in any order.
    case calls

    /// Gives the input to the target. Returns the promise that it broke, nil where all held.
    package func run(_ input: [UInt8]) -> String? {
        do {
            switch self {
            case .ring: return try RingTarget.run(input)
            case .records: return try RecordsTarget.run(input)
            case .control: return try ControlTarget.shared.get().run(input)
            case .plans: return try PlansTarget.run(input)
            case .trace: return try TraceTarget.run(input)
            case .policy: return PolicyTarget.run(input)
            case .calls: return CallsTarget.run(input)
            }
        } catch {
            return "the target cannot be set up: \(error)"
        }
    }

    /// Inputs made by hand, by the names under which they lie in the corpus.
    package func seeds() throws -> [String: [UInt8]] {
        switch self {
        case .ring: try RingSeeds.all()
        case .records: RecordSeeds.all
        case .control: ControlSeeds.all
        case .plans: PlanSeeds.all
        case .trace: try TraceSeeds.all()
        case .policy: PolicySeeds.all
        case .calls: CallSeeds.all
        }
    }
}
