/// Extremes with where they are.
enum IndexedExtremes {
    static let all: [Operation] = [
        argument("aclnnArgMax", isMaximum: true), argument("aclnnArgMin", isMaximum: false),
        withIndices("aclnnMaxDim", isMaximum: true), withIndices("aclnnMinDim", isMaximum: false),
    ]

    private static func argument(_ name: String, isMaximum: Bool) -> Operation {
        .define(
            name, "TibT", "self:fib dim keepdim out:x",
            check: { (arguments) throws(OperationRefusal) in
                try requireReduced(arguments, results: [3])
            },
            run: { arguments in
                find(
                    arguments.tensor(0), arguments.integer(1), values: nil,
                    indices: arguments.tensor(3), isMaximum)
            })
    }

    private static func withIndices(_ name: String, isMaximum: Bool) -> Operation {
        .define(
            name, "TibTT", "self:fib dim keepdim out:fib indices:x",
            check: { (arguments) throws(OperationRefusal) in
                try requireReduced(arguments, results: [3, 4])
            },
            run: { arguments in
                find(
                    arguments.tensor(0), arguments.integer(1), values: arguments.tensor(3),
                    indices: arguments.tensor(4), isMaximum)
            })
    }

    private static func requireReduced(
        _ arguments: Arguments, results: [Int]
    ) throws(OperationRefusal) {
        let input = arguments.tensor(0)
        let dimension = try arguments.requireDimension(1, of: 0)
        guard let set = DimensionSet([dimension], of: input) else { return }
        if input.rank > 0 && input.shape[dimension] == 0 && input.count == 0 {
            throw arguments.invalid(1, "dimension \(dimension) of shape \(input.extents) is empty")
        }
        let shape = input.reducedShape(set, keepsDimensions: arguments.flag(2))
        for result in results { try arguments.requireShape(result, shape) }
    }

    private static func find(
        _ input: TensorView, _ index: Int, values: TensorView?, indices: TensorView,
        _ isMaximum: Bool
    ) {
        guard let dimension = input.dimension(index) else { return }
        if input.type.arithmetic == .integer {
            find(Int64.self, input, dimension, values, indices, isMaximum)
        } else {
            find(Float.self, input, dimension, values, indices, isMaximum)
        }
    }

    private static func find<C: Computable>(
        _: C.Type, _ input: TensorView, _ dimension: Int, _ values: TensorView?,
        _ indices: TensorView, _ isMaximum: Bool
    ) {
        let line = input.rank == 0 ? 1 : input.shape[dimension]
        let stride = input.rank == 0 ? 0 : input.byteStride(dimension)
        var walk = Walk(result: aligned(indices, input, dimension))
        walk.append(input.selecting(dimension, at: 0))
        walk.append(aligned(values ?? indices, input, dimension))
        unsafe withScratch(C.self, count: line) { buffer in
            unsafe walk.forEachPlace { places in
                let run = unsafe readLine(
                    input.type, places[1], stride: stride, count: line, buffer)
                let best =
                    unsafe isMaximum
                    ? first(run, line) { $0 > $1 } : unsafe first(run, line) { $0 < $1 }
                unsafe storeElement(walk.types[0], Int64(best), into: places[0])
                if values != nil { unsafe storeElement(walk.types[2], run[best], into: places[2]) }
            }
        }
    }

    /// A result without the reduced dimension.
    private static func aligned(
        _ result: TensorView, _ input: TensorView, _ dimension: Int
    ) -> TensorView {
        input.rank > 0 && result.rank == input.rank
            ? result.selecting(dimension, at: 0) : result
    }

    /// The first not-a-number, else the first of the best.
    @inline(__always)
    private static func first<C: Computable>(
        _ run: UnsafePointer<C>, _ count: Int, _ isBetter: (C, C) -> Bool
    ) -> Int {
        var best = 0
        var value = unsafe run[0]
        if value != value { return 0 }
        for i in 1..<max(count, 1) {
            let x = unsafe run[i]
            if x != x { return i }
            if isBetter(x, value) {
                best = i
                value = x
            }
        }
        return best
    }
}
