import CostModel
import Testing
import Wire

/// A contiguous tensor; type 27 is bfloat16, 9 int64, 0 float.
func tensor(_ shape: [Int64], type: Int16 = 27) -> SignatureItem {
    var strides: [Int64] = []
    var stride: Int64 = 1
    for extent in shape.reversed() {
        strides.insert(stride, at: 0)
        stride = stride &* max(1, extent)
    }
    return .tensor(
        SignatureTensor(
            type: type, format: 2, shape: shape, strides: strides, offset: 0, storageShape: shape))
}

func shape(_ function: String, _ items: SignatureItem...) -> OperationShape {
    OperationShape(function: function, signature: Signature(items: items))
}

@Suite struct OperationShapeTests {
    @Test func `a product counts two operations a multiply-add`() {
        let mm = shape("aclnnMm", tensor([32, 3584]), tensor([3584, 18944]), tensor([32, 18944]))
        #expect(mm.kind == .matrix)
        #expect(mm.flops == 2 * 32 * 3584 * 18944)
        #expect(mm.bytes == 2 * (32 * 3584 + 3584 * 18944 + 32 * 18944))
        #expect(mm.tokens == 32)
        #expect(mm.hint == .none)
    }

    @Test(arguments: ["aclnnAddmm", "aclnnAddmmGetWorkspaceSize", "aclnnBaddbmm"])
    func `what is added comes before the factors`(name: String) {
        let addmm = shape(
            name, tensor([64]), tensor([8, 128]), tensor([128, 64]), tensor([8, 64]))
        #expect(addmm.flops == 2 * 8 * 128 * 64)
        #expect(addmm.tokens == 8)
    }

    @Test func `index tensors that broadcast count all that they write`() {
        let wide = shape(
            "aclnnIndexPutImpl", tensor([4, 4], type: 0), tensor([1 << 20, 1], type: 9),
            tensor([1, 1 << 20], type: 9), tensor([1], type: 0))
        #expect(wide.bytes >= 4 << 40)
        let rows = shape(
            "aclnnIndexPutImpl", tensor([1000, 64], type: 0), tensor([10], type: 9),
            tensor([10, 64], type: 0))
        #expect(rows.bytes == 4 * 1000 * 64 + 8 * 10 + 2 * 4 * 10 * 64)
    }

    @Test func `batched products count every batch`() {
        let scores = shape(
            "aclnnBatchMatMul", tensor([4, 28, 512, 128]), tensor([4, 28, 128, 512]),
            tensor([4, 28, 512, 512]))
        #expect(scores.flops == 2 * 4 * 28 * 512 * 512 * 128)
        #expect(scores.tokens == 0)
        let broadcast = shape(
            "aclnnMatmul", tensor([16, 8]), tensor([5, 8, 4]), tensor([5, 16, 4]))
        #expect(broadcast.flops == 2 * 5 * 16 * 8 * 4)
        let vector = shape("aclnnMv", tensor([16, 8]), tensor([8]), tensor([16]))
        #expect(vector.flops == 2 * 16 * 8)
    }

    @Test(
        arguments: [
            ("BNSD", [2, 28, 100, 128], [2, 4, 300, 128]),
            ("BSND", [2, 100, 28, 128], [2, 300, 4, 128]),
            ("BSH", [2, 100, 3584], [2, 300, 512]), ("SBH", [100, 2, 3584], [300, 2, 512]),
        ] as [(String, [Int64], [Int64])])
    func `attention reads its layout`(layout: String, query: [Int64], key: [Int64]) {
        let attention = shape(
            "aclnnFlashAttentionScore", tensor(query), tensor(key), tensor(key),
            .tensor(nil), .tensor(nil), .tensor(nil), .tensor(nil), .integers(nil),
            .real(0.1, letter: UInt8(ascii: "d")), .string(Array(layout.utf8)))
        #expect(attention.kind == .attention)
        #expect(attention.flops == 4 * 2 * 100 * 3584 * 300)
        #expect(attention.tokens == 200)
        #expect(attention.hint == .prefill)
    }

    @Test func `a gradient of attention does five products where the forward pass does two`() {
        let query = tensor([1, 8, 64, 64])
        let forward = shape(
            "aclnnFlashAttentionScore", query, query, query, .string(Array("BNSD".utf8)))
        let gradient = shape(
            "aclnnFlashAttentionScoreGrad", query, query, query, .string(Array("BNSD".utf8)))
        #expect(gradient.flops == forward.flops / 2 * 5)
        #expect(gradient.hint == .training)
    }

    @Test func `an embedding touches as much of its table as it writes`() {
        let embedding = shape(
            "aclnnEmbedding", tensor([152_064, 3584]), tensor([4, 7], type: 9),
            tensor([4, 7, 3584]))
        #expect(embedding.bytes == 2 * (4 * 7 * 3584 * 2) + 4 * 7 * 8)
        #expect(embedding.tokens == 28)
        #expect(embedding.hint == .prefill)
    }

    @Test func `arguments that are no signature give the same shape`() {
        let query = tensor([3, 28, 128])
        let ends: [Int64] = [1, 2, 3]
        let signed = shape(
            "aclnnFusedInferAttentionScore", query, tensor([900, 4, 128]), .tensor(nil),
            .integers(ends), .string(Array("none".utf8)), .string(Array("TND".utf8)))
        guard case .tensor(let q?) = query, case .tensor(let k?) = tensor([900, 4, 128]) else {
            return
        }
        let neutral = OperationShape(
            function: "aclnnFusedInferAttentionScore", tensors: [q, k], strings: ["none", "TND"],
            integers: [ends])
        #expect(signed == neutral)
        #expect(signed.hint == .decode)
        #expect(signed.tiles == 84)
    }

    @Test func `small operations have few tiles`() {
        let row = shape("aclnnMm", tensor([1, 64]), tensor([64, 40]), tensor([1, 40]))
        #expect(row.tiles == 3)
        let batch = shape(
            "aclnnBatchMatMul", tensor([7, 17, 8]), tensor([7, 8, 16]), tensor([7, 17, 16]))
        #expect(batch.tiles == 14)
        #expect(shape("aclnnAdd", tensor([100], type: 0), tensor([100], type: 0)).tiles == 2)
        #expect(shape("aclnnAdd").tiles == 1)
        let work = batch.chipWork(coresMax: 12)
        #expect(work.resource == .cube && work.tiles == 14 && work.coresMax == 12)
        #expect(work.flops == Double(batch.flops) && work.hbmBytes == Double(batch.bytes))
        #expect(work.fixedNanoseconds == 5_000)
    }

    @Test func `lists count all their tensors`() {
        guard case .tensor(let one) = tensor([100], type: 0) else { return }
        let foreach = shape("aclnnForeachMulScalarV2", .tensorList([one, nil, one]))
        #expect(foreach.bytes == 800)
        #expect(foreach.kind == .vector)
    }

    @Test func `hostile shapes saturate`() {
        let huge = shape(
            "aclnnMm", tensor([.max, .max]), tensor([.max, .max]), tensor([.max, .max]))
        #expect(huge.flops == .max)
        #expect(huge.bytes == .max)
        #expect(huge.predictedNanoseconds(on: .ascend910B2) < 90_000_000_000_000)
        for name in [
            "aclnnMm", "aclnnAddmm", "aclnnEmbedding", "aclnnFlashAttentionScore", "", "aclnn",
        ] {
            _ = shape(name)
            _ = shape(name, tensor([]))
            _ = shape(name, tensor([0]), tensor([-1, 0]), tensor([]))
        }
    }
}

@Suite struct OperationKindTests {
    @Test(
        arguments: [
            ("aclnnMm", .matrix), ("aclnnMatmul", .matrix),
            ("aclnnBatchMatMulGetWorkspaceSize", .matrix),
            ("aclnnQuantMatmulV4", .matrix), ("aclnnAddmm", .matrix), ("aclnnConvolution", .matrix),
            ("aclnnFlashAttentionScore", .attention),
            ("aclnnFusedInferAttentionScoreV2", .attention),
            ("aclnnAdd", .vector), ("aclnnInplaceCopy", .vector), ("aclnnSoftmax", .vector),
            ("aclnnAddcmul", .vector), ("HcclAllReduce", .communication),
        ] as [(String, OperationKind)])
    func `a name tells the kind`(name: String, kind: OperationKind) {
        #expect(OperationKind(function: name) == kind)
    }
}
