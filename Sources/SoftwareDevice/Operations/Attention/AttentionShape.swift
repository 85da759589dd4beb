/// How batch, heads, sequence and channels lie in an attention operand.
enum AttentionLayout: String {
    case batchHeadsFirst = "BNSD"
    case sequenceSecond = "BSND"
    case flat = "BSH"
    case sequenceFirst = "SBH"

    /// The operand as [batch, heads, sequence, channels]; nil if its shape does not fit.
    func view(_ tensor: TensorView, heads: Int) -> TensorView? {
        switch self {
        case .batchHeadsFirst: return tensor.rank == 4 ? tensor : nil
        case .sequenceSecond: return tensor.rank == 4 ? tensor.transposing(1, 2) : nil
        case .flat, .sequenceFirst:
            guard tensor.rank == 3, heads > 0, tensor.shape[2] % heads == 0 else { return nil }
            let channels = tensor.shape[2] / heads
            let rows = self == .flat ? tensor : tensor.transposing(0, 1)
            var result = rows
            result.rank = 4
            result.shape[1] = heads
            result.strides[1] = rows.strides[2] * channels
            result.shape[2] = rows.shape[1]
            result.strides[2] = rows.strides[1]
            result.shape[3] = channels
            result.strides[3] = rows.strides[2]
            return result
        }
    }
}

/// The operands of attention in one form, whatever their layout.
struct AttentionShape {
    var query: TensorView
    var key: TensorView
    var value: TensorView

    var batches: Int { query.shape[0] }
    var heads: Int { query.shape[1] }
    var keyHeads: Int { key.shape[1] }
    var queryLength: Int { query.shape[2] }
    var keyLength: Int { key.shape[2] }
    var channels: Int { query.shape[3] }
    var valueChannels: Int { value.shape[3] }
    /// Query heads that share one head of keys and values.
    var group: Int { heads / max(1, keyHeads) }

    /// Scores of all heads; nil where memory could not hold them.
    var scoreCount: Int? {
        var count = 1
        for extent in [batches, heads, queryLength, keyLength] {
            let (product, isOver) = count.multipliedReportingOverflow(by: extent)
            if isOver || product >= 1 << 46 { return nil }
            count = product
        }
        return count
    }

    /// nil if the shapes do not belong together.
    init?(
        _ query: TensorView, _ key: TensorView, _ value: TensorView, _ layout: AttentionLayout,
        heads: Int
    ) {
        guard let q = layout.view(query, heads: heads), q.shape[1] == heads, heads > 0 else {
            return nil
        }
        var keyHeads = heads
        if layout == .flat || layout == .sequenceFirst {
            guard q.shape[3] > 0 else { return nil }
            keyHeads = key.shape[2] / q.shape[3]
        }
        guard let k = layout.view(key, heads: keyHeads),
            let v = layout.view(value, heads: keyHeads),
            k.shape[0] == q.shape[0], v.shape[0] == q.shape[0], k.shape[1] == v.shape[1],
            k.shape[2] == v.shape[2], k.shape[3] == q.shape[3], k.shape[1] > 0,
            heads % k.shape[1] == 0
        else { return nil }
        self.query = q
        self.key = k
        self.value = v
    }
}

extension TensorView {
    /// The [sequence, channels] plane of a batch and head.
    func plane(_ batch: Int, _ head: Int) -> TensorView {
        selecting(0, at: batch).selecting(0, at: head)
    }

    /// Rows of a plane.
    func rows(_ start: Int, _ count: Int) -> TensorView { narrowing(0, from: start, count: count) }
}
