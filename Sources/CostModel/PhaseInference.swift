package import Wire

/// Guesses which phase a stream is in from the shapes of its operations. One value a stream.
///
/// Operations with a hint set the phase (see `PhaseHint`); those between (elementwise ones, plain
/// products) belong to the phase of the last hint, for a while. It is a guess for programs that say
/// nothing: a mark or label wins. What it gets wrong: a training step's first forward pass looks
/// like prefill until the first gradient; a prompt of one token looks like decode; a batch of
/// prompts in a model without attention, embedding or three-axis activations looks like nothing at
/// all.
package struct PhaseInference: Sendable, Equatable {
    private var phase = Phase.other
    private var sinceHint = 0
    private var sinceTraining = PhaseInference.trainingMemory

    /// Operations that a hint covers: about two layers of a transformer in eager mode, with room.
    private static let hintReach = 256
    /// Operations for which a gradient marks its stream as training: more than one step's forward
    /// pass.
    private static let trainingMemory = 8192

    package init() {}

    /// The phase of the stream's next operation, given what its shapes say.
    package mutating func observe(_ hint: PhaseHint) -> Phase {
        sinceTraining = min(sinceTraining + 1, Self.trainingMemory)
        sinceHint += 1
        switch hint {
        case .none: break
        case .prefill: set(.prefill)
        case .decode: set(.decode)
        case .mixed: set(.mixed)
        case .training:
            sinceTraining = 0
            phase = .other
        }
        if sinceTraining < Self.trainingMemory || sinceHint > Self.hintReach { phase = .other }
        return phase
    }

    private mutating func set(_ phase: Phase) {
        self.phase = phase
        sinceHint = 0
    }
}
