package import Wire

/// What a policy was asked, and what it answered: enough to ask it again.
package struct DecisionEvent: Sendable, Equatable {
    package enum Answer: Sendable, Equatable {
        /// This operation goes to the device.
        case operation(client: ClientID, stream: UInt64, sequence: UInt64)
        /// Nothing goes; ask again at that time, or (nil) when something changes.
        case hold(until: Nanoseconds?)
    }

    package var time: Nanoseconds
    package var device: DeviceID
    /// Operations on the device, and their predicted time together.
    package var inFlight: UInt32
    package var inFlightNanoseconds: Nanoseconds
    /// Operations of this device that could go.
    package var ready: UInt32
    package var answer: Answer
    /// The policy failed, so that the built-in fallback answered.
    package var isByFallback: Bool
    /// Cores for the operation; 0: all that it can use.
    package var cores: UInt32
    /// What the policy says of it.
    package var note: String
    /// The load of the policy (see `PolicyEvent`), and its line.
    package var policyLoad: UInt32
    package var policyLine: UInt32
    /// What the answer took, counted by the interpreter.
    package var instructions: UInt64

    package init(
        time: Nanoseconds, device: DeviceID, inFlight: UInt32, inFlightNanoseconds: Nanoseconds,
        ready: UInt32, answer: Answer, isByFallback: Bool = false, cores: UInt32 = 0,
        note: String = "", policyLoad: UInt32, policyLine: UInt32, instructions: UInt64 = 0
    ) {
        self.time = time
        self.device = device
        self.inFlight = inFlight
        self.inFlightNanoseconds = inFlightNanoseconds
        self.ready = ready
        self.answer = answer
        self.isByFallback = isByFallback
        self.cores = cores
        self.note = note
        self.policyLoad = policyLoad
        self.policyLine = policyLine
        self.instructions = instructions
    }
}
