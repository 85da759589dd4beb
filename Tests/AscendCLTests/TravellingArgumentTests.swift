import AscendCL
import Testing

/// Which arguments belong to a plan, and which travel with each launch.
@Suite struct TravellingArgumentTests {
    @Test(arguments: [
        ("aclnnAdd", ["alpha"]),
        ("aclnnDropoutGenMask", ["prob", "seed", "offset"]),
        ("aclnnSoftmax", []),
        ("aclnnAddmm", ["beta", "alpha"]),
        ("aclnnCumprod", []),
        ("aclnnForeachMulScalarList", ["scalars"]),
        ("aclnnFlashAttentionScore", ["prefixOptional", "scaleValue", "keepProb"]),
        ("aclnnInplaceRandom", ["from", "to", "seed", "offset"]),
        ("aclnnUpsampleNearest3d", []),
    ])
    func `values travel`(name: String, expected: [String]) throws {
        let function = try #require(
            APITable.standard.function(named: name + "GetWorkspaceSize"))
        let travelling = function.parameters.enumerated().filter {
            function.travellingArguments >> UInt64($0.offset) & 1 != 0
        }
        #expect(travelling.map(\.element.name) == expected)
    }

    @Test func `neither tensors nor strings nor results are named`() {
        for function in APITable.standard.functions {
            for (index, letter) in function.argumentClasses.enumerated()
            where function.travellingArguments >> UInt64(index) & 1 != 0 {
                #expect(!"TLs".contains(letter), "\(function.name) \(index)")
            }
            let beyond = function.travellingArguments >> UInt64(function.argumentClasses.utf8.count)
            #expect(beyond == 0, "\(function.name)")
        }
    }
}
