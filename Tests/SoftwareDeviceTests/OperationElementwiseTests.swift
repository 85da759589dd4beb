import SoftwareDevice
import Testing

@Suite struct OperationElementwiseTests {
    @Test func everyHalfWidensExactly() {
        let half = HostTensor(.float16, [65536])
        for bits in 0..<65536 {
            (half.memory + 2 * bits).storeBytes(of: UInt16(bits), as: UInt16.self)
        }
        let wide = HostTensor(.float32, [65536])
        #expect(perform("aclnnInplaceCopy", [wide.argument, half.argument]))
        let same = zip(half.values, wide.values).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
        #expect(same)
    }

    @Test func roundingToHalfIsToNearestEven() {
        let count = 200_000
        let wide = HostTensor(.float32, [count])
        var state: UInt64 = 3
        for index in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            (wide.memory + 4 * index).storeBytes(of: UInt32(state >> 32), as: UInt32.self)
        }
        let half = HostTensor(.float16, [count])
        #expect(perform("aclnnInplaceCopy", [half.argument, wide.argument]))
        let same = zip(wide.values, half.values).allSatisfy { value, got in
            let expected = Double(Float16(Float(value)))
            return expected == got || (expected.isNaN && got.isNaN)
        }
        #expect(same)
    }

    @Test func sumsOfHalvesAreRoundedOnce() {
        // 256 + 6 · 0.5 is 259, which rounds to the even 260; a product of steps would lose more.
        let a = HostTensor([256, 1], .bfloat16)
        let b = HostTensor([0.5, 2], .bfloat16)
        let out = HostTensor(.bfloat16, [2])
        #expect(perform("aclnnAdd", [a.argument, b.argument, scalar(6), out.argument]))
        #expect(out.values == [260, 13])
    }

    @Test func operandsBroadcast() {
        let a = HostTensor([1, 2], .float32, [2, 1])
        let b = HostTensor([10, 20, 30], .float32, [3])
        let out = HostTensor(.float32, [2, 3])
        #expect(perform("aclnnMul", [a.argument, b.argument, out.argument]))
        #expect(out.values == [10, 20, 30, 20, 40, 60])
    }

    @Test(arguments: [3, 63, 64, 65, 1023, 1024, 1025, 5000])
    func longRowsAndShortOnesAgree(width: Int) {
        let values = numbers(3 * width)
        let a = HostTensor(values, .float32, [3, width])
        let out = HostTensor(.float32, [width, 3])
        // The transposed view of `a` into a contiguous result, plus a column.
        let column = HostTensor([1, 2, 3])
        let turned = Argument.tensor(a.view([width, 3], [1, width]))
        #expect(perform("aclnnAdd", [turned, column.argument, scalar(1), out.argument]))
        var expected: [Double] = []
        for i in 0..<width {
            for j in 0..<3 { expected.append(values[j * width + i] + Double(j + 1)) }
        }
        #expect(close(out.values, expected, 1e-6))
    }

    @Test func negativeStridesAndOffsetsAreFollowed() {
        let a = HostTensor([1, 2, 3, 4, 5, 6])
        let out = HostTensor(.float32, [3])
        #expect(perform("aclnnNeg", [.tensor(a.view([3], [-2], 5)), out.argument]))
        #expect(out.values == [-6, -4, -2])
    }

    @Test func aResultMayBeAnInput() {
        let a = HostTensor(numbers(37))
        let before = a.values
        #expect(perform("aclnnInplaceAdd", [a.argument, a.argument, scalar(2)]))
        #expect(close(a.values, before.map { $0 * 3 }, 1e-6))
    }

    @Test func typesArePromotedInside() {
        let a = HostTensor([1, 2, 3], .int32)
        let b = HostTensor([0.5, 0.25, -1.5], .float16)
        let out = HostTensor(.float32, [3])
        #expect(perform("aclnnAdd", [a.argument, b.argument, scalar(1), out.argument]))
        #expect(out.values == [1.5, 2.25, 1.5])
        #expect(perform("aclnnMuls", [a.argument, scalar(2.5), out.argument]))
        #expect(out.values == [2.5, 5, 7.5])
        // More digits than a double has.
        let large = HostTensor(.int64, [1])
        large.memory.storeBytes(of: (1 << 53) + 1, as: Int64.self)
        let product = HostTensor(.int64, [1])
        #expect(perform("aclnnMuls", [large.argument, scalar(3), product.argument]))
        #expect(product.memory.load(as: Int64.self) == 3 * ((1 << 53) + 1))
    }

    @Test func emptyAndZeroDimensionalTensorsWork() {
        let empty = HostTensor(.float32, [0, 3])
        #expect(perform("aclnnExp", [empty.argument, empty.argument]))
        let point = HostTensor([2], .float32, [])
        let out = HostTensor(.float32, [])
        #expect(perform("aclnnAdd", [point.argument, point.argument, scalar(1), out.argument]))
        #expect(out.values == [4])
    }

    @Test func quotientsRoundAsTheModeSays() {
        let a = HostTensor([7, -7, 7, -7], .int64)
        let b = HostTensor([2, 2, -2, -2], .int64)
        let out = HostTensor(.int64, [4])
        #expect(perform("aclnnDivMod", [a.argument, b.argument, .integer(2), out.argument]))
        #expect(out.values == [3, -4, -4, 3])
        #expect(perform("aclnnDivMod", [a.argument, b.argument, .integer(1), out.argument]))
        #expect(out.values == [3, -3, -3, 3])
        let zero = HostTensor(.int64, [4])
        #expect(perform("aclnnFloorDivide", [a.argument, zero.argument, out.argument]))
    }

    @Test func notANumberPassesThrough() {
        let a = HostTensor([.nan, 1, .infinity])
        let b = HostTensor([1, .nan, 2])
        let out = HostTensor(.float32, [3])
        #expect(perform("aclnnMaximum", [a.argument, b.argument, out.argument]))
        #expect(out.values[0].isNaN && out.values[1].isNaN && out.values[2] == .infinity)
        for name in ["aclnnExp", "aclnnTanh", "aclnnSilu", "aclnnGelu", "aclnnRelu"] {
            #expect(perform(name, [a.argument, out.argument]))
            #expect(out.values[0].isNaN, "\(name)")
        }
    }

    @Test func theSameInputsGiveTheSameBits() {
        let a = HostTensor(numbers(1000), .bfloat16)
        let outs = (0..<2).map { _ in HostTensor(.bfloat16, [1000]) }
        for out in outs { #expect(perform("aclnnGelu", [a.argument, out.argument])) }
        #expect(outs[0].values == outs[1].values)
    }

    @Test func listsTakeAScalarEach() {
        let tensors = [HostTensor([1, 2]), HostTensor([3, 4, 5])]
        let outs = [HostTensor(.float32, [2]), HostTensor(.float32, [3])]
        let scalars = [2.0, 4.0].map {
            ScalarArgument(type: DataType.float64.rawValue, bytes: ($0.bitPattern, 0))
        }
        let arguments: [Argument] = [
            .tensorList(tensors.map(\.tensor)), .scalarList(scalars),
            .tensorList(outs.map(\.tensor)),
        ]
        #expect(perform("aclnnForeachDivScalarList", arguments))
        #expect(outs[0].values == [0.5, 1])
        #expect(outs[1].values == [0.75, 1, 1.25])
    }
}
