import CostModel
import Testing
import Wire

/// Figures worked out by hand from the models' published shapes.
@Suite struct ServingWorkTests {
    @Test func `decode over a paged cache reads the sequences, not the cache`() {
        // Qwen2.5-7B: 28 heads of 128, 4 of keys; two sequences of 1000 and 3000 positions in a
        // cache of 4096 pages of 128.
        let shape = OperationShape(
            function: "aclnnFusedInferAttentionScoreV4",
            tensors: [
                tensor([2, 1, 3584]), tensor([4096, 128, 512]), tensor([4096, 128, 512]),
                tensor([2, 32], type: 3), tensor([2, 1, 3584]),
            ], strings: ["BSH"], integers: [[1000, 3000]])
        #expect(shape.kind == .attention)
        #expect(shape.flops == 4 * 3584 * 4000)
        #expect(shape.bytes == 2 * 2 * 3584 * 2 + 4000 * 512 * 2 * 2)
        #expect(shape.tokens == 2)
    }

    @Test func `a packed batch goes by where its sequences end`() {
        let shape = OperationShape(
            function: "aclnnFusedInferAttentionScore",
            tensors: [
                tensor([300, 28, 128]), tensor([300, 4, 128]), tensor([300, 4, 128]),
                tensor([300, 28, 128]),
            ], strings: ["TND"], integers: [[100, 300], [100, 300]])
        #expect(shape.flops == 4 * 3584 * (100 * 100 + 200 * 200))
        #expect(shape.tokens == 300)
    }

    @Test func `latent keys are their own values`() {
        let shape = OperationShape(
            function: "aclnnFusedInferAttentionScoreV3",
            tensors: [
                tensor([4, 128, 1, 512]), tensor([64, 1, 128, 512]), tensor([64, 1, 128, 512]),
                tensor([4, 16], type: 3), tensor([4, 128, 1, 512]),
            ], strings: ["BNSD"], integers: [[2000, 2000, 2000, 2000]])
        #expect(shape.bytes == 2 * 4 * 128 * 512 * 2 + 8000 * 512 * 2)
    }

    @Test func `experts without tokens are not read`() {
        let weights = tensor([256, 7168, 4096])
        let few = OperationShape(
            function: "aclnnGroupedMatmulV4",
            tensors: [tensor([8, 7168]), weights, tensor([256], type: 9), tensor([8, 4096])])
        let many = OperationShape(
            function: "aclnnGroupedMatmulV4",
            tensors: [
                tensor([8192, 7168]), weights, tensor([256], type: 9), tensor([8192, 4096]),
            ])
        #expect(few.kind == .matrix)
        #expect(few.flops == 2 * 8 * 7168 * 4096)
        #expect(few.bytes == 8 * 7168 * 4096 * 2 + 8 * 7168 * 2 + 256 * 8 + 8 * 4096 * 2)
        #expect(many.bytes > 256 * 7168 * 4096 * 2)
    }

    @Test func `a transposed weight of a quantised product is recognised`() {
        let shape = OperationShape(
            function: "aclnnQuantMatmulV5",
            tensors: [
                tensor([16, 4096], type: 2), tensor([1024, 4096], type: 2), tensor([1024], type: 0),
                tensor([16, 1024]),
            ])
        #expect(shape.flops == 2 * 16 * 4096 * 1024)
    }

    @Test func `the prolog of latent attention multiplies by its four weights`() {
        // DeepSeek-R1: hidden 7168, query rank 1536, 128 heads of 128 + 64, latent 512 + 64.
        let shapes: [[Int64]] = [
            [32, 7168], [7168, 1536], [1536, 24576], [128, 128, 512], [7168, 576], [1536], [512],
            [32, 64], [32, 64], [1024, 128, 1, 512], [1024, 128, 1, 64], [32, 128, 512],
        ]
        let shape = OperationShape(
            function: "aclnnMlaPrologV3", tensors: shapes.map { tensor($0) }, strings: ["PA_BSND"])
        #expect(shape.kind == .matrix)
        let weights: UInt64 = 7168 * 1536 + 1536 * 24576 + 128 * 128 * 512 + 7168 * 576
        #expect(shape.flops == 2 * 32 * weights)
        #expect(shape.bytes < 2 * weights + 32 * 80_000 * 2)
    }

    @Test func `a feed-forward with experts sends a row to one of them`() {
        let shape = OperationShape(
            function: "aclnnFFNV3",
            tensors: [
                tensor([64, 1024]), tensor([8, 1024, 4096]), tensor([8, 4096, 1024]),
                tensor([64, 1024]),
            ])
        #expect(shape.flops == 2 * 64 * 2 * 1024 * 4096)
    }

    @Test func `writing to a cache touches the rows that are written`() {
        let shape = OperationShape(
            function: "aclnnScatterPaKvCache",
            tensors: [
                tensor([8, 4, 128]), tensor([4096, 128, 4, 128]), tensor([8], type: 3),
                tensor([8, 4, 128]), tensor([4096, 128, 4, 128]),
            ])
        #expect(shape.kind == .vector)
        #expect(shape.bytes == 4 * 8 * 512 * 2 + 8 * 4)
    }

    @Test func `hostile shapes overflow nothing`() {
        let huge = tensor([.max, .max, .max])
        for name in [
            "FusedInferAttentionScore", "GroupedMatmul", "FFN", "MlaProlog", "GatherPaKvCache",
        ] {
            for count in 0...5 {
                let shape = OperationShape(
                    function: "aclnn\(name)",
                    tensors: [SignatureTensor](repeating: huge, count: count),
                    strings: ["TND"], integers: [[.min, .max], [.max, .min]])
                #expect(shape.tiles >= 1)
                let negative = OperationShape(
                    function: "aclnn\(name)",
                    tensors: [SignatureTensor](repeating: tensor([-1, 0]), count: count))
                #expect(negative.tiles >= 1)
            }
        }
    }

    private func tensor(_ shape: [Int64], type: Int16 = 1) -> SignatureTensor {
        SignatureTensor(
            type: type, format: 2, shape: shape, strides: shape.map { _ in 1 }, offset: 0,
            storageShape: shape)
    }
}
