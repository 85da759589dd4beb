import Wire

/// Work of the fused operations of serving engines whose tensors are larger than what is touched:
/// caches in pages, weights of experts that no token goes to.
struct ServingWork {
    var flops: UInt64
    var bytes: UInt64
    /// Tokens that it works on; 0: they are not known.
    var tokens: UInt64

    /// Nil: the operation is none of these, and the general rules hold.
    init?(_ operands: Operands) {
        let name = operands.name
        if Self.isCachedAttention(name), let attention = CachedAttention(operands) {
            self = attention.work
        } else if name.contains("GroupedMatmul"), let work = Self.experts(operands) {
            self = work
        } else if name.hasPrefix("MlaProlog") || Self.isFeedForward(name),
            let work = Self.weights(operands)
        {
            self = work
        } else if name.hasSuffix("Cache") || name.hasSuffix("Kvcache"),
            let work = Self.cacheUpdate(operands)
        {
            self = work
        } else {
            return nil
        }
    }

    init(flops: UInt64, bytes: UInt64, tokens: UInt64) {
        self.flops = flops
        self.bytes = bytes
        self.tokens = tokens
    }

    static func isCachedAttention(_ name: Substring) -> Bool {
        name.contains("InferAttention") || name.hasPrefix("IncreFlashAttention")
            || name.hasPrefix("PromptFlashAttention")
    }

    /// `FFN` and its versions.
    static func isFeedForward(_ name: Substring) -> Bool {
        name == "FFN" || name == "FFNV2" || name == "FFNV3"
    }

    /// A product with a weight for each group of rows. A row goes to one expert, so of more experts
    /// than rows the others' weights are not read.
    private static func experts(_ operands: Operands) -> ServingWork? {
        guard let (rows, weight) = operands.factors, let depth = rows.shape.last, depth > 0 else {
            return nil
        }
        let count = Operands.elements(rows) / UInt64(depth)
        var bytes = operands.tensorBytes
        if weight.shape.count == 3, let experts = weight.shape.first, experts > Int64(count) {
            let all = Operands.bytes(weight)
            bytes -= all - all / UInt64(experts) * count
        }
        let flops = Operands.product([
            2, Operands.elements(rows), operands.columns(of: weight, depth: depth),
        ])
        return ServingWork(flops: flops, bytes: bytes, tokens: count)
    }

    /// Rows that go through several weights one after the other. All tensors behind the first that
    /// have two or three extents and are not caches count as weights.
    private static func weights(_ operands: Operands) -> ServingWork? {
        guard let rows = operands.tensors.first, let width = rows.shape.last, width > 0 else {
            return nil
        }
        let isProlog = operands.name.hasPrefix("MlaProlog")
        // Token, four weights, two scales, sine, cosine, two caches, of which a row a token is
        // written.
        let weights = operands.tensors.dropFirst().prefix(isProlog ? 4 : 2)
        let caches = isProlog ? operands.tensors.dropFirst(9).prefix(2) : []
        let tokens = Operands.elements(rows) / UInt64(width)
        let experts = weights.first.map { !isProlog && $0.shape.count == 3 ? $0.shape[0] : 1 } ?? 1
        let elements = Operands.sum(weights.map(Operands.elements)) / UInt64(max(1, experts))
        let cached = Operands.sum(caches.map(Operands.bytes))
        return ServingWork(
            flops: Operands.product([2, tokens, elements]),
            bytes: operands.tensorBytes - min(cached, operands.tensorBytes), tokens: tokens)
    }

    /// Writes the tokens' rows into a cache, or reads them from one: no tensor is touched further
    /// than the first one is long.
    private static func cacheUpdate(_ operands: Operands) -> ServingWork? {
        guard let rows = operands.tensors.first.map(Operands.bytes) else { return nil }
        let isGather = operands.name.hasPrefix("Gather")
        let most = isGather ? operands.tensors.last.map(Operands.bytes) ?? rows : rows
        let bytes = Operands.sum(operands.tensors.map { min(Operands.bytes($0), most) })
        return ServingWork(flops: operands.vectorFlops(ofBytes: bytes), bytes: bytes, tokens: 0)
    }
}

extension Operands {
    /// Every tensor once.
    var tensorBytes: UInt64 { Self.sum(tensors.map(Self.bytes)) }

    /// The extent of a weight that is not `depth`: some operations take it transposed.
    func columns(of weight: SignatureTensor, depth: Int64) -> UInt64 {
        guard let last = weight.shape.last else { return 1 }
        guard weight.shape.count > 1 else { return 1 }
        let before = weight.shape[weight.shape.count - 2]
        return UInt64(clamping: before != depth && last == depth ? before : last)
    }

    fileprivate func vectorFlops(ofBytes bytes: UInt64) -> UInt64 {
        bytes / UInt64(max(1, tensors.first.map { elementBytes(ofType: $0.type) } ?? 1))
    }
}
