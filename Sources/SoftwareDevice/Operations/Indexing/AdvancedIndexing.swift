/// Indexing with tensors in several dimensions, as `x[i, :, j]`: reading and writing.
enum AdvancedIndexing {
    static let all: [Operation] = [read, write]

    private static let read = Operation.define(
        "aclnnIndex", "TLT", "self indices out",
        check: { (arguments) throws(OperationRefusal) in
            let selection = try Selection.checked(arguments, indices: 1, of: 0)
            try arguments.requireShape(2, selection.shape)
            try arguments.requireSameType(2, as: 0)
        },
        run: { arguments in
            let out = arguments.tensor(2)
            guard let selection = Selection(arguments.tensor(0), arguments.tensors(1)) else {
                return
            }
            selection.forEachPart(of: out) { part, values in copyElements(part, to: values) }
        })

    private static let write = Operation.define(
        "aclnnIndexPutImpl", "TLTbb", "selfRef indices values accumulate unsafe",
        check: { (arguments) throws(OperationRefusal) in
            let selection = try Selection.checked(arguments, indices: 1, of: 0)
            let target = selection.shapeView
            if !arguments.tensor(2).broadcasts(to: target) {
                throw arguments.invalid(
                    2,
                    "shape \(arguments.tensor(2).extents) does not broadcast to \(target.extents)")
            }
        },
        run: { arguments in
            let target = arguments.tensor(0)
            guard let selection = Selection(target, arguments.tensors(1)) else { return }
            let values = arguments.tensor(2).broadcasting(to: selection.shapeView)
            let accumulates = arguments.flag(3)
            selection.forEachPart(of: values) { part, values in
                guard accumulates else { return copyElements(values, to: part) }
                var walk = Walk(result: part)
                walk.append(part)
                walk.append(values)
                walk.collapse()
                add.run(walk, target.type.arithmetic, [.one, .zero, .zero])
            }
        })
}

/// Which parts of a tensor index tensors name.
private struct Selection {
    private let view: TensorView
    private let indexed: [(dimension: Int, index: TensorView)]
    /// The index tensors' common shape, as a view without contents.
    private let common: TensorView
    /// Where the common shape's dimensions are in the result's.
    private let start: Int

    /// `indices` has one tensor a dimension from the first; an empty one takes the whole dimension.
    /// nil if the shapes do not broadcast or there are more than three index tensors.
    init?(_ view: TensorView, _ indices: [TensorView]) {
        guard indices.count <= view.rank else { return nil }
        self.view = view
        indexed = indices.enumerated().compactMap { d, index in
            index.rank == 1 && index.shape[0] == 0 && view.shape[d] != 0 ? nil : (d, index)
        }
        guard (1...3).contains(indexed.count) else { return nil }
        var shape: [Int] = []
        for (_, index) in indexed {
            guard let joined = Self.broadcast(shape, index.extents) else { return nil }
            shape = joined
        }
        common = unsafe TensorView(base: view.base, type: view.type, shape: shape)
        let dimensions = indexed.map(\.dimension)
        let isAdjacent = dimensions == Array(dimensions[0]..<dimensions[0] + dimensions.count)
        start = isAdjacent ? dimensions[0] : 0
        guard common.rank + view.rank - indexed.count <= rankMax else { return nil }
    }

    static func checked(
        _ arguments: Arguments, indices: Int, of tensor: Int
    ) throws(OperationRefusal) -> Selection {
        let (view, list) = (arguments.tensor(tensor), arguments.tensors(indices))
        for index in list where !ElementTypes.index.contains(index.type) {
            throw arguments.invalid(indices, "data type \(index.type), expected int32 or int64")
        }
        guard let selection = Selection(view, list) else {
            throw arguments.invalid(
                indices,
                "shapes \(list.map(\.extents)) for a tensor of shape \(view.extents)"
                    + " (one to three index tensors are supported)")
        }
        return selection
    }

    private static func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
        var shape = a.count >= b.count ? a : b
        let other = a.count >= b.count ? b : a
        let added = shape.count - other.count
        for (d, extent) in other.enumerated() where shape[d + added] != extent {
            if shape[d + added] != 1 && extent != 1 { return nil }
            if shape[d + added] == 1 { shape[d + added] = extent }
        }
        return shape
    }

    private func isIndexed(_ dimension: Int) -> Bool {
        indexed.contains { $0.dimension == dimension }
    }

    /// What is selected has this shape.
    var shape: [Int] {
        var rest = view.keeping { !isIndexed($0) }.extents
        rest.insert(contentsOf: common.extents, at: start)
        return rest
    }

    var shapeView: TensorView { unsafe TensorView(base: view.base, type: view.type, shape: shape) }

    /// Calls `body` with each named part of the tensor and the part of `values`, which has the
    /// selection's shape, that belongs to it.
    func forEachPart(of values: TensorView, _ body: (TensorView, TensorView) -> Void) {
        guard !shape.contains(0) else { return }
        let end = start + common.rank
        var walk = Walk(result: values.keeping { $0 >= start && $0 < end })
        for (_, index) in indexed { walk.append(index) }
        var part = view.keeping { !isIndexed($0) }
        var target = values.keeping { $0 < start || $0 >= end }
        let lines = indexed.map { (view.shape[$0.dimension], view.byteStride($0.dimension)) }
        unsafe walk.forEachPlace { places in
            var offset = 0
            for (k, line) in lines.enumerated() {
                let value = unsafe loadElement(walk.types[k + 1], places[k + 1], as: Int64.self)
                guard let found = boundedIndex(value, line.0) else { return }
                offset &+= found &* line.1
            }
            unsafe part.base = view.base + offset
            unsafe target.base = places[0]
            body(part, target)
        }
    }
}
