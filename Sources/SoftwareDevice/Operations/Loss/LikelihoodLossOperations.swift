/// Negative log-likelihood of classes and its gradient.
enum LikelihoodLossOperations {
    static let all: [Operation] = [forward, backward]

    /// As AscendCL numbers them.
    private enum LossReduction: Int {
        case none = 0
        case mean = 1
        case sum = 2
    }

    private static let forward = Operation.define(
        "aclnnNLLLoss", "TTTiiTT",
        "self:f target:xi weight:f reduction ignoreIndex out:f totalWeightOut:f",
        check: { (arguments) throws(OperationRefusal) in
            try requireClasses(arguments, 0, 1, 2, reduction: 3)
            try arguments.requireCount(
                5, arguments.integer(3) == 0 ? arguments.tensor(1).count : 1)
            try arguments.requireCount(6, 1)
        }, run: runForward)

    @Sendable
    private static func runForward(_ arguments: Arguments) {
        let samples = Samples(arguments.tensor(0), arguments.tensor(1))
        let weight = arguments.tensor(2)
        let reduction = LossReduction(rawValue: arguments.integer(3))
        let out = arguments.tensor(5)
        var (total, weights) = (0.0, 0.0)
        for index in 0..<samples.count {
            var loss = 0.0
            if let label = samples.label(index, ignored: arguments.integer(4)) {
                let factor = Samples.element(weight, label)
                loss = -Double(factor) * Double(samples.value(index, label))
                weights += Double(factor)
            }
            total += loss
            if reduction == LossReduction.none {
                let stride = out.rank == 0 ? 0 : out.byteStride(0)
                storeElement(out.type, Float(loss), into: out.base + index * stride)
            }
        }
        if reduction == .mean { total /= weights }
        if reduction != LossReduction.none { storeElement(out.type, Float(total), into: out.base) }
        let totalWeight = arguments.tensor(6)
        storeElement(totalWeight.type, Float(weights), into: totalWeight.base)
    }

    private static let backward = Operation.define(
        "aclnnNLLLossBackward", "TTTTiiTT",
        "gradOutput:f self:f target:xi weight:f reduction ignoreIndex totalWeight:f out:f",
        check: { (arguments) throws(OperationRefusal) in
            try requireClasses(arguments, 1, 2, 3, reduction: 4)
            try arguments.requireSameShape(7, as: 1)
            try arguments.requireCount(
                0, arguments.integer(4) == 0 ? arguments.tensor(2).count : 1)
            try arguments.requireCount(6, 1)
        }, run: runBackward)

    @Sendable
    private static func runBackward(_ arguments: Arguments) {
        let gradient = arguments.tensor(0)
        let out = arguments.tensor(7)
        let samples = Samples(out, arguments.tensor(2))
        let weight = arguments.tensor(3)
        let reduction = LossReduction(rawValue: arguments.integer(4))
        let totalWeight = Samples.element(arguments.tensor(6), 0)
        fillElements(out, .zero)
        for index in 0..<samples.count {
            guard let label = samples.label(index, ignored: arguments.integer(5)) else { continue }
            let incoming = Samples.element(gradient, reduction == LossReduction.none ? index : 0)
            var value = -incoming * Samples.element(weight, label)
            if reduction == .mean { value /= totalWeight }
            storeElement(out.type, value, into: samples.place(index, label))
        }
    }

    private static func requireClasses(
        _ arguments: Arguments, _ input: Int, _ target: Int, _ weight: Int, reduction: Int
    ) throws(OperationRefusal) {
        try arguments.requireRank(input, 1...2)
        let view = arguments.tensor(input)
        try arguments.requireCount(target, view.rank == 1 ? 1 : view.shape[0])
        try arguments.requireRank(target, 0...1)
        try arguments.requireShape(weight, [view.shape[view.rank - 1]])
        if LossReduction(rawValue: arguments.integer(reduction)) == nil {
            throw arguments.invalid(
                reduction, "\(arguments.integer(reduction)), expected 0, 1 or 2")
        }
    }
}

/// Rows of class scores with their labels.
private struct Samples {
    private let scores: TensorView
    private let labels: TensorView
    let count: Int

    init(_ scores: TensorView, _ labels: TensorView) {
        self.scores = scores.rank == 1 ? scores.inserting(at: 0) : scores
        self.labels = labels
        count = self.scores.shape[0]
    }

    /// The class of a row; nil where it is to be ignored or, an error of the program, does not
    /// exist.
    func label(_ index: Int, ignored: Int) -> Int? {
        let stride = labels.rank == 0 ? 0 : labels.byteStride(0)
        let label = Int(loadElement(labels.type, labels.base + index * stride, as: Int64.self))
        guard label != ignored else { return nil }
        guard label >= 0, label < scores.shape[1] else {
            DeviceFault.report("class \(label) of \(scores.shape[1])")
            return nil
        }
        return label
    }

    func place(_ index: Int, _ label: Int) -> UnsafeMutableRawPointer {
        scores.base + (index * scores.byteStride(0) + label * scores.byteStride(1))
    }

    func value(_ index: Int, _ label: Int) -> Float {
        loadElement(scores.type, place(index, label), as: Float.self)
    }

    /// An element of a tensor of at most one dimension.
    static func element(_ view: TensorView, _ index: Int) -> Float {
        let stride = view.rank == 0 ? 0 : view.byteStride(0)
        return loadElement(view.type, view.base + index * stride, as: Float.self)
    }
}
