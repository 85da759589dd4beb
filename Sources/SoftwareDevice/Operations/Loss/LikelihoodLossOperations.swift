/// Negative log-likelihood of classes and its gradient, for rows of scores and for images of them.
enum LikelihoodLossOperations {
    static let all: [Operation] = [
        forward("aclnnNLLLoss", ranks: 1...2), forward("aclnnNLLLoss2d", ranks: 4...4),
        backward("aclnnNLLLossBackward", ranks: 1...2),
        backward("aclnnNLLLoss2dBackward", ranks: 4...4),
    ]

    /// As AscendCL numbers them.
    private enum LossReduction: Int {
        case none = 0
        case mean = 1
        case sum = 2
    }

    private static func forward(_ name: String, ranks: ClosedRange<Int>) -> Operation {
        .define(
            name, "TTTiiTT",
            "self:f target:xi weight:f reduction ignoreIndex out:f totalWeightOut:f",
            check: { (arguments) throws(OperationRefusal) in
                try requireClasses(arguments, 0, 1, 2, reduction: 3, ranks)
                try arguments.requireCount(
                    5, arguments.integer(3) == 0 ? arguments.tensor(1).count : 1)
                try arguments.requireCount(6, 1)
            }, run: runForward)
    }

    @Sendable
    private static func runForward(_ arguments: Arguments) {
        let scores = ClassScores(arguments.tensor(0), labels: arguments.tensor(1))
        let weight = arguments.tensor(2)
        let reduction = LossReduction(rawValue: arguments.integer(3))
        let out = arguments.tensor(5)
        var (total, weights) = (0.0, 0.0)
        // Without reduction the losses have the labels' shape.
        let each = reduction == LossReduction.none ? out : nil
        unsafe scores.forEach(ignored: arguments.integer(4), and: each) { label, place, target in
            var loss = 0.0
            if let label {
                let factor = element(weight, label)
                let score = unsafe loadElement(scores.type, place, as: Float.self)
                loss = -Double(factor) * Double(score)
                weights += Double(factor)
            }
            total += loss
            if each != nil { unsafe storeElement(out.type, Float(loss), into: target) }
        }
        if reduction == .mean { total /= weights }
        if each == nil { unsafe storeElement(out.type, Float(total), into: out.base) }
        let totalWeight = arguments.tensor(6)
        unsafe storeElement(totalWeight.type, Float(weights), into: totalWeight.base)
    }

    private static func backward(_ name: String, ranks: ClosedRange<Int>) -> Operation {
        .define(
            name, "TTTTiiTT",
            "gradOutput:f self:f target:xi weight:f reduction ignoreIndex totalWeight:f out:f",
            check: { (arguments) throws(OperationRefusal) in
                try requireClasses(arguments, 1, 2, 3, reduction: 4, ranks)
                try arguments.requireSameShape(7, as: 1)
                try arguments.requireCount(
                    0, arguments.integer(4) == 0 ? arguments.tensor(2).count : 1)
                try arguments.requireCount(6, 1)
            }, run: runBackward)
    }

    @Sendable
    private static func runBackward(_ arguments: Arguments) {
        let gradient = arguments.tensor(0)
        let out = arguments.tensor(7)
        let weight = arguments.tensor(3)
        let reduction = LossReduction(rawValue: arguments.integer(4))
        let totalWeight = element(arguments.tensor(6), 0)
        fillElements(out, .zero)
        let scores = ClassScores(out, labels: arguments.tensor(2))
        let each = reduction == LossReduction.none ? gradient : nil
        unsafe scores.forEach(ignored: arguments.integer(5), and: each) { label, place, source in
            guard let label else { return }
            let origin = unsafe each == nil ? gradient.base : source
            var value =
                unsafe -loadElement(gradient.type, origin, as: Float.self) * element(weight, label)
            if reduction == .mean { value /= totalWeight }
            unsafe storeElement(out.type, value, into: place)
        }
    }

    private static func requireClasses(
        _ arguments: Arguments, _ input: Int, _ target: Int, _ weight: Int, reduction: Int,
        _ ranks: ClosedRange<Int>
    ) throws(OperationRefusal) {
        try arguments.requireRank(input, ranks)
        let view = arguments.tensor(input)
        let dimension = view.rank == 1 ? 0 : 1
        let samples = view.extents.enumerated().filter { $0.offset != dimension }.map(\.element)
        if view.rank == 1 {
            try arguments.requireCount(target, 1)
        } else {
            try arguments.requireShape(target, samples)
        }
        try arguments.requireShape(weight, [view.shape[dimension]])
        if LossReduction(rawValue: arguments.integer(reduction)) == nil {
            throw arguments.invalid(
                reduction, "\(arguments.integer(reduction)), expected 0, 1 or 2")
        }
    }

    /// An element of a tensor of at most one dimension.
    private static func element(_ view: TensorView, _ index: Int) -> Float {
        let stride = view.rank == 0 ? 0 : view.byteStride(0)
        return unsafe loadElement(view.type, view.base + index * stride, as: Float.self)
    }
}

/// Scores of classes, one set for each label.
private struct ClassScores {
    private let scores: TensorView
    private let labels: TensorView
    private let classes: Int
    private let step: Int

    var type: ElementType { scores.type }

    /// The classes are dimension 1, or the only one.
    init(_ scores: TensorView, labels: TensorView) {
        let dimension = scores.rank == 1 ? 0 : 1
        self.scores = scores.selecting(dimension, at: 0)
        classes = scores.shape[dimension]
        step = scores.byteStride(dimension)
        var labels = labels
        labels.rank = self.scores.rank
        self.labels = labels
    }

    /// Calls `body` with each label, the place of its score and that of `other`'s element; the
    /// label is nil where it is to be ignored or, an error of the program, does not exist.
    func forEach(
        ignored: Int, and other: TensorView?,
        _ body: (Int?, UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void
    ) {
        var walk = Walk(result: labels)
        walk.append(scores)
        var other = other ?? scores
        other.rank = labels.rank
        walk.append(other)
        unsafe walk.forEachPlace { places in
            let label = unsafe Int(loadElement(walk.types[0], places[0], as: Int64.self))
            guard label != ignored else { return unsafe body(nil, places[1], places[2]) }
            guard label >= 0, label < classes else {
                DeviceFault.report("class \(label) of \(classes)")
                return unsafe body(nil, places[1], places[2])
            }
            unsafe body(label, places[1] + label &* step, places[2])
        }
    }
}
