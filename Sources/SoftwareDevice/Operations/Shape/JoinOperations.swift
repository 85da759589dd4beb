/// Tensors put together, padded, repeated, flipped, cut.
enum JoinOperations {
    static let all: [Operation] = [
        cat, stack, pad, expand, repeated, flip, roll, permute, slice, split,
    ]

    private static let cat = Operation.define(
        "aclnnCat", "LiT", "tensors dim out",
        check: { (arguments) throws(OperationRefusal) in
            let out = arguments.tensor(2)
            let dimension = try requireDimension(arguments, 1, out)
            var total = 0
            for tensor in arguments.tensors(0) where !isLegacyEmpty(tensor, out) {
                guard tensor.rank == out.rank else {
                    throw arguments.invalid(
                        0, "a tensor of shape \(tensor.extents) for a result of \(out.extents)")
                }
                for d in 0..<out.rank where d != dimension && tensor.shape[d] != out.shape[d] {
                    throw arguments.invalid(
                        0, "a tensor of shape \(tensor.extents) for a result of \(out.extents)")
                }
                total += tensor.shape[dimension]
            }
            if total != out.shape[dimension] {
                throw arguments.invalid(2, "extent \(out.shape[dimension]), expected \(total)")
            }
        },
        run: { arguments in
            let out = arguments.tensor(2)
            let dimension = arguments.dimension(1, of: out)
            var start = 0
            for tensor in arguments.tensors(0) where !isLegacyEmpty(tensor, out) {
                let count = tensor.shape[dimension]
                copyElements(tensor, to: out.narrowing(dimension, from: start, count: count))
                start += count
            }
        })

    /// PyTorch lets a tensor of shape [0] join tensors of any shape.
    private static func isLegacyEmpty(_ tensor: TensorView, _ out: TensorView) -> Bool {
        tensor.rank == 1 && tensor.shape[0] == 0 && out.rank != 1
    }

    private static func requireDimension(
        _ arguments: Arguments, _ index: Int, _ view: TensorView
    ) throws(OperationRefusal) -> Int {
        guard view.rank > 0, let dimension = view.dimension(arguments.integer(index)) else {
            throw arguments.invalid(
                index, "dimension \(arguments.integer(index)) of shape \(view.extents)")
        }
        return dimension
    }

    private static let stack = Operation.define(
        "aclnnStack", "LiT", "tensors dim out",
        check: { (arguments) throws(OperationRefusal) in
            let out = arguments.tensor(2)
            let dimension = try requireDimension(arguments, 1, out)
            let tensors = arguments.tensors(0)
            let part = out.selecting(dimension, at: 0)
            guard tensors.count == out.shape[dimension],
                tensors.allSatisfy({ $0.hasShape(of: part) })
            else { throw arguments.invalid(0, "shapes do not stack to \(out.extents)") }
        },
        run: { arguments in
            let out = arguments.tensor(2)
            let dimension = arguments.dimension(1, of: out)
            for (index, tensor) in arguments.tensors(0).enumerated() {
                copyElements(tensor, to: out.selecting(dimension, at: index))
            }
        })

    /// Elements before or behind a dimension; more than any memory has.
    private static let padMax = 1 << 40

    /// Pads before and after, from the last dimension backwards; negative padding cuts.
    private static let pad = Operation.define(
        "aclnnConstantPadNd", "TIST", "self pad value out",
        check: { (arguments) throws(OperationRefusal) in
            let (input, pads) = (arguments.tensor(0), arguments.integers(1))
            guard pads.count % 2 == 0, pads.count / 2 <= input.rank else {
                throw arguments.invalid(1, "\(pads) for shape \(input.extents)")
            }
            var shape = input.extents
            for k in 0..<pads.count / 2 {
                let (d, around) = (shape.count - 1 - k, pads[2 * k...2 * k + 1])
                guard around.allSatisfy({ (-padMax...padMax).contains($0) }),
                    shape[d] + around.reduce(0, { $0 + min($1, 0) }) >= 0
                else { throw arguments.invalid(1, "\(pads) for shape \(input.extents)") }
                shape[d] += around.reduce(0, +)
            }
            try arguments.requireShape(3, shape)
        },
        run: { arguments in
            var (source, target) = (arguments.tensor(0), arguments.tensor(3))
            fillElements(target, arguments.scalar(2))
            let pads = arguments.integers(1)
            for k in 0..<pads.count / 2 {
                let (before, after) = (pads[2 * k], pads[2 * k + 1])
                let d = source.rank - 1 - k
                let count = source.shape[d] + min(before, 0) + min(after, 0)
                source = source.narrowing(d, from: max(0, -before), count: count)
                target = target.narrowing(d, from: max(0, before), count: count)
            }
            copyElements(source, to: target)
        })

    private static let expand = Operation.define(
        "aclnnExpand", "TIT", "self size out",
        check: { (arguments) throws(OperationRefusal) in try arguments.requireBroadcast(0, to: 2) },
        run: { copyElements($0.tensor(0), to: $0.tensor(2)) })

    private static let repeated = Operation.define(
        "aclnnRepeat", "TIT", "self repeats out",
        check: { (arguments) throws(OperationRefusal) in
            let (input, repeats) = (arguments.tensor(0), arguments.integers(1))
            guard repeats.count >= input.rank, repeats.count <= rankMax else {
                throw arguments.invalid(1, "\(repeats) for shape \(input.extents)")
            }
            let shape = Array(repeating: 1, count: repeats.count - input.rank) + input.extents
            try arguments.requireShape(2, zip(shape, repeats).map { $0 &* $1 })
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(2))
            guard out.count > 0 else { return }
            let added = out.rank - input.rank
            // Doubling copies: first one of each, then what is there again.
            var part = out
            for d in 0..<out.rank {
                let extent = d < added ? 1 : input.shape[d - added]
                part = part.narrowing(d, from: 0, count: extent)
            }
            copyElements(input, to: part)
            for d in 0..<out.rank {
                let extent = part.shape[d]
                for start in stride(from: extent, to: out.shape[d], by: extent) {
                    if Cancellation.isRequested { return }
                    var copy = part
                    unsafe copy.base += start * out.byteStride(d)
                    copyElements(part, to: copy)
                }
                part.shape[d] = out.shape[d]
                part.count = part.count / extent * out.shape[d]
            }
        })

    private static let flip = Operation.define(
        "aclnnFlip", "TIT", "self dims out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireSameShape(2, as: 0)
            let view = arguments.tensor(0)
            for d in arguments.integers(1) where view.dimension(d) == nil {
                throw arguments.invalid(1, "dimension \(d) of shape \(view.extents)")
            }
        },
        run: { arguments in
            var source = arguments.tensor(0)
            if source.count > 0 && source.rank > 0 {
                for index in arguments.integers(1) {
                    guard let d = source.dimension(index) else { continue }
                    unsafe source.base += (source.shape[d] - 1) * source.byteStride(d)
                    source.strides[d] = -source.strides[d]
                }
            }
            copyElements(source, to: arguments.tensor(2))
        })

    private static let roll = Operation.define(
        "aclnnRoll", "TIIT", "x shifts dims out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireSameShape(3, as: 0)
            let (shifts, dimensions) = (arguments.integers(1), arguments.integers(2))
            let view = arguments.tensor(0)
            for d in dimensions where view.rank == 0 || view.dimension(d) == nil {
                throw arguments.invalid(2, "dimension \(d) of shape \(view.extents)")
            }
            guard !dimensions.isEmpty, shifts.count == dimensions.count else {
                throw arguments.invalid(2, "\(dimensions) for shifts \(shifts)")
            }
        },
        run: { arguments in
            let (source, out) = (arguments.tensor(0), arguments.tensor(3))
            guard source.count > 0 else { return }
            var shifts = Extents(repeating: 0)
            for (index, distance) in zip(arguments.integers(2), arguments.integers(1)) {
                guard let d = source.dimension(index) else { continue }
                shifts[d] = (shifts[d] + distance % source.shape[d]) % source.shape[d]
            }
            let moved = (0..<source.rank).filter { shifts[$0] != 0 }
            rolled(source, to: out, moved.map { ($0, shifts[$0]) }[...])
        })

    /// Both parts of the first dimension, each rolled along the others.
    private static func rolled(
        _ source: TensorView, to out: TensorView, _ pairs: ArraySlice<(Int, Int)>
    ) {
        guard let (index, distance) = pairs.first, let d = source.dimension(index) else {
            return copyElements(source, to: out)
        }
        let extent = source.shape[d]
        guard extent > 0, !Cancellation.isRequested else { return }
        let shift = ((distance % extent) + extent) % extent
        for (from, to, count) in [(0, shift, extent - shift), (extent - shift, 0, shift)] {
            rolled(
                source.narrowing(d, from: from, count: count),
                to: out.narrowing(d, from: to, count: count), pairs.dropFirst())
        }
    }

    private static let permute = Operation.define(
        "aclnnPermute", "TIT", "self dims out",
        check: { (arguments) throws(OperationRefusal) in
            guard let view = permuted(arguments) else {
                throw arguments.invalid(1, "\(arguments.integers(1)) is no permutation")
            }
            try arguments.requireShape(2, view.extents)
        },
        run: { arguments in
            if let view = permuted(arguments) { copyElements(view, to: arguments.tensor(2)) }
        })

    private static func permuted(_ arguments: Arguments) -> TensorView? {
        let view = arguments.tensor(0)
        let order = arguments.integers(1).compactMap { view.dimension($0) }
        guard order.count == view.rank, Set(order).count == view.rank else { return nil }
        var result = view
        for (d, source) in order.enumerated() {
            result.shape[d] = view.shape[source]
            result.strides[d] = view.strides[source]
        }
        return result
    }

    private static let slice = Operation.define(
        "aclnnSlice", "TiiiiT", "self dim start end step out",
        check: { (arguments) throws(OperationRefusal) in
            _ = try requireDimension(arguments, 1, arguments.tensor(0))
            if arguments.integer(4) <= 0 { throw arguments.invalid(4, "not positive") }
            try arguments.requireShape(5, sliced(arguments).extents)
        },
        run: { copyElements(sliced($0), to: $0.tensor(5)) })

    private static func sliced(_ arguments: Arguments) -> TensorView {
        let view = arguments.tensor(0)
        let d = arguments.dimension(1, of: view)
        let extent = view.shape[d]
        let clamp = { (i: Int) in max(0, min(extent, i < 0 ? i &+ extent : i)) }
        let start = clamp(arguments.integer(2))
        let end = max(start, clamp(arguments.integer(3)))
        let step = arguments.integer(4)
        let count = end > start ? (end - start - 1) / step + 1 : 0
        return view.narrowing(d, from: start, count: count, step: step)
    }

    private static let split = Operation.define(
        "aclnnSplitWithSize", "TIiL", "self splitSize dim out",
        check: { (arguments) throws(OperationRefusal) in
            let view = arguments.tensor(0)
            let d = try requireDimension(arguments, 2, view)
            let sizes = arguments.integers(1)
            let outs = arguments.tensors(3)
            guard sizes.reduce(0, &+) == view.shape[d], sizes.count == outs.count,
                sizes.allSatisfy({ $0 >= 0 && $0 <= view.shape[d] })
            else { throw arguments.invalid(1, "\(sizes) of extent \(view.shape[d])") }
            for (size, out) in zip(sizes, outs) {
                let part = view.narrowing(d, from: 0, count: size)
                if !out.hasShape(of: part) {
                    throw arguments.invalid(3, "shape \(out.extents), expected \(part.extents)")
                }
            }
        },
        run: { arguments in
            let view = arguments.tensor(0)
            let d = arguments.dimension(2, of: view)
            var start = 0
            for (size, out) in zip(arguments.integers(1), arguments.tensors(3)) {
                copyElements(view.narrowing(d, from: start, count: size), to: out)
                start += size
            }
        })
}
