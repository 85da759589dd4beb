import SoftwareDevice
import Testing

@Suite struct OperationProductTests {
    /// a·b by definition; both row-major.
    func product(_ a: [Double], _ b: [Double], _ m: Int, _ k: Int, _ n: Int) -> [Double] {
        var result = [Double](repeating: 0, count: m * n)
        for i in 0..<m {
            for j in 0..<n {
                for d in 0..<k { result[i * n + j] += a[i * k + d] * b[d * n + j] }
            }
        }
        return result
    }

    @Test(arguments: [(1, 1, 1), (5, 7, 3), (1, 64, 128), (33, 17, 65)])
    func anyLayoutGivesTheProduct(m: Int, k: Int, n: Int) {
        let (a, b) = (numbers(m * k, seed: 2), numbers(k * n, seed: 3))
        let expected = product(a, b, m, k, n)
        let (left, right) = (HostTensor(a, .float32, [m, k]), HostTensor(b, .float32, [k, n]))
        let out = HostTensor(.float32, [m, n])
        let precision = Argument.integer(0)
        #expect(perform("aclnnMm", [left.argument, right.argument, out.argument, precision]))
        #expect(close(out.values, expected, 1e-4))

        // Both factors stored transposed, every second element.
        let storedA = HostTensor(.float32, [k, 2 * m])
        let storedB = HostTensor(.float32, [2 * n, k])
        let viewA = Argument.tensor(storedA.view([m, k], [2, 2 * m]))
        let viewB = Argument.tensor(storedB.view([k, n], [1, 2 * k]))
        #expect(perform("aclnnInplaceCopy", [viewA, left.argument]))
        #expect(perform("aclnnInplaceCopy", [viewB, right.argument]))
        #expect(perform("aclnnMm", [viewA, viewB, out.argument, precision]))
        #expect(close(out.values, expected, 1e-4))
    }

    @Test func batchesBroadcast() {
        let (a, b) = (numbers(2 * 3 * 4, seed: 4), numbers(5 * 4 * 2, seed: 5))
        let left = HostTensor(a, .float32, [2, 1, 3, 4])
        let right = HostTensor(b, .float32, [5, 4, 2])
        let out = HostTensor(.float32, [2, 5, 3, 2])
        #expect(
            perform("aclnnMatmul", [left.argument, right.argument, out.argument, .integer(0)]))
        var expected: [Double] = []
        for i in 0..<2 {
            for j in 0..<5 {
                let (x, y) = (Array(a[i * 12..<i * 12 + 12]), Array(b[j * 8..<j * 8 + 8]))
                expected += product(x, y, 3, 4, 2)
            }
        }
        #expect(close(out.values, expected, 1e-4))
    }

    @Test func addmmScalesBothParts() {
        let (a, b) = (numbers(6, seed: 6), numbers(6, seed: 7))
        let left = HostTensor(a, .float32, [2, 3])
        let right = HostTensor(b, .float32, [3, 2])
        let bias = HostTensor([10, 20], .float32, [2])
        let out = HostTensor(.float32, [2, 2], filledWith: .nan)
        let arguments = [
            bias.argument, left.argument, right.argument, scalar(0.5), scalar(2), out.argument,
            .integer(0),
        ]
        #expect(perform("aclnnAddmm", arguments))
        let expected = product(a, b, 2, 3, 2).enumerated().map { index, value in
            2 * value + (index % 2 == 0 ? 5 : 10)
        }
        #expect(close(out.values, expected, 1e-4))
        // β = 0 leaves out what may be no number.
        let hollow = HostTensor([.nan, .nan], .float32, [2])
        let plain = [
            hollow.argument, left.argument, right.argument, scalar(0), scalar(1), out.argument,
            .integer(0),
        ]
        #expect(perform("aclnnAddmm", plain))
        #expect(close(out.values, product(a, b, 2, 3, 2), 1e-4))
    }

    @Test func anEmptyDepthGivesZero() {
        let (a, b) = (HostTensor(.float32, [2, 0]), HostTensor(.float32, [0, 3]))
        let out = HostTensor(.float32, [2, 3], filledWith: 9)
        #expect(perform("aclnnMm", [a.argument, b.argument, out.argument, .integer(0)]))
        #expect(out.values == [0, 0, 0, 0, 0, 0])
    }

    @Test func attentionAgreesWithItsDefinition() {
        let (length, channels) = (6, 4)
        let count = length * channels
        let (q, k, v) = (numbers(count, seed: 8), numbers(count, seed: 9), numbers(count, seed: 10))
        let shape = [1, 1, length, channels]
        let tensors = [q, k, v].map { HostTensor($0, .float32, shape) }
        let out = HostTensor(.float32, shape)
        let statistics = (0..<2).map { _ in HostTensor(.float32, [1, 1, length, 8]) }
        // Causal, in the mode that says so without a mask of its own.
        var arguments: [Argument] = tensors.map(\.argument)
        arguments += [.tensor(nil), .tensor(nil), .tensor(nil), .tensor(nil), .integers(nil)]
        arguments += [.real(0.5), .real(1), .integer(65536), .integer(65536), .integer(1)]
        arguments += [.string("BNSD"), .integer(0), .integer(2)]
        arguments += statistics.map(\.argument) + [.tensor(nil), out.argument]
        #expect(perform("aclnnFlashAttentionScore", arguments))
        var expected: [Double] = []
        for i in 0..<length {
            let weights = (0...i).map { j in
                var dot = 0.0
                for d in 0..<channels { dot += q[i * channels + d] * k[j * channels + d] }
                return Double(singleExponential(Float(dot * 0.5)))
            }
            let total = weights.reduce(0, +)
            for d in 0..<channels {
                var value = 0.0
                for j in 0...i { value += weights[j] / total * v[j * channels + d] }
                expected.append(value)
            }
        }
        #expect(close(out.values, expected, 1e-4))
    }

    /// By the operation itself, so that the test needs no mathematics library.
    func singleExponential(_ x: Float) -> Float {
        let (input, out) = (HostTensor([Double(x)]), HostTensor(.float32, [1]))
        return perform("aclnnExp", [input.argument, out.argument]) ? Float(out.values[0]) : .nan
    }
}
