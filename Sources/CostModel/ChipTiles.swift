import Wire

/// How many cores an operation can use at most: one core a tile.
///
/// Everything here is inferred; real tilings are chosen by operators that nobody publishes as a
/// table. The rule is an upper bound from the hardware, so that it limits only small operations:
/// - A product or convolution has one tile per 16 × 16 outputs: a cube core does 4096
///   multiply-adds a cycle, which is 16 × 16 × 16.
/// - An attention has one tile per query row of a head, heads taken as 128 wide.
/// - A vector operation has one tile per 256 bytes of its largest tensor: what one vector
///   instruction covers.
/// - Copies, fills and collectives hold no cores.
enum ChipTiles {
    private static let cubeEdge: UInt64 = 16
    private static let headWidth: UInt64 = 128
    private static let vectorBytes: UInt64 = 256

    static func count(_ kind: OperationKind, _ operands: Operands) -> Int {
        switch kind {
        case .matrix: product(operands.tensors.last)
        case .attention: parts(operands.tensors.first.map(Operands.elements) ?? 0, headWidth)
        case .vector: parts(operands.tensors.map(Operands.bytes).max() ?? 0, vectorBytes)
        case .communication: 1
        }
    }

    /// Both edges of each output matrix are rounded up to whole tiles.
    private static func product(_ output: SignatureTensor?) -> Int {
        guard let output, let columns = output.shape.last else { return 1 }
        let rows = output.shape.dropLast().last ?? 1
        let matrices = Operands.product(output.shape.dropLast(2).map { UInt64(clamping: $0) })
        let tiles = Operands.product([
            UInt64(parts(UInt64(clamping: rows), cubeEdge)),
            UInt64(parts(UInt64(clamping: columns), cubeEdge)), matrices,
        ])
        return max(1, Int(clamping: tiles))
    }

    private static func parts(_ amount: UInt64, _ size: UInt64) -> Int {
        max(1, Int(clamping: amount / size + (amount % size == 0 ? 0 : 1)))
    }
}
