/// Elements and slices by index along one dimension.
enum GatherOperations {
    static let all: [Operation] = [gather, indexSelect] + scatters + slices

    private static let gather = Operation.define(
        "aclnnGather", "TiTT", "self dim index:x out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireSameType(3, as: 0)
            try arguments.requireSameShape(3, as: 2)
            try requireIndexShape(arguments, index: 2, of: 0)
        },
        run: { arguments in
            let (input, index) = (arguments.tensor(0), arguments.tensor(2))
            let d = arguments.dimension(1, of: input)
            var walk = Walk(result: arguments.tensor(3))
            walk.append(index)
            walk.append(along(input, d, as: index))
            let (extent, step) = lineOf(input, d)
            let bytes = input.type.bytes
            unsafe walk.forEachPlace { places in
                let found = unsafe loadElement(walk.types[1], places[1], as: Int64.self)
                guard let found = boundedIndex(found, extent) else { return }
                unsafe places[0].copyMemory(from: places[2] + found &* step, byteCount: bytes)
            }
        })

    private static let scatters: [Operation] = [
        scatter("aclnnScatter", "TiTTiT", "self dim index:x src reduce out", source: 3, reduce: 4),
        scatter(
            "aclnnInplaceScatter", "TiTTi", "selfRef dim index:x src reduce", source: 3, reduce: 4),
        scatter(
            "aclnnScatterValue", "TiTSiT", "self dim index:x value reduce out", source: 3, reduce: 4
        ),
        scatter(
            "aclnnInplaceScatterValue", "TiTSi", "selfRef dim index:x value reduce", source: 3,
            reduce: 4),
        scatter("aclnnScatterAdd", "TiTTT", "self dim index:x src out", source: 3, reduce: nil),
    ]

    private static func scatter(
        _ name: String, _ classes: String, _ parameters: String, source: Int, reduce: Int?
    ) -> Operation {
        let result = name.hasPrefix("aclnnInplace") ? 0 : classes.utf8.count - 1
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireSameShape(result, as: 0)
                try arguments.requireSameType(result, as: 0)
                try requireIndexShape(arguments, index: 2, of: 0)
                if let reduce, ElementStep(rawValue: arguments.integer(reduce)) == nil {
                    throw arguments.invalid(
                        reduce, "\(arguments.integer(reduce)), expected 0, 1 or 2")
                }
                guard let values = arguments.optionalTensor(source) else { return }
                try arguments.requireSameType(source, as: 0)
                let index = arguments.tensor(2)
                let fits =
                    values.rank == index.rank
                    && (0..<index.rank).allSatisfy { index.shape[$0] <= values.shape[$0] }
                if !fits { throw arguments.invalid(source, "shape \(values.extents)") }
            },
            run: { arguments in
                let out = arguments.tensor(result)
                if result != 0 { copyElements(arguments.tensor(0), to: out) }
                let step = reduce.map { ElementStep(rawValue: arguments.integer($0)) ?? .replace }
                if let values = arguments.optionalTensor(source) {
                    write(arguments, values, to: out, step ?? .add)
                    return
                }
                var pattern: UInt64 = 0
                unsafe withUnsafeMutableBytes(of: &pattern) { bytes in
                    guard let base = bytes.baseAddress else { return }
                    let value = unsafe TensorView(base: base, type: out.type, shape: [])
                    fillElements(value, arguments.scalar(source))
                    write(
                        arguments, value.broadcasting(to: arguments.tensor(2)), to: out,
                        step ?? .add)
                }
            })
    }

    private static func write(
        _ arguments: Arguments, _ values: TensorView, to out: TensorView, _ step: ElementStep
    ) {
        let index = arguments.tensor(2)
        let d = arguments.dimension(1, of: out)
        let (extent, stride) = lineOf(out, d)
        var source = values
        source.shape = index.shape
        source.count = index.count
        var walk = Walk(result: index)
        walk.append(along(out, d, as: index))
        walk.append(source)
        unsafe walk.forEachPlace { places in
            let found = unsafe loadElement(walk.types[0], places[0], as: Int64.self)
            guard let found = boundedIndex(found, extent) else { return }
            unsafe step.apply(out.type, places[2], to: places[1] + found &* stride)
        }
    }

    /// The view with the index's shape that stands still along the dimension that is indexed.
    private static func along(
        _ view: TensorView, _ dimension: Int, as index: TensorView
    ) -> TensorView {
        var result = view
        result.shape = index.shape
        result.count = index.count
        result.strides[dimension] = 0
        return result
    }

    private static func lineOf(_ view: TensorView, _ dimension: Int) -> (extent: Int, step: Int) {
        view.rank == 0 ? (1, 0) : (view.shape[dimension], view.byteStride(dimension))
    }

    private static func requireIndexShape(
        _ arguments: Arguments, index: Int, of tensor: Int
    ) throws(OperationRefusal) {
        let dimension = try arguments.requireDimension(1, of: tensor)
        let (view, places) = (arguments.tensor(tensor), arguments.tensor(index))
        let fits =
            places.rank == view.rank
            && (0..<view.rank).allSatisfy { $0 == dimension || places.shape[$0] <= view.shape[$0] }
        if !fits {
            throw arguments.invalid(
                index, "shape \(places.extents) for a tensor of \(view.extents)")
        }
    }

    private static let indexSelect = Operation.define(
        "aclnnIndexSelect", "TiTT", "self dim index:x out",
        check: { (arguments) throws(OperationRefusal) in
            let dimension = try arguments.requireDimension(1, of: 0)
            try arguments.requireRank(2, 0...1)
            try arguments.requireSameType(3, as: 0)
            var shape = arguments.tensor(0).extents
            if !shape.isEmpty { shape[dimension] = arguments.tensor(2).count }
            try arguments.requireShape(3, shape)
        },
        run: { arguments in
            let (input, out) = (arguments.tensor(0), arguments.tensor(3))
            forEachSlice(arguments, input) { d, row, found in
                copyElements(input.selecting(d, at: found), to: out.selecting(d, at: row))
            }
        })

    private static let slices: [Operation] = [
        sliceWrite(
            "aclnnIndexAdd", "TiTTST", "self dim index:x source alpha out", alpha: 4, result: 5),
        sliceWrite(
            "aclnnIndexCopy", "TiTTT", "self dim index:x source outRef", alpha: nil, result: 4),
        sliceWrite(
            "aclnnInplaceIndexCopy", "TiTT", "selfRef dim index:x source", alpha: nil, result: 0),
    ]

    /// Slices of `source` added to, or put in place of, the slices of the result that `index`
    /// names.
    private static func sliceWrite(
        _ name: String, _ classes: String, _ parameters: String, alpha: Int?, result: Int
    ) -> Operation {
        .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                let dimension = try arguments.requireDimension(1, of: 0)
                try arguments.requireSameShape(result, as: 0)
                try arguments.requireRank(2, 0...1)
                var shape = arguments.tensor(0).extents
                if !shape.isEmpty { shape[dimension] = arguments.tensor(2).count }
                try arguments.requireShape(3, shape)
            },
            run: { arguments in
                let (out, source) = (arguments.tensor(result), arguments.tensor(3))
                if result != 0 { copyElements(arguments.tensor(0), to: out) }
                let factor = alpha.map { arguments.scalar($0) }
                forEachSlice(arguments, out) { d, row, found in
                    let target = out.selecting(d, at: found)
                    let values = source.selecting(d, at: row)
                    guard let factor else { return copyElements(values, to: target) }
                    var walk = Walk(result: target)
                    walk.append(target)
                    walk.append(values)
                    walk.collapse()
                    add.run(walk, out.type.arithmetic, [factor, .zero, .zero])
                }
            })
    }

    /// Calls `body` with the dimension, each index's place and the index.
    private static func forEachSlice(
        _ arguments: Arguments, _ view: TensorView, _ body: (Int, Int, Int) -> Void
    ) {
        let d = arguments.dimension(1, of: view)
        let index = arguments.tensor(2)
        let extent = view.rank == 0 ? 1 : view.shape[d]
        let step = index.rank == 0 ? 0 : index.byteStride(0)
        for row in wanted(index.count) {
            let found = unsafe loadElement(index.type, index.base + row * step, as: Int64.self)
            if let found = boundedIndex(found, extent) { body(d, row, found) }
        }
    }
}
