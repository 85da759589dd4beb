import CostModel
import Testing
import Wire

@Suite struct PhaseInferenceTests {
    @Test func `hints of the operations of a transformer`() {
        #expect(
            shape("aclnnEmbedding", tensor([9, 4]), tensor([2, 1], type: 9), tensor([2, 1, 4])).hint
                == .decode)
        #expect(
            shape("aclnnEmbedding", tensor([9, 4]), tensor([5], type: 9), tensor([5, 4])).hint
                == .none)
        #expect(
            shape("aclnnMatmul", tensor([8, 1, 64]), tensor([64, 64]), tensor([8, 1, 64])).hint
                == .decode)
        #expect(
            shape("aclnnMatmul", tensor([8, 5, 64]), tensor([64, 64]), tensor([8, 5, 64])).hint
                == .prefill)
        #expect(
            shape("aclnnMatmul", tensor([8, 64]), tensor([64, 64]), tensor([8, 64])).hint == .none)
        #expect(
            shape("aclnnSoftmax", tensor([8, 4, 1, 77]), tensor([8, 4, 1, 77])).hint == .decode)
        #expect(
            shape("aclnnSoftmax", tensor([8, 4, 77, 77]), tensor([8, 4, 77, 77])).hint == .prefill)
        #expect(shape("aclnnSoftmax", tensor([8, 1000]), tensor([8, 1000])).hint == .none)
        #expect(
            shape("aclnnGeluBackward", tensor([8, 5, 64]), tensor([8, 5, 64])).hint == .training)
        #expect(shape("aclnnIncreFlashAttentionV4", tensor([1])).hint == .decode)
        #expect(shape("aclnnPromptFlashAttentionV3", tensor([1])).hint == .prefill)
    }

    @Test(
        arguments: [([1, 2, 3], .decode), ([7, 9, 12], .prefill), ([1, 8, 9], .mixed)]
            as [([Int64], PhaseHint)])
    func `packed sequences tell by their lengths`(ends: [Int64], hint: PhaseHint) {
        let total = ends.last ?? 0
        let attention = shape(
            "aclnnFusedInferAttentionScore", tensor([total, 8, 64]), tensor([100, 8, 64]),
            .integers(ends), .string(Array("TND".utf8)))
        #expect(attention.hint == hint)
    }

    @Test func `what has no hint belongs to the phase before it`() {
        var inference = PhaseInference()
        #expect(inference.observe(.none) == .other)
        #expect(inference.observe(.prefill) == .prefill)
        #expect(inference.observe(.none) == .prefill)
        #expect(inference.observe(.decode) == .decode)
        #expect((0..<256).map { _ in inference.observe(.none) }.allSatisfy { $0 == .decode })
        #expect(inference.observe(.none) == .other)
        #expect(inference.observe(.mixed) == .mixed)
    }

    @Test func `training is no prefill once a gradient was seen`() {
        var inference = PhaseInference()
        #expect(inference.observe(.prefill) == .prefill)
        #expect(inference.observe(.training) == .other)
        #expect(inference.observe(.prefill) == .other)
        for _ in 0..<8192 { _ = inference.observe(.none) }
        #expect(inference.observe(.prefill) == .prefill)
    }
}
