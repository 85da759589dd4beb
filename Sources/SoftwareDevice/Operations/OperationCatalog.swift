/// Every operation of the software device by its name.
package enum OperationCatalog {
    /// In alphabetical order.
    package static let names: [String] = operations.keys.sorted()

    /// Looked up once per phase one.
    package static func operation(named name: String) -> Operation? { operations[name] }

    private static let operations: [String: Operation] = {
        let families: [[Operation]] = [
            ArithmeticOperations.all, ComparisonOperations.all, LogicOperations.all,
            UnaryOperations.all, PowerOperations.all, ActivationOperations.all,
            ReductionOperations.all, FillOperations.all,
            SoftmaxOperations.all, LayerNormOperations.all, RmsNormOperations.all,
            ProductOperations.all, LikelihoodLossOperations.all, EmbeddingOperations.all,
            JoinOperations.all, TriangleOperations.all,
            ForeachOperations.all, MomentOperations.all, IndexedExtremes.all, ScanOperations.all,
            AttentionOperations.all,
            GatherOperations.all, AdvancedIndexing.all, RandomOperations.all,
            DistanceLossOperations.all, GatedOperations.all, OptimizerOperations.all,
            EntropyLossOperations.all, ComparisonReductions.all, RepeatOperations.all,
            SamplingOperations.all,
        ]
        var operations: [String: Operation] = [:]
        for operation in families.joined() {
            let previous = operations.updateValue(operation, forKey: operation.name)
            precondition(previous == nil, "\(operation.name) is defined twice")
        }
        return operations
    }()
}
