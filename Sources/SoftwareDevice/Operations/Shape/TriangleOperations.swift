/// Triangles of matrices: the rest becomes zero.
enum TriangleOperations {
    static let all: [Operation] = [
        triangle("aclnnTriu", "TiT", "self diagonal out", isUpper: true),
        triangle("aclnnTril", "TiT", "self diagonal out", isUpper: false),
        triangle("aclnnInplaceTriu", "Ti", "selfRef diagonal", isUpper: true),
        triangle("aclnnInplaceTril", "Ti", "selfRef diagonal", isUpper: false),
    ]

    private static func triangle(
        _ name: String, _ classes: String, _ parameters: String, isUpper: Bool
    ) -> Operation {
        let result = classes.utf8.count == 3 ? 2 : 0
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireRank(0, 2...8)
                try arguments.requireSameShape(result, as: 0)
            },
            run: { arguments in
                let (input, out) = (arguments.tensor(0), arguments.tensor(result))
                let isInPlace = unsafe input.base == out.base
                guard out.count > 0 else { return }
                let rank = input.rank
                // Further than any matrix reaches is as good as out of it.
                let diagonal = max(-(1 << 40), min(1 << 40, arguments.integer(1)))
                let columns = input.shape[rank - 1]
                var planes = Walk(result: out.keeping { $0 < rank - 2 })
                planes.append(input.keeping { $0 < rank - 2 })
                unsafe planes.forEachPlace { places in
                    var (source, target) = (input, out)
                    source = input.keeping { $0 >= rank - 2 }
                    target = out.keeping { $0 >= rank - 2 }
                    unsafe source.base = places[1]
                    unsafe target.base = places[0]
                    for row in wanted(input.shape[rank - 2]) {
                        // Columns before `edge` are below the diagonal.
                        let shift = isUpper ? diagonal : diagonal + 1
                        let edge = max(0, min(columns, row + shift))
                        let (to, from) = (
                            target.selecting(0, at: row), source.selecting(0, at: row)
                        )
                        let below = to.narrowing(0, from: 0, count: edge)
                        let above = to.narrowing(0, from: edge, count: columns - edge)
                        fillElements(isUpper ? below : above, .zero)
                        if isInPlace { continue }
                        if isUpper {
                            copyElements(
                                from.narrowing(0, from: edge, count: columns - edge), to: above)
                        } else {
                            copyElements(from.narrowing(0, from: 0, count: edge), to: below)
                        }
                    }
                }
            })
    }
}
