/// Matrix products. `cubeMathType` chooses between a chip's precisions; here products are in single
/// precision.
enum ProductOperations {
    static let all: [Operation] = [
        matmul("aclnnMatmul", 1...8), matmul("aclnnMm", 2...2), matmul("aclnnBatchMatMul", 3...3),
        matmul("aclnnMv", 1...2), dot,
        addmm("aclnnAddmm", "TTTSSTb", "self:f mat1:f mat2:f beta alpha out:f cubeMathType"),
        addmm("aclnnInplaceAddmm", "TTTSSb", "selfRef:f mat1:f mat2:f beta alpha cubeMathType"),
        addmm("aclnnBaddbmm", "TTTSSTb", "self:f batch1:f batch2:f beta alpha out:f cubeMathType"),
        addmm(
            "aclnnInplaceBaddbmm", "TTTSSb",
            "selfRef:f batch1:f batch2:f beta alpha cubeMathType"),
        addmv,
    ]

    private static func matmul(_ name: String, _ ranks: ClosedRange<Int>) -> Operation {
        .define(
            name, "TTTb", "self:f mat2:f out:f cubeMathType",
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireRank(0, ranks)
                try arguments.requireRank(1, ranks)
                try arguments.requireShape(
                    2, try productShape(arguments, arguments.tensor(0), arguments.tensor(1), 1))
            },
            run: { arguments in
                product(arguments.tensor(0), arguments.tensor(1), arguments.tensor(2)).run()
            })
    }

    private static let dot = Operation.define(
        "aclnnDot", "TTT", "self:f tensor:f out:f",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireRank(0, 1...1)
            try arguments.requireSameShape(1, as: 0)
            try arguments.requireShape(2, [])
        },
        run: { arguments in
            product(arguments.tensor(0), arguments.tensor(1), arguments.tensor(2)).run()
        })

    /// β·self + α·A·B; self broadcasts to the product.
    private static func addmm(_ name: String, _ classes: String, _ parameters: String) -> Operation
    {
        let result = name.hasPrefix("aclnnInplace") ? 0 : 5
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                let ranks = name.hasSuffix("bmm") ? 3...3 : 2...2
                try arguments.requireRank(1, ranks)
                try arguments.requireRank(2, ranks)
                try arguments.requireShape(
                    result, try productShape(arguments, arguments.tensor(1), arguments.tensor(2), 2)
                )
                try arguments.requireBroadcast(0, to: result)
            },
            run: { arguments in
                var product = product(
                    arguments.tensor(1), arguments.tensor(2), arguments.tensor(result))
                product.addend = arguments.tensor(0)
                product.beta = Float(arguments.scalar(3).double)
                product.alpha = Float(arguments.scalar(4).double)
                product.run()
            })
    }

    private static let addmv = Operation.define(
        "aclnnAddmv", "TTTSSTb", "self:f mat:f vec:f alpha beta out:f cubeMathType",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireRank(1, 2...2)
            try arguments.requireRank(2, 1...1)
            try arguments.requireShape(
                5, try productShape(arguments, arguments.tensor(1), arguments.tensor(2), 2))
            try arguments.requireBroadcast(0, to: 5)
        },
        run: { arguments in
            var product = product(arguments.tensor(1), arguments.tensor(2), arguments.tensor(5))
            product.addend = arguments.tensor(0).broadcasting(to: arguments.tensor(5)).appending()
            product.alpha = Float(arguments.scalar(3).double)
            product.beta = Float(arguments.scalar(4).double)
            product.run()
        })

    /// The shape of a product under torch.matmul's rules.
    private static func productShape(
        _ arguments: Arguments, _ a: TensorView, _ b: TensorView, _ index: Int
    ) throws(OperationRefusal) -> [Int] {
        guard a.rank > 0, b.rank > 0 else {
            throw arguments.invalid(index, "a product with a 0-dimensional tensor")
        }
        let depth = b.rank == 1 ? b.shape[0] : b.shape[b.rank - 2]
        guard a.shape[a.rank - 1] == depth else {
            throw arguments.invalid(index, "shape \(b.extents) does not match \(a.extents)")
        }
        let batches = (a.extents.dropLast(2), b.extents.dropLast(2))
        let rank = max(batches.0.count, batches.1.count)
        var shape: [Int] = []
        for d in 0..<rank {
            let x = d < rank - batches.0.count ? 1 : batches.0[d - (rank - batches.0.count)]
            let y = d < rank - batches.1.count ? 1 : batches.1[d - (rank - batches.1.count)]
            guard x == y || x == 1 || y == 1 else {
                throw arguments.invalid(index, "shape \(b.extents) does not match \(a.extents)")
            }
            shape.append(x == 1 ? y : x)
        }
        if a.rank > 1 { shape.append(a.shape[a.rank - 2]) }
        if b.rank > 1 { shape.append(b.shape[b.rank - 1]) }
        return shape
    }

    /// The product with vectors made matrices: on the left of one row, on the right of one column.
    private static func product(
        _ a: TensorView, _ b: TensorView, _ out: TensorView
    ) -> BatchedProduct {
        var target = out
        if b.rank == 1 { target = target.appending() }
        if a.rank == 1 { target = target.inserting(at: target.rank - 1) }
        return BatchedProduct(
            a.rank == 1 ? a.inserting(at: 0) : a, b.rank == 1 ? b.appending() : b, into: target)
    }
}

extension TensorView {
    /// The view with a dimension of extent 1.
    func inserting(at dimension: Int) -> TensorView {
        var result = self
        result.rank = rank + 1
        for d in stride(from: rank, to: dimension, by: -1) {
            result.shape[d] = shape[d - 1]
            result.strides[d] = strides[d - 1]
        }
        result.shape[dimension] = 1
        result.strides[dimension] = 0
        return result
    }

    func appending() -> TensorView { inserting(at: rank) }
}
