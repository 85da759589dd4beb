import CostModel

/// One pass of a decoder-only model over some tokens, as works of a chip: by layer the products,
/// the attention of the prompt, the attention of the sequences under way; then the head.
///
/// Qwen2.5-7B in bfloat16, by its published configuration: 28 layers of 233.06 M parameters, hidden
/// size 3584, 4 key-value heads of 128. Half of the activations' traffic is taken to stay in the L2
/// cache. Fixed costs are those of the operations that a layer consists of.
struct TransformerPass {
    static let layers = 28
    static let cacheBytesPerToken = 57_344.0

    /// New and cached tokens of a prompt's part; 0 and 0 where the pass has none.
    var newTokens = 0
    var cachedTokens = 0
    /// Sequences under way and the tokens that they look back on, all together.
    var sequences = 0
    var contextTokens = 0
    /// Tokens whose successor is wanted.
    var emitting = 0

    /// The works in order, each on so many cores at most.
    func works(coresMax: Int?) -> [ChipWork] {
        var layer = [products(coresMax)]
        if newTokens > 0 { layer.append(promptAttention(coresMax)) }
        if sequences > 0 { layer.append(sequenceAttention(coresMax)) }
        var works: [ChipWork] = []
        works.reserveCapacity(layer.count * Self.layers + 1)
        for _ in 0..<Self.layers { works += layer }
        works.append(head(coresMax))
        return works
    }

    private func products(_ coresMax: Int?) -> ChipWork {
        let tokens = Double(newTokens + sequences)
        return work(
            coresMax, flops: 2 * tokens * 233.06e6, bytes: 2 * 233.06e6 + 140e3 * tokens,
            fixed: 32_000)
    }

    private func promptAttention(_ coresMax: Int?) -> ChipWork {
        let (new, cached) = (Double(newTokens), Double(cachedTokens))
        return work(
            coresMax, flops: 4 * 3584 * new * (cached + new / 2),
            bytes: 2048 * (cached + new) + 14_336 * new, fixed: 5_000)
    }

    private func sequenceAttention(_ coresMax: Int?) -> ChipWork {
        let context = Double(contextTokens)
        return work(
            coresMax, flops: 4 * 3584 * context, bytes: 2048 * context + 14_336 * Double(sequences),
            fixed: 5_000)
    }

    private func head(_ coresMax: Int?) -> ChipWork {
        work(coresMax, flops: 2 * Double(emitting) * 545e6, bytes: 1.09e9, fixed: 9_000)
    }

    private func work(_ coresMax: Int?, flops: Double, bytes: Double, fixed: Double) -> ChipWork {
        ChipWork(
            resource: .cube, coresMax: coresMax, flops: flops, hbmBytes: bytes,
            fixedNanoseconds: fixed)
    }
}
