import AscendCL
import SoftwareDevice
import Testing

@Suite struct OperationCatalogTests {
    @Test func namesAreSortedAndFound() {
        let names = OperationCatalog.names
        #expect(names == names.sorted())
        #expect(names.allSatisfy { OperationCatalog.operation(named: $0)?.name == $0 })
        #expect(OperationCatalog.operation(named: "aclnnNoSuchThing") == nil)
    }

    /// The letters of an operation's arguments stand in the API table; here they say what its code
    /// reads. The table's also have the workspace's size and the executor.
    @Test func argumentsAreThoseOfTheTable() throws {
        for name in OperationCatalog.names {
            let function = try #require(
                APITable.standard.function(named: name + "GetWorkspaceSize"), "\(name)")
            let letters = function.argumentClasses.filter { !"WE".contains($0) }
            #expect(OperationCatalog.operation(named: name)?.classes == letters, "\(name)")
        }
    }

    @Test func transformersFindTheirOperations() {
        let needed = [
            "Add", "Addmm", "Cat", "Embedding", "EmbeddingDenseBackward", "FlashAttentionScore",
            "FlashAttentionScoreGrad", "ForeachAddcmulScalarV2", "GeluBackward", "InplaceCopy",
            "LayerNormBackward", "LogSoftmaxBackward", "Matmul", "NLLLossBackward", "RmsNormGrad",
            "SiluBackward", "SoftmaxBackward", "Triu",
        ]
        #expect(needed.allSatisfy { OperationCatalog.operation(named: "aclnn\($0)") != nil })
    }
}

@Suite struct OperationRefusalTests {
    let a = HostTensor(numbers(6), .float32, [2, 3])
    let out = HostTensor(.float32, [2, 3])

    @Test func nullIsNamed() {
        let found = refusal("aclnnAdd", [a.argument, .tensor(nil), scalar(1), out.argument])
        #expect(found?.status == 161_001)
        #expect(found?.message == "aclnnAdd: argument other: null pointer")
    }

    @Test func shapesThatDoNotBroadcastAreNamed() {
        let b = HostTensor(numbers(4), .float32, [4])
        let found = refusal("aclnnAdd", [a.argument, b.argument, scalar(1), out.argument])
        #expect(found?.status == 161_002)
        #expect(
            found?.message == "aclnnAdd: argument other: shape [4] does not broadcast to [2, 3]")
    }

    @Test func typesAreNamed() {
        let labels = HostTensor(.float32, [2])
        let table = HostTensor(.float32, [4, 3])
        let found = refusal("aclnnEmbedding", [table.argument, labels.argument, out.argument])
        #expect(found?.status == 161_002)
        #expect(found?.message.contains("indices: data type float32 is not supported") == true)
    }

    /// `a`, described otherwise.
    private func altered(type: Int32? = nil, strides: [Int]? = nil) -> TensorArgument {
        let tensor = a.tensor
        return TensorArgument(
            storage: tensor.storage, type: type ?? tensor.type, shape: tensor.shape,
            strides: strides ?? tensor.strides, offset: tensor.offset,
            storageShape: tensor.storageShape, format: tensor.format)
    }

    @Test func anUnknownTypeIsRefused() {
        let tensor = altered(type: 99)
        let found = refusal("aclnnNeg", [.tensor(tensor), out.argument])
        #expect(found?.message.contains("aclDataType 99") == true)
    }

    @Test func productsMustMatch() {
        let b = HostTensor(numbers(6), .float32, [2, 3])
        let found = refusal("aclnnMatmul", [a.argument, b.argument, out.argument, .integer(0)])
        #expect(found?.message.contains("mat2: shape [2, 3] does not match [2, 3]") == true)
    }

    @Test func argumentsOfAnotherKindAreRefused() {
        #expect(refusal("aclnnNeg", [a.argument, scalar(1)])?.status == 161_002)
        #expect(refusal("aclnnNeg", [a.argument])?.status == 161_002)
        let flat = altered(strides: [1])
        #expect(refusal("aclnnNeg", [.tensor(flat), out.argument])?.status == 161_002)
        var wild = a.tensor
        wild.storage = nil
        #expect(refusal("aclnnNeg", [.tensor(wild), out.argument])?.status == 161_001)
    }
}
