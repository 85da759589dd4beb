import Glibc

/// Random contents and dropout, from seed and offset alone.
enum RandomOperations {
    static let all: [Operation] = contents + masks + dropout

    private static let contents: [Operation] = unsafe [
        fill("aclnnInplaceNormal", "Tffii", "selfRef:fd mean std seed offset", normal),
        fill("aclnnInplaceUniform", "Tddii", "selfRef:fd from to seed offset", uniform),
        fill("aclnnInplaceRandom", "Tiiii", "selfRef from to seed offset", integers),
        bernoulli("aclnnInplaceBernoulli", "TSii", "selfRef prob seed offset", result: 0),
        bernoulli("aclnnBernoulli", "TSiiT", "self prob seed offset out", result: 4),
        permutation,
    ]

    typealias Filling =
        @Sendable (Arguments, Philox, TensorView, UnsafeMutablePointer<Float>) -> Void

    /// Fills the tensor's elements, counted in the order of their indices.
    private static func fill(
        _ name: String, _ classes: String, _ parameters: String, _ filling: @escaping Filling
    ) -> Operation {
        .define(
            name, classes, parameters, check: { (_) throws(OperationRefusal) in },
            run: { arguments in
                let target = arguments.tensor(0)
                let source = Philox(
                    seed: Int64(arguments.integer(3)), offset: Int64(arguments.integer(4)))
                unsafe withScratch(Float.self, count: target.count) { buffer in
                    unsafe filling(arguments, source, target, buffer)
                }
            })
    }

    /// Box and Muller's method: two numbers make two.
    @Sendable
    private static func normal(
        _ arguments: Arguments, _ source: Philox, _ target: TensorView,
        _ buffer: UnsafeMutablePointer<Float>
    ) {
        let (mean, deviation) = (Float(arguments.real(1)), Float(arguments.real(2)))
        for index in stride(from: 0, to: target.count, by: 4) {
            if Cancellation.isRequested { return }
            let numbers = source.block(index >> 2)
            for pair in 0..<2 where index + 2 * pair < target.count {
                let radius = (-2 * Glibc.log(1 - Philox.unit(numbers[2 * pair]))).squareRoot()
                let angle = 2 * Float.pi * Philox.unit(numbers[2 * pair + 1])
                unsafe buffer[index + 2 * pair] = mean + deviation * radius * Glibc.cos(angle)
                if index + 2 * pair + 1 < target.count {
                    unsafe buffer[index + 2 * pair + 1] =
                        mean + deviation * radius * Glibc.sin(angle)
                }
            }
        }
        unsafe writeVector(buffer, to: target)
    }

    @Sendable
    private static func uniform(
        _ arguments: Arguments, _ source: Philox, _ target: TensorView,
        _ buffer: UnsafeMutablePointer<Float>
    ) {
        let (low, high) = (Float(arguments.real(1)), Float(arguments.real(2)))
        source.forEach(target.count) { index, number in
            unsafe buffer[index] = low + (high - low) * Philox.unit(number)
        }
        unsafe writeVector(buffer, to: target)
    }

    /// Whole numbers from `from` up to but not `to`.
    @Sendable
    private static func integers(
        _ arguments: Arguments, _ source: Philox, _ target: TensorView,
        _ buffer: UnsafeMutablePointer<Float>
    ) {
        let from = arguments.integer(1)
        let range = UInt64(bitPattern: Int64(arguments.integer(2) &- from))
        unsafe withScratch(Int64.self, count: target.count) { values in
            for index in wanted(target.count) {
                let numbers = source.block(index)
                let wide = UInt64(numbers.x) << 32 | UInt64(numbers.y)
                let chosen = range == 0 ? wide : wide % range
                unsafe values[index] = Int64(from) &+ Int64(bitPattern: chosen)
            }
            let view = unsafe TensorView(
                base: UnsafeMutableRawPointer(values), type: .int64, shape: target.extents)
            copyElements(view, to: target)
        }
    }

    private static func bernoulli(
        _ name: String, _ classes: String, _ parameters: String, result: Int
    ) -> Operation {
        .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireSameShape(result, as: 0)
                try requireProbability(arguments, 1)
            },
            run: { arguments in
                let target = arguments.tensor(result)
                let source = Philox(
                    seed: Int64(arguments.integer(2)), offset: Int64(arguments.integer(3)))
                let probability = Float(arguments.scalar(1).double)
                unsafe withScratch(Float.self, count: target.count) { buffer in
                    source.forEach(target.count) { index, number in
                        unsafe buffer[index] = Philox.unit(number) < probability ? 1 : 0
                    }
                    unsafe writeVector(buffer, to: target)
                }
            })
    }

    /// 0..<n in random order.
    private static let permutation = Operation.define(
        "aclnnRandperm", "iiiT", "n seed offset out",
        check: { (arguments) throws(OperationRefusal) in
            try arguments.requireShape(3, [arguments.integer(0)])
        },
        run: { arguments in
            let target = arguments.tensor(3)
            let source = Philox(
                seed: Int64(arguments.integer(1)), offset: Int64(arguments.integer(2)))
            guard var order = Scratch.array(repeating: Int64(0), count: target.count) else {
                return
            }
            for index in order.indices { order[index] = Int64(index) }
            for index in stride(from: order.count - 1, to: 0, by: -1) {
                if Cancellation.isRequested { return }
                order.swapAt(index, Int(source.number(index)) % (index + 1))
            }
            unsafe order.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                unsafe copyElements(
                    TensorView(base: base, type: .int64, shape: target.extents), to: target)
            }
        })

    static func requireProbability(
        _ arguments: Arguments, _ index: Int
    ) throws(OperationRefusal) {
        let probability = arguments.number(index).double
        if !(0...1).contains(probability) {
            throw arguments.invalid(index, "probability \(probability)")
        }
    }

    private static let masks: [Operation] = [
        generateMask("aclnnDropoutGenMask", "IdiiT", "shape prob seed offset out:i"),
        generateMask(
            "aclnnDropoutGenMaskV2", "IdiiwT", "shape prob seed offset probDataType out:i"),
    ]

    /// One bit for each element: 1, kept, with probability 1 − prob.
    private static func generateMask(
        _ name: String, _ classes: String, _ parameters: String
    ) -> Operation {
        let result = classes.utf8.count - 1
        return .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try requireProbability(arguments, 1)
                let count = try arguments.elementCount(0)
                let mask = arguments.tensor(result)
                if !mask.isContiguous || mask.count * mask.type.bytes < (count + 7) / 8 {
                    throw arguments.invalid(result, "shape \(mask.extents) for \(count) elements")
                }
            },
            run: { arguments in
                let mask = arguments.tensor(result)
                let bytes = unsafe mask.base.assumingMemoryBound(to: UInt8.self)
                let source = Philox(
                    seed: Int64(arguments.integer(2)), offset: Int64(arguments.integer(3)))
                let probability = Float(arguments.real(1))
                for byte in wanted(mask.count * mask.type.bytes) {
                    var bits: UInt8 = 0
                    for half in 0..<2 {
                        let numbers = source.block(2 * byte + half)
                        for k in 0..<4 where Philox.unit(numbers[k]) >= probability {
                            bits |= 1 << UInt8(4 * half + k)
                        }
                    }
                    unsafe bytes[byte] = bits
                }
            })
    }

    private static let dropout: [Operation] = [
        applyMask("aclnnDropoutDoMask", "TTdT", "self:f mask:ib prob out:f") { 1 / (1 - $0) },
        applyMask("aclnnDropoutBackward", "TTdT", "gradOutput:f mask:ib scale out:f") { $0 },
    ]

    private static func applyMask(
        _ name: String, _ classes: String, _ parameters: String,
        _ scale: @escaping @Sendable (Double) -> Double
    ) -> Operation {
        .define(
            name, classes, parameters,
            check: { (arguments) throws(OperationRefusal) in
                try arguments.requireSameShape(3, as: 0)
                let (input, mask) = (arguments.tensor(0), arguments.tensor(1))
                if !mask.isContiguous || mask.count * mask.type.bytes < (input.count + 7) / 8 {
                    throw arguments.invalid(1, "shape \(mask.extents) for \(input.count) elements")
                }
            },
            run: { arguments in
                let (input, output) = (arguments.tensor(0), arguments.tensor(3))
                let bits = unsafe arguments.tensor(1).base.assumingMemoryBound(to: UInt8.self)
                let factor = Float(scale(arguments.real(2)))
                unsafe withScratch(Float.self, count: input.count) { buffer in
                    unsafe copyElements(
                        input,
                        to: TensorView(
                            base: UnsafeMutableRawPointer(buffer), type: .float32,
                            shape: input.extents))
                    for i in wanted(input.count) {
                        let keeps = unsafe bits[i >> 3] >> UInt8(i & 7) & 1
                        unsafe buffer[i] = keeps == 0 ? 0 : buffer[i] * factor
                    }
                    unsafe writeVector(buffer, to: output)
                }
            })
    }
}
