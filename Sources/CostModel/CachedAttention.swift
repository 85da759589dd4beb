import Wire

/// An attention of a serving engine: queries over keys and values of a cache, in whole or in pages,
/// with the sequences' lengths as arguments.
struct CachedAttention {
    private let query: SignatureTensor
    private let key: SignatureTensor
    private let isPaged: Bool
    /// Elements of a key's position, all heads.
    private let keyWidth: UInt64
    /// Positions of queries and of keys, a sequence each.
    private let queryLengths: [UInt64]
    private let keyLengths: [UInt64]

    init?(_ operands: Operands) {
        guard operands.tensors.count > 2 else { return nil }
        query = operands.tensors[0]
        key = operands.tensors[1]
        // The table of pages is the only tensor of two extents that holds 32-bit integers.
        let table = operands.tensors.dropFirst(2).first { $0.type == 3 && $0.shape.count == 2 }
        isPaged = table != nil
        let lists = operands.integerLists
        guard let queries = Self.queryLengths(operands, lists) else { return nil }
        queryLengths = queries
        keyWidth = Self.keyWidth(operands, key, isPaged: table != nil)
        let keys = lists.count > 1 ? lists[1] : lists.first
        keyLengths = Self.keyLengths(
            operands, keys, table: table, key: key, sequences: queries.count)
    }

    /// Of a packed batch the first list holds where each sequence ends.
    private static func queryLengths(_ operands: Operands, _ lists: [[Int64]]) -> [UInt64]? {
        if operands.isPacked, let ends = lists.first, !ends.isEmpty { return lengths(upTo: ends) }
        guard let length = operands.queryLength else { return nil }
        let batch = operands.batchSize(of: operands.tensors[0])
        guard (1...Int64(sequencesMax)).contains(batch) else { return nil }
        return [UInt64](repeating: UInt64(clamping: length), count: Int(batch))
    }

    private static let sequencesMax = 1 << 20

    private static func keyLengths(
        _ operands: Operands, _ list: [Int64]?, table: SignatureTensor?, key: SignatureTensor,
        sequences: Int
    ) -> [UInt64] {
        if let list, let first = list.first {
            if operands.isPacked, table == nil { return lengths(upTo: list) }
            // One length may stand for all sequences.
            if list.count == 1 {
                return [UInt64](repeating: UInt64(clamping: first), count: sequences)
            }
            return list.map { UInt64(clamping: $0) }
        }
        if let table {
            let pages = UInt64(clamping: table.shape[1])
            let length = Operands.product([pages, pagePositions(of: key)])
            return [UInt64](repeating: length, count: sequences)
        }
        let length = UInt64(clamping: operands.keyLength ?? 0)
        return [UInt64](repeating: length, count: sequences)
    }

    private static func lengths(upTo ends: [Int64]) -> [UInt64] {
        var before: Int64 = 0
        return ends.map { end in
            defer { before = end }
            return UInt64(clamping: end &- before)
        }
    }

    /// Pages are [pages, positions, width], [pages, heads, positions, head] or, in fractal format,
    /// [pages, heads, head ÷ 16, positions, 16].
    private static func pagePositions(of key: SignatureTensor) -> UInt64 {
        let axis = [3: 1, 4: 2, 5: 3][key.shape.count] ?? 0
        return axis < key.shape.count ? UInt64(clamping: key.shape[axis]) : 1
    }

    private static func keyWidth(
        _ operands: Operands, _ key: SignatureTensor, isPaged: Bool
    ) -> UInt64 {
        let positions: UInt64
        if isPaged {
            positions = Operands.product([
                UInt64(clamping: key.shape.first ?? 1), pagePositions(of: key),
            ])
        } else if operands.isPacked {
            positions = UInt64(clamping: key.shape.first ?? 1)
        } else {
            positions = Operands.product([
                UInt64(clamping: operands.batchSize(of: key)),
                UInt64(clamping: operands.keyLength ?? 1),
            ])
        }
        return Operands.elements(key) / max(1, positions)
    }

    var work: ServingWork {
        let tokens = max(1, Operands.sum(queryLengths))
        let pairs = Operands.sum(
            zip(queryLengths, keyLengths).map { Operands.product([$0, $1]) })
        let queryWidth = Operands.elements(query) / tokens
        let cached = Operands.product([
            Operands.sum(keyLengths), keyWidth, UInt64(max(1, elementBytes(ofType: key.type))),
            isLatent ? 1 : 2,
        ])
        return ServingWork(
            flops: Operands.product([4, queryWidth, pairs]),
            bytes: Operands.sum([Operands.bytes(query), Operands.bytes(query), cached]),
            tokens: tokens)
    }

    /// Latent attention has one head of 512 that is key and value at once. Where the shape does not
    /// show heads, it is taken for several.
    private var isLatent: Bool {
        guard keyWidth == 512 else { return false }
        switch key.shape.count {
        case 3: return key.shape[1] == 1 && key.shape[2] == 512
        case 4: return key.shape[3] == 512
        case 5: return key.shape[1] == 1
        default: return false
        }
    }
}
