import SoftwareDevice
import Testing

@Suite(.serialized) struct OperationIndexingTests {
    let table = HostTensor((0..<12).map(Double.init), .float32, [4, 3])

    @Test func embeddingPicksRows() {
        let indices = HostTensor([3, 0, 3], .int64)
        let out = HostTensor(.float32, [3, 3])
        #expect(perform("aclnnEmbedding", [table.argument, indices.argument, out.argument]))
        #expect(out.values == [9, 10, 11, 0, 1, 2, 9, 10, 11])
    }

    @Test func anIndexOutOfBoundsIsAFault() {
        _ = DeviceFault.take()
        let indices = HostTensor([1, 4], .int64)
        let out = HostTensor(.float32, [2, 3])
        #expect(perform("aclnnEmbedding", [table.argument, indices.argument, out.argument]))
        #expect(DeviceFault.take() == "embedding index 4 of 4")
        #expect(DeviceFault.take() == nil)
    }

    @Test func gradientsOfOneRowAreSummed() {
        let gradient = HostTensor([1, 2, 3, 10, 20, 30], .float16, [2, 3])
        let indices = HostTensor([2, 2], .int32)
        let out = HostTensor(.float16, [4, 3])
        let arguments: [Argument] = [
            gradient.argument, indices.argument, .integer(4), .integer(-1), .integer(0),
            out.argument,
        ]
        #expect(perform("aclnnEmbeddingDenseBackward", arguments))
        #expect(out.values == [0, 0, 0, 0, 0, 0, 11, 22, 33, 0, 0, 0])
    }

    @Test func gatherAndScatterAreInverse() {
        let places = HostTensor([2, 0, 1, 1, 2, 0, 0, 1, 2, 2, 1, 0], .int64, [4, 3])
        let picked = HostTensor(.float32, [4, 3])
        let along = Argument.integer(1)
        #expect(
            perform("aclnnGather", [table.argument, along, places.argument, picked.argument]))
        #expect(picked.values == [2, 0, 1, 4, 5, 3, 6, 7, 8, 11, 10, 9])
        let back = HostTensor(.float32, [4, 3])
        let arguments: [Argument] = [
            back.argument, along, places.argument, picked.argument, .integer(0),
        ]
        #expect(perform("aclnnInplaceScatter", arguments))
        #expect(back.values == table.values)
    }

    @Test func indexTensorsSelectTogether() {
        let rows = HostTensor([0, -1], .int64)
        let columns = HostTensor([2, 1], .int64)
        let out = HostTensor(.float32, [2])
        let list = Argument.tensorList([rows.tensor, columns.tensor])
        #expect(perform("aclnnIndex", [table.argument, list, out.argument]))
        #expect(out.values == [2, 10])
    }

    @Test func tensorsJoinAndArePadded() {
        let (a, b) = (HostTensor([1, 2], .int32, [1, 2]), HostTensor([3, 4], .int32, [1, 2]))
        let joined = HostTensor(.int32, [2, 2])
        let list = Argument.tensorList([a.tensor, b.tensor])
        #expect(perform("aclnnCat", [list, .integer(0), joined.argument]))
        #expect(joined.values == [1, 2, 3, 4])
        let padded = HostTensor(.int32, [2, 4])
        let pads = Argument.integers([1, 1])
        #expect(
            perform("aclnnConstantPadNd", [joined.argument, pads, scalar(7), padded.argument]))
        #expect(padded.values == [7, 1, 2, 7, 7, 3, 4, 7])
    }

    @Test func trianglesKeepTheirSide() {
        let square = HostTensor((1...9).map(Double.init), .float32, [3, 3])
        let out = HostTensor(.float32, [3, 3])
        #expect(perform("aclnnTriu", [square.argument, .integer(1), out.argument]))
        #expect(out.values == [0, 2, 3, 0, 0, 6, 0, 0, 0])
        #expect(perform("aclnnTril", [square.argument, .integer(0), out.argument]))
        #expect(out.values == [1, 0, 0, 4, 5, 0, 7, 8, 9])
    }

    @Test func randomNumbersFollowTheirGenerator() {
        // The published first block of Philox 4x32-10 for key and counter 0.
        let out = HostTensor(.int64, [1])
        let arguments: [Argument] = [
            out.argument, .integer(0), .integer(0), .integer(0), .integer(0),
        ]
        #expect(perform("aclnnInplaceRandom", arguments))
        #expect(UInt64(bitPattern: out.memory.load(as: Int64.self)) == 0x6627_e8d5_e169_c58d)
    }
}
