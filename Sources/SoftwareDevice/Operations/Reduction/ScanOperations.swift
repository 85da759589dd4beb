/// Running sums and products, sorting and the largest k.
enum ScanOperations {
    static let all: [Operation] = [cumsum, cumprod, topk, sort]

    private static let cumsum = Operation.define(
        "aclnnCumsum", "TiwT", "self dim dtype out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireSameShape(3, as: 0)
            _ = try arguments.requireDimension(1, of: 0)
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(3))
            let dimension = arguments.dimension(1, of: input)
            if max(input.type.arithmetic, out.type.arithmetic) == .integer {
                scan(Int64.self, input, out, dimension) { $0 &+ $1 }
            } else {
                // In double, and rounded at each element: long sums keep their small terms.
                scan(Double.self, input, out, dimension) { $0 + $1 }
            }
        })

    private static let cumprod = Operation.define(
        "aclnnCumprod", "TSwT", "input dim dtype out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireSameShape(3, as: 0)
            let view = arguments.tensor(0)
            if view.dimension(Int(arguments.scalar(1).integer)) == nil {
                throw arguments.invalid(1, "dimension of a tensor of shape \(view.extents)")
            }
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(3))
            let dimension = input.dimension(Int(arguments.scalar(1).integer)) ?? 0
            if max(input.type.arithmetic, out.type.arithmetic) == .integer {
                scan(Int64.self, input, out, dimension) { $0 &* $1 }
            } else {
                scan(Double.self, input, out, dimension) { $0 * $1 }
            }
        })

    private static func scan<C: Computable>(
        _: C.Type, _ input: TensorView, _ out: TensorView, _ dimension: Int, _ step: (C, C) -> C
    ) {
        let count = input.shape[dimension]
        let (from, to) = (input.byteStride(dimension), out.byteStride(dimension))
        var lines = Lines(of: input, along: dimension)
        lines.append(out, along: dimension)
        unsafe withScratch(C.self, count: count) { buffer in
            unsafe lines.forEach { places in
                unsafe loadRun(input.type, places[0], stride: from, count: count, into: buffer)
                for i in 1..<max(count, 1) {
                    unsafe buffer[i] = unsafe step(buffer[i - 1], buffer[i])
                }
                unsafe storeRun(out.type, buffer, count: count, into: places[1], stride: to)
            }
        }
    }

    private static let topk = Operation.define(
        "aclnnTopk", "TiibbTT", "self:fi k dim largest sorted valuesOut:fi indicesOut:x",
        check: { (arguments) throws(OperationRefusal) in
            let input = arguments.tensor(0)
            let dimension = try arguments.requireDimension(2, of: 0)
            let k = arguments.integer(1)
            guard k >= 0, k <= (input.rank == 0 ? 1 : input.shape[dimension]) else {
                throw arguments.invalid(1, "\(k) of shape \(input.extents)")
            }
            var shape = input.extents
            if input.rank > 0 { shape[dimension] = k }
            try arguments.requireShape(5, shape)
            try arguments.requireShape(6, shape)
        },
        run: { arguments in
            let input = arguments.tensor(0)
            let ordering = Ordering(
                dimension: arguments.dimension(2, of: input), keeps: arguments.integer(1),
                isDescending: arguments.flag(3))
            ordering.run(input, arguments.tensor(5), arguments.tensor(6))
        })

    private static let sort = Operation.define(
        "aclnnSort", "TbibTT", "self:fib stable dim descending valuesOut:fib indicesOut:x",
        check: { (arguments) throws(OperationRefusal) in
            _ = try arguments.requireDimension(2, of: 0)
            try arguments.requireSameShape(4, as: 0)
            try arguments.requireSameShape(5, as: 0)
        },
        run: { arguments in
            let input = arguments.tensor(0)
            let dimension = arguments.dimension(2, of: input)
            let ordering = Ordering(
                dimension: dimension, keeps: input.shape[dimension],
                isDescending: arguments.flag(3))
            ordering.run(input, arguments.tensor(4), arguments.tensor(5))
        })
}

/// The first elements of each line in order, with where they were; equal ones keep their order and
/// not-a-number is the largest.
private struct Ordering {
    var dimension: Int
    var keeps: Int
    var isDescending: Bool

    func run(_ input: TensorView, _ values: TensorView, _ indices: TensorView) {
        if input.type.arithmetic == .integer {
            run(Int64.self, input, values, indices)
        } else {
            run(Float.self, input, values, indices)
        }
    }

    private func run<C: Computable>(
        _: C.Type, _ input: TensorView, _ values: TensorView, _ indices: TensorView
    ) {
        let count = input.shape[dimension]
        guard Scratch.hasRoom(for: Int.self, count: count) else {
            return DeviceFault.report("no memory to sort \(count) elements")
        }
        let stride = input.byteStride(dimension)
        let steps = (values.byteStride(dimension), indices.byteStride(dimension))
        var lines = Lines(of: input, along: dimension)
        lines.append(values, along: dimension)
        lines.append(indices, along: dimension)
        unsafe withScratch(C.self, count: count) { buffer in
            unsafe lines.forEach { places in
                // A copy, because the values may be written over the input.
                unsafe loadRun(input.type, places[0], stride: stride, count: count, into: buffer)
                let run = unsafe UnsafePointer(buffer)
                let order = unsafe order(run, count)
                for rank in 0..<keeps {
                    unsafe storeElement(
                        values.type, run[order[rank]], into: places[1] + rank * steps.0)
                    unsafe storeElement(
                        indices.type, Int64(order[rank]), into: places[2] + rank * steps.1)
                }
            }
        }
    }

    /// So few are kept in order one by one, which takes as many steps for each element at worst.
    private static let keptOneByOne = 64

    /// Indices in order, at least as many as are kept.
    private func order<C: Computable>(_ run: UnsafePointer<C>, _ count: Int) -> [Int] {
        guard keeps > 0, keeps <= count / 8, keeps <= Self.keptOneByOne else {
            return (0..<count).sorted { a, b in unsafe precedes(run, a, b) }
        }
        // Few of many: most elements only meet the last of the best.
        var best = (0..<keeps).sorted { a, b in unsafe precedes(run, a, b) }
        for index in keeps..<count where unsafe precedes(run, index, best[keeps - 1]) {
            var place = keeps - 1
            while unsafe place > 0 && precedes(run, index, best[place - 1]) {
                best[place] = best[place - 1]
                place -= 1
            }
            best[place] = index
        }
        return best
    }

    @inline(__always)
    private func precedes<C: Computable>(_ run: UnsafePointer<C>, _ a: Int, _ b: Int) -> Bool {
        let (x, y) = unsafe (run[a], run[b])
        if x == y || (x != x && y != y) { return a < b }
        if x != x { return isDescending }
        if y != y { return !isDescending }
        return isDescending ? x > y : x < y
    }
}
