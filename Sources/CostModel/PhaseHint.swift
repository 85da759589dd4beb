import Wire

/// What one operation's shapes say about the phase its stream is in.
package enum PhaseHint: UInt8, Sendable {
    /// Nothing: elementwise operations, products of two plain matrices.
    case none = 0
    /// Many query positions a sequence.
    case prefill = 1
    /// One query position a sequence.
    case decode = 2
    /// Sequences of both sorts in one operation.
    case mixed = 3
    /// A gradient or an optimizer's step: this is training, whatever else looks like prefill.
    case training = 4
}

extension Operands {
    func hint(_ kind: OperationKind) -> PhaseHint {
        if name.contains("Backward") || name.contains("Grad") || name.hasPrefix("ApplyAdam")
            || name.hasPrefix("ApplyFusedAdam")
        {
            return .training
        }
        switch kind {
        case .attention: return attentionHint
        case .matrix: return matrixHint
        case .vector: return vectorHint
        case .communication: return .none
        }
    }

    private var attentionHint: PhaseHint {
        if name.hasPrefix("IncreFlash") { return .decode }
        if name.hasPrefix("PromptFlash") { return .prefill }
        if isPacked { return packedHint }
        guard let length = queryLength else { return .none }
        return length == 1 ? .decode : .prefill
    }

    /// All sequences behind one another; their ends are an argument.
    private var packedHint: PhaseHint {
        guard let ends = queryEnds, !ends.isEmpty else { return .none }
        var before: Int64 = 0
        var single = 0
        for end in ends {
            if end &- before == 1 { single += 1 }
            before = end
        }
        return single == ends.count ? .decode : single == 0 ? .prefill : .mixed
    }

    /// Activations `[batch, positions, hidden]` times a weight, or an attention written as two
    /// batched products `[batch, (heads,) positions, …]`: the last but one axis of the first factor
    /// is the positions.
    private var matrixHint: PhaseHint {
        guard let (a, _) = factors, a.shape.count >= 3 else { return .none }
        return Self.hint(positions: a.shape[a.shape.count - 2])
    }

    private var vectorHint: PhaseHint {
        // A softmax over the scores of an attention: [batch, heads, positions, keys].
        if name.hasPrefix("Softmax"), let scores = tensors.first, scores.shape.count == 4,
            scores.shape[3] > 1
        {
            return Self.hint(positions: scores.shape[2])
        }
        // Weight, then token numbers [batch, positions].
        if name == "Embedding", tensors.count > 1, tensors[1].shape.count == 2 {
            return Self.hint(positions: tensors[1].shape[1])
        }
        return .none
    }

    private static func hint(positions: Int64) -> PhaseHint {
        positions == 1 ? .decode : positions > 1 ? .prefill : .none
    }
}
