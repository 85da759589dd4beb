/// Elements repeated in place, ones where indices say, constant slices.
enum RepeatOperations {
    static let all: [Operation] = [
        repeatAlong, repeatFlat, oneHot,
        fill("aclnnIndexFill", "TiTST", "self dim index:x value out"),
        fill("aclnnInplaceIndexFill", "TiTS", "selfRef dim index:x value"),
        fill("aclnnIndexFillTensor", "TiIST", "self dim index value out"),
        fill("aclnnInplaceIndexFillTensor", "TiIS", "selfRef dim index value"),
    ]

    private static let repeatAlong = Operation.define(
        "aclnnRepeatInterleaveIntWithDim", "TiiiT", "self repeats dim outputSize out",
        check: { (arguments) throws(OperationRefusal) in
            let d = try arguments.requireDimension(2, of: 0)
            var shape = arguments.tensor(0).extents
            guard !shape.isEmpty, arguments.integer(1) >= 0 else {
                throw arguments.invalid(1, "\(arguments.integer(1)) of shape \(shape)")
            }
            shape[d] = try arguments.times(1, shape[d])
            try arguments.requireShape(4, shape)
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(4))
            repeatElements(
                input, arguments.integer(1), arguments.dimension(2, of: input), into: out)
        })

    /// Of all elements in the order of their indices.
    private static let repeatFlat = Operation.define(
        "aclnnRepeatInterleaveInt", "TiiT", "self repeats outputSize out",
        check: { (arguments) throws(OperationRefusal) in
            if arguments.integer(1) < 0 { throw arguments.invalid(1, "negative") }
            let count = try arguments.times(1, arguments.tensor(0).count)
            try arguments.requireShape(3, [count])
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(3))
            unsafe withScratch(UInt64.self, count: input.count) { buffer in
                let space = UnsafeMutableRawPointer(buffer)
                unsafe copyElements(
                    input, to: TensorView(base: space, type: input.type, shape: input.extents))
                let flat = unsafe TensorView(base: space, type: input.type, shape: [input.count])
                repeatElements(flat, arguments.integer(1), 0, into: out)
            }
        })

    private static func repeatElements(
        _ input: TensorView, _ repeats: Int, _ dimension: Int, into out: TensorView
    ) {
        guard out.count > 0 else { return }
        for start in wanted(repeats) {
            let part = out.narrowing(
                dimension, from: start, count: input.shape[dimension], step: repeats)
            copyElements(input, to: part)
        }
    }

    private static let oneHot = Operation.define(
        "aclnnOneHot", "TwTTiT", "self:i numClasses onValue offValue axis out",
        check: { (arguments) throws(OperationRefusal) in
            let (input, out) = (arguments.tensor(0), arguments.tensor(5))
            let axis = arguments.integer(4) < 0 ? input.rank : arguments.integer(4)
            guard axis <= input.rank, input.rank < rankMax else {
                throw arguments.invalid(4, "\(axis) for shape \(input.extents)")
            }
            var shape = input.extents
            // The result may count more classes than were asked for when the program asked for all.
            shape.insert(axis < out.rank ? out.shape[axis] : 0, at: axis)
            try arguments.requireShape(5, shape)
            for value in [2, 3] { try arguments.requireCount(value, 1) }
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(5))
            let axis = arguments.integer(4) < 0 ? input.rank : arguments.integer(4)
            var (on, off) = (arguments.tensor(2), arguments.tensor(3))
            (on.rank, off.rank) = (0, 0)
            copyElements(off, to: out)
            let (classes, step) = (out.shape[axis], out.byteStride(axis))
            var walk = Walk(result: out.selecting(axis, at: 0))
            walk.append(input)
            unsafe walk.forEachPlace { places in
                let label = unsafe Int(loadElement(walk.types[1], places[1], as: Int64.self))
                // A class that does not exist leaves its line empty.
                guard label >= 0, label < classes else { return }
                var target = out
                unsafe target.base = places[0] + label &* step
                target.rank = 0
                target.count = 1
                copyElements(on, to: target)
            }
        })

    /// The index is a tensor or a list of numbers.
    private static func fill(
        _ name: String, _ classes: String, _ parameters: String
    ) -> Operation {
        let result = name.hasPrefix("aclnnInplace") ? 0 : 4
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                _ = try arguments.requireDimension(1, of: 0)
                try arguments.requireSameShape(result, as: 0)
                if arguments.optionalTensor(2) != nil { try arguments.requireRank(2, 0...1) }
            },
            run: { arguments in
                let out = arguments.tensor(result)
                if result != 0 { copyElements(arguments.tensor(0), to: out) }
                let d = arguments.dimension(1, of: out)
                let extent = out.rank == 0 ? 1 : out.shape[d]
                // Each slice once, however often it is named.
                var filled: Set<Int> = []
                forEachIndex(arguments) { index in
                    guard let found = boundedIndex(index, extent), filled.insert(found).inserted
                    else { return }
                    fillElements(out.selecting(d, at: found), arguments.scalar(3))
                }
            })
    }

    private static func forEachIndex(_ arguments: Arguments, _ body: (Int64) -> Void) {
        guard let view = arguments.optionalTensor(2) else {
            return arguments.integers(2).forEach { body(Int64($0)) }
        }
        let step = view.rank == 0 ? 0 : view.byteStride(0)
        for place in wanted(view.count) {
            unsafe body(loadElement(view.type, view.base + place * step, as: Int64.self))
        }
    }
}
