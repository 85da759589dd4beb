package import Wire

/// What an operation's arguments say about its work, worked out once a signature.
package struct OperationShape: Sendable, Equatable {
    package var kind: OperationKind
    package var flops: UInt64
    /// Every tensor argument read or written once, gathers only where they touch.
    package var bytes: UInt64
    /// Tokens that it works on, where its shapes tell: rows of a product with a weight, query
    /// positions of an attention, indices of an embedding. 0: they do not.
    package var tokens: UInt32
    /// Cores that it can use at most (see `ChipTiles`).
    package var tiles: Int
    /// What its shapes say about the phase (see `PhaseInference`).
    package var hint: PhaseHint

    /// - Parameter function: the operation's name, as `aclnnAdd` or `aclnnAddGetWorkspaceSize`.
    package init(function: String, signature: Signature) {
        var strings: [String] = []
        var integers: [[Int64]] = []
        for item in signature.items {
            switch item {
            case .string(let bytes?): strings.append(String(decoding: bytes, as: UTF8.self))
            case .integers(let values?): integers.append(values)
            default: break
            }
        }
        self.init(
            function: function, tensors: signature.tensors, strings: strings, integers: integers)
    }

    /// The same from arguments that are no signature.
    ///
    /// - Parameters:
    ///   - tensors: inputs and outputs in the order of the function's parameters, null ones left
    ///     out, lists flattened.
    ///   - strings: string arguments in order; the first that names a layout (`BSND`) is one.
    ///   - integers: integer lists in order; the first holds the ends of packed sequences.
    package init(
        function: String, tensors: [SignatureTensor], strings: [String] = [],
        integers: [[Int64]] = []
    ) {
        let name = OperationKind.stem(of: function)
        let view = Operands(name: name, tensors: tensors, strings: strings, integers: integers)
        kind = OperationKind(function: function)
        bytes = view.touchedBytes
        tiles = ChipTiles.count(kind, view)
        flops = 0
        tokens = 0
        hint = .none
        switch kind {
        case .matrix:
            flops = view.matrixFlops
            tokens = view.matrixRows
        case .attention:
            flops = view.attentionFlops
            tokens = view.attentionTokens
        case .vector, .communication:
            flops = view.vectorFlops
            if name == "Embedding" { tokens = Operands.clamped(view.tensors.dropFirst().first) }
        }
        if let serving = ServingWork(view) {
            bytes = serving.bytes
            flops = serving.flops
            tokens = UInt32(clamping: serving.tokens)
        }
        hint = view.hint(kind)
    }

    /// What it asks of a chip.
    ///
    /// - Parameter coresMax: the stream's limit at preparation; nil is none.
    package func chipWork(coresMax: Int? = nil) -> ChipWork {
        ChipWork(
            kind, flops: Double(flops), hbmBytes: Double(bytes), tiles: tiles, coresMax: coresMax)
    }

    /// The time it takes on `chip` alone, on all the cores it can use.
    package func predictedNanoseconds(on chip: Chip) -> Nanoseconds {
        ChipRates(chip: chip).aloneNanoseconds(chipWork())
    }
}

/// An operation's tensors, read with its name in mind. All products saturate: shapes come from
/// programs.
struct Operands {
    let name: Substring
    let tensors: [SignatureTensor]
    /// The layout of an attention's tensors, as `BSND`; nil where no argument names one.
    let layout: String?
    /// Lengths of an attention's queries, cumulative, where it has them.
    let queryEnds: [Int64]?
    /// Lists of integers in their order.
    let integerLists: [[Int64]]

    init(
        name: Substring, tensors: [SignatureTensor], strings: [String], integers: [[Int64]]
    ) {
        self.name = name
        self.tensors = tensors
        layout = strings.first { Self.sequenceAxis(of: $0) != nil }
        queryEnds = integers.first
        integerLists = integers
    }

    // MARK: Work

    var touchedBytes: UInt64 {
        if name.hasPrefix("Embedding"), !name.contains("Backward"), let out = tensors.last {
            // The table is read only where the indices point: as much as is written.
            return Self.sum([
                Self.bytes(out), Self.bytes(out), tensors.dropFirst().first.map(Self.bytes) ?? 0,
            ])
        }
        return Self.sum(tensors.map(Self.bytes) + [indexedBytes])
    }

    /// What is written by index: index tensors broadcast to each other, so it may be far more than any of
    /// the tensors has.
    private var indexedBytes: UInt64 {
        guard name.hasPrefix("IndexPut"), let target = tensors.first, tensors.count > 2 else {
            return 0
        }
        let indices = tensors[1..<tensors.count - 1]
        var extents: [UInt64] = []
        for index in indices {
            for (axis, size) in index.shape.reversed().enumerated() {
                if axis == extents.count { extents.append(1) }
                extents[axis] = max(extents[axis], UInt64(clamping: size))
            }
        }
        let slice = target.shape.dropFirst(indices.count).map { UInt64(clamping: $0) }
        return Self.product(extents + slice + [UInt64(max(1, elementBytes(ofType: target.type)))])
    }

    /// 2 × rows × columns × depth, for a product `a` × `b`.
    var matrixFlops: UInt64 {
        guard let (a, b) = factors, let out = tensors.last else { return 0 }
        if name.hasPrefix("Convolution"), let channels = b.shape.first, channels > 0 {
            return Self.product([2, Self.elements(out), Self.elements(b) / UInt64(channels)])
        }
        let depth = UInt64(clamping: a.shape.last ?? 1)
        let columns = columns(of: b, depth: a.shape.last ?? 1)
        // Of quantised products scales come last, and not what was multiplied.
        if name.contains("Quant") { return Self.product([2, Self.elements(a), columns]) }
        return max(
            Self.product([2, Self.elements(a), columns]),
            Self.product([2, Self.elements(out), depth]))
    }

    /// The rows of `a` where `b` is a weight (a plain matrix).
    var matrixRows: UInt32 {
        guard let (a, b) = factors, b.shape.count == 2, a.shape.count >= 2,
            let depth = a.shape.last,
            depth > 0
        else { return 0 }
        return UInt32(clamping: Self.elements(a) / UInt64(depth))
    }

    /// Two products of queries × keys × head size; a gradient does five.
    var attentionFlops: UInt64 {
        guard let query = tensors.first, let keys = keyLength else { return 0 }
        let forward = Self.product([4, Self.elements(query), UInt64(clamping: keys)])
        return name.contains("Grad") ? Self.product([forward, 5]) / 2 : forward
    }

    var attentionTokens: UInt32 {
        guard let query = tensors.first, let length = queryLength else { return 0 }
        let batch = batchSize(of: query)
        return UInt32(clamping: Self.product([UInt64(clamping: length), UInt64(clamping: batch)]))
    }

    var vectorFlops: UInt64 {
        let largest = tensors.map(Self.elements).max() ?? 0
        let heavy = ["Softmax", "Gelu", "Silu", "Norm", "Exp", "Sin", "Cos", "Pow", "Loss", "Sqrt"]
        return Self.product([largest, heavy.contains { name.contains($0) } ? 8 : 1])
    }

    // MARK: Products and attentions

    /// The two factors; the operations that add something to the product name it first.
    var factors: (a: SignatureTensor, b: SignatureTensor)? {
        let stem = name.hasPrefix("Inplace") ? name.dropFirst(7) : name
        let addsFirst = stem.hasPrefix("Add") || stem.hasPrefix("Badd")
        let start = addsFirst ? 1 : 0
        guard tensors.count >= start + 2 else { return nil }
        return (tensors[start], tensors[start + 1])
    }

    /// Which axis of query and key is the sequence; −1 is no layout of ours.
    static func sequenceAxis(of layout: String) -> Int? {
        switch layout {
        case "BSH", "BSND", "NTD", "BSND_NBSD", "BSH_NBSD": 1
        case "SBH", "TND", "TND_NTD": 0
        case "BNSD", "BNSD_BSND", "BNSD_NBSD": 2
        default: nil
        }
    }

    /// Where no layout is named: three axes are BSH, four BNSD, as the operations' own defaults
    /// are.
    private func axis(of tensor: SignatureTensor) -> Int? {
        let axis = layout.flatMap(Self.sequenceAxis) ?? (tensor.shape.count == 4 ? 2 : 1)
        return axis < tensor.shape.count ? axis : nil
    }

    var isPacked: Bool { layout?.contains("TND") == true || layout?.contains("NTD") == true }

    var queryLength: Int64? {
        guard let query = tensors.first, let axis = axis(of: query) else { return nil }
        return query.shape[axis]
    }

    var keyLength: Int64? {
        guard tensors.count > 1, let axis = axis(of: tensors[1]) else { return nil }
        return tensors[1].shape[axis]
    }

    func batchSize(of query: SignatureTensor) -> Int64 {
        if isPacked { return 1 }
        let axis = layout == "SBH" ? 1 : 0
        return axis < query.shape.count ? query.shape[axis] : 1
    }

    // MARK: Arithmetic

    static func elements(_ tensor: SignatureTensor) -> UInt64 {
        product(tensor.shape.map { UInt64(clamping: $0) })
    }

    static func bytes(_ tensor: SignatureTensor) -> UInt64 {
        product([elements(tensor), UInt64(max(1, elementBytes(ofType: tensor.type)))])
    }

    static func clamped(_ tensor: SignatureTensor?) -> UInt32 {
        UInt32(clamping: tensor.map(elements) ?? 0)
    }

    static func product(_ factors: [UInt64]) -> UInt64 {
        factors.reduce(1) { total, factor in
            let (value, overflow) = total.multipliedReportingOverflow(by: factor)
            return overflow ? .max : value
        }
    }

    static func sum(_ terms: [UInt64]) -> UInt64 {
        terms.reduce(0) { total, term in
            let (value, overflow) = total.addingReportingOverflow(term)
            return overflow ? .max : value
        }
    }
}
